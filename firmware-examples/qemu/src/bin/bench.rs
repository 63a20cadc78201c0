//! Counts instructions, stack and memory for `cargo xtask bench mcu`, which has the emulator put a model into the
//! flash.
#![no_std]
#![no_main]

use device_run::{bench, loaded_model};
use qemu_boards::entry;
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<[u32; 640 << 10]> = ConstStaticCell::new([0; 640 << 10]);

#[entry]
fn main() -> ! {
    qemu_boards::run(|board| bench(loaded_model(), RAM.take(), board))
}
