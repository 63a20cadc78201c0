//! Counts the instructions of suggestions for `cargo xtask bench keystroke`, which has the emulator put a model
//! into the flash.
#![no_std]
#![no_main]

use core::fmt::Write;

use cortex_m_qemu::board::Mps;
use cortex_m_rt::entry;
use device_run::{keystrokes, loaded_model};
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<[u32; 640 << 10]> = ConstStaticCell::new([0; 640 << 10]);

#[entry]
fn main() -> ! {
    let mut board = Mps::new();
    let result = keystrokes(loaded_model(), RAM.take(), &mut board);
    if let Err(error) = result {
        let _ = writeln!(board, "error: {error}");
    }
    cortex_m_qemu::end(result.is_ok())
}
