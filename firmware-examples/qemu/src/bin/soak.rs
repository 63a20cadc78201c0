//! A million tokens for `cargo xtask soak`, which has the emulator put a model into the flash.
#![no_std]
#![no_main]

use device_run::{loaded_model, soak};
use embedded_gpt::Model;
use qemu_boards::entry;
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<[u32; 640 << 10]> = ConstStaticCell::new([0; 640 << 10]);

#[entry]
fn main() -> ! {
    qemu_boards::run(|board| soak(&Model::parse(loaded_model())?, RAM.take(), board))
}
