//! Completes the commands, flags and paths of a device on the serial port, which the model only puts in order.
#![no_std]
#![no_main]

use core::fmt::Write;

use device_run::{RunError, commands, context};
use embedded_gpt::{
    Aligned, Config, Model, Progress, Session, Shell, SuggestOptions, Suggester, Workspace, include_model,
};
use line_editor::LineEditor;
use qemu_boards::{Machine, entry};
use static_cell::ConstStaticCell;

static BLOB: &Aligned<[u8]> = include_model!(env!("EGPT_MODEL"));
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = context(&CONFIG);
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;
static RAM: ConstStaticCell<Ram> = ConstStaticCell::new(Ram::new());

#[entry]
fn main() -> ! {
    qemu_boards::run(run)
}

fn run(board: &mut Machine) -> Result<(), RunError> {
    let model = Model::parse(&BLOB.0)?;
    let session = Session::new(&model, CONTEXT, RAM.take().buffers())?;
    let mut suggester = Suggester::with_keyboard(session, SuggestOptions::DEFAULT, Shell::ANY);
    let mut editor = LineEditor::for_commands(&mut suggester, commands::words_for);
    writeln!(board, "Tab, F2, F3 accept a word; Enter runs the line; Ctrl-C ends.")?;
    loop {
        while editor.poll() == Progress::Working {}
        editor.draw(board)?;
        let byte = board.wait();
        if matches!(byte, b'\r' | b'\n') {
            writeln!(board, "\n\x1b[J")?;
            commands::run(editor.line(), board)?;
        }
        editor.type_byte(byte);
    }
}
