//! A telephone with nine keys for letters, on the serial port: a main loop without an operating system.
#![no_std]
#![no_main]

use core::fmt::Write;

use device_run::{RunError, context};
use embedded_gpt::{
    Aligned, Config, Model, Progress, Session, SuggestOptions, Suggester, UserDictionary, Workspace, include_model,
};
use few_keys::{KEYS, KeypadPhone};
use qemu_boards::{Machine, entry};
use static_cell::ConstStaticCell;

static BLOB: &Aligned<[u8]> = include_model!(env!("EGPT_MODEL"));
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = context(&CONFIG);
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;
/// What the person types; a product keeps it in flash.
static WORDS: ConstStaticCell<[u8; 1024]> = ConstStaticCell::new([0; 1024]);
static RAM: ConstStaticCell<Ram> = ConstStaticCell::new(Ram::new());

#[entry]
fn main() -> ! {
    qemu_boards::run(run)
}

fn run(board: &mut Machine) -> Result<(), RunError> {
    let model = Model::parse(&BLOB.0)?;
    let session = Session::new(&model, CONTEXT, RAM.take().buffers())?;
    let mut suggester = Suggester::with_keyboard(session, SuggestOptions::DEFAULT, KEYS);
    suggester.set_user_dictionary(UserDictionary::new(WORDS.take())?);
    let mut phone = KeypadPhone::new(&mut suggester);
    writeln!(board, "2-9 letters, 0 takes the word, * next word, # signs, 1 spells or begins a number (* ends it)")?;
    loop {
        while phone.poll() == Progress::Working {}
        phone.draw(board)?;
        phone.press(board.wait());
        while let Some(byte) = board.read() {
            phone.press(byte);
        }
    }
}
