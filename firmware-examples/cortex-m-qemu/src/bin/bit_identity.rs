//! Prints what a model computes and says, which is the same on every target. `cargo xtask test` has the emulator
//! put one model after the other into the flash; without one, the program takes the one that is built in.
#![no_std]
#![no_main]

use core::fmt::Write;

use cortex_m_qemu::board::Mps;
use cortex_m_rt::entry;
use device_run::{RunError, bit_identity, check_clock, loaded_model};
use embedded_gpt::{Aligned, Model, include_model};
use static_cell::ConstStaticCell;

static BLOB: &Aligned<[u8]> = include_model!(env!("EGPT_MODEL"));
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
    let model = Model::parse(loaded_model()).or_else(|_| Model::parse(&BLOB.0))?;
    bit_identity(&model, RAM.take(), board)
}
