//! Completes words while a person types on the serial port: a main loop without an operating system.
#![no_std]
#![no_main]

use core::fmt::Write;

use device_run::{Keyboard, RunError, context};
use embedded_gpt::{Aligned, Config, Model, Session, SuggestOptions, Suggester, Workspace, include_model};
use riscv_qemu::Virt;
use riscv_rt::entry;
use static_cell::ConstStaticCell;

static BLOB: &Aligned<[u8]> = include_model!(env!("EGPT_MODEL"));
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = context(&CONFIG);
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;
static RAM: ConstStaticCell<Ram> = ConstStaticCell::new(Ram::new());

#[entry]
fn main() -> ! {
    let mut uart = Virt;
    if let Err(error) = run(&mut uart) {
        let _ = writeln!(uart, "error: {error}");
    }
    riscv_qemu::end(false)
}

fn run(uart: &mut Virt) -> Result<(), RunError> {
    let model = Model::parse(&BLOB.0)?;
    let session = Session::new(&model, CONTEXT, RAM.take().buffers())?;
    let mut keyboard = Keyboard::new(Suggester::new(session, SuggestOptions::DEFAULT));
    writeln!(uart, "{} bytes of model. Tab, F2, F3 accept; Enter: new line; Ctrl-C ends.", BLOB.0.len())?;
    loop {
        keyboard.draw(uart)?;
        keyboard.type_byte(uart.wait());
        // All that was typed meanwhile comes before the next drawing.
        while let Some(byte) = uart.read() {
            keyboard.type_byte(byte);
        }
    }
}
