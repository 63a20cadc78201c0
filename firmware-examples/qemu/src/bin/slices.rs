//! Counts the instructions of suggestions for the first messages, for the test of the longest slice of work. The
//! emulator puts a model into the flash.
#![no_std]
#![no_main]

use device_run::{keystrokes, loaded_model};
use qemu_boards::entry;
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<[u32; 640 << 10]> = ConstStaticCell::new([0; 640 << 10]);

#[entry]
fn main() -> ! {
    qemu_boards::run(|board| keystrokes(loaded_model(), RAM.take(), board, 4))
}
