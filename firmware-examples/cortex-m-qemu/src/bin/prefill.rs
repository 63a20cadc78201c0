//! Counts the instructions of reading a prompt for `cargo xtask bench prefill`, which has the emulator put a model
//! into the flash.
#![no_std]
#![no_main]

use core::fmt::Write;

use cortex_m_qemu::board::Mps;
use cortex_m_rt::entry;
use device_run::{Board, RunError, check_clock, loaded_model, prefill};
use embedded_gpt::Model;
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<[u32; 640 << 10]> = ConstStaticCell::new([0; 640 << 10]);

#[entry]
fn main() -> ! {
    let mut board = Mps::new();
    let result = run(&mut board);
    if let Err(error) = result {
        let _ = writeln!(board, "error: {error}");
    }
    cortex_m_qemu::end(result.is_ok())
}

fn run(board: &mut Mps) -> Result<(), RunError> {
    check_clock(board)?;
    let model = Model::parse(loaded_model())?;
    prefill(&model, RAM.take(), board, |board, work| {
        let before = board.instructions();
        work();
        board.instructions().zip(before).map_or(0, |(after, before)| after - before)
    })
}
