//! Counts the instructions of suggestions for `cargo xtask bench keystroke`, which has the emulator put a model
//! into the flash.
#![no_std]
#![no_main]

use device_run::{keystrokes, loaded_model};
use qemu_boards::entry;
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<[u32; 640 << 10]> = ConstStaticCell::new([0; 640 << 10]);

#[entry]
fn main() -> ! {
    qemu_boards::run(|board| keystrokes(loaded_model(), RAM.take(), board, usize::MAX))
}
