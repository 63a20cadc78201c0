//! Prints what a model computes and says, which is the same on every target. `cargo xtask test` has the emulator
//! put one model after the other into the flash; without one, the program takes the one that is built in.
#![no_std]
#![no_main]

use device_run::{RunError, bit_identity, check_clock, loaded_model};
use embedded_gpt::{Aligned, Model, include_model};
use qemu_boards::{Machine, entry};
use static_cell::ConstStaticCell;

static BLOB: &Aligned<[u8]> = include_model!(env!("EGPT_MODEL"));
static RAM: ConstStaticCell<[u32; 640 << 10]> = ConstStaticCell::new([0; 640 << 10]);

#[entry]
fn main() -> ! {
    qemu_boards::run(run)
}

fn run(board: &mut Machine) -> Result<(), RunError> {
    check_clock(board)?;
    let model = Model::parse(loaded_model()).or_else(|_| Model::parse(&BLOB.0))?;
    bit_identity(&model, RAM.take(), board)
}
