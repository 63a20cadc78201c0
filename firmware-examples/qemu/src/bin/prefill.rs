//! Counts the instructions of reading a prompt for `cargo xtask bench prefill`, which has the emulator put a model
//! into the flash.
#![no_std]
#![no_main]

use device_run::{Board, RunError, check_clock, loaded_model, prefill};
use embedded_gpt::Model;
use qemu_boards::{Machine, entry};
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<[u32; 640 << 10]> = ConstStaticCell::new([0; 640 << 10]);

#[entry]
fn main() -> ! {
    qemu_boards::run(run)
}

fn run(board: &mut Machine) -> Result<(), RunError> {
    check_clock(board)?;
    let model = Model::parse(loaded_model())?;
    prefill(&model, RAM.take(), board, |board, work| {
        let before = board.instructions();
        work();
        board.instructions().zip(before).map_or(0, |(after, before)| after - before)
    })
}
