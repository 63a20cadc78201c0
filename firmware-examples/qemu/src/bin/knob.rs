//! A knob that is turned and pressed, as keys on the serial port: a main loop without an operating system.
#![no_std]
#![no_main]

use core::fmt::Write;

use device_run::{RunError, context};
use embedded_gpt::{
    Aligned, Config, Model, Progress, Session, SuggestOptions, Suggester, UserDictionary, Workspace, include_model,
};
use few_keys::KnobWriter;
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
    let mut suggester = Suggester::new(session, SuggestOptions::DEFAULT);
    suggester.set_user_dictionary(UserDictionary::new(WORDS.take())?);
    let mut knob = KnobWriter::new(&mut suggester);
    writeln!(board, "n or space: next; b: back; s or Enter: select")?;
    loop {
        while knob.poll() == Progress::Working {}
        knob.draw(board)?;
        knob.press(board.wait());
        while let Some(byte) = board.read() {
            knob.press(byte);
        }
    }
}
