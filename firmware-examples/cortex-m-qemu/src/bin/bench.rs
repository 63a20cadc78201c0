//! Counts instructions, stack and memory for `cargo xtask bench mcu`, which has the emulator put a model into memory.
#![no_std]
#![no_main]

use core::fmt::Write;

use cortex_m_qemu::board::Mps;
use cortex_m_rt::entry;
use device_run::{bench, loaded_model};
use static_cell::ConstStaticCell;

/// Where the emulator puts the model: the board's PSRAM or DDR.
const MODEL: usize = if cfg!(feature = "an547") {
    0x6000_0000
} else if cfg!(feature = "an505") {
    0x8000_0000
} else {
    0x2100_0000
};
static RAM: ConstStaticCell<[u32; 640 << 10]> = ConstStaticCell::new([0; 640 << 10]);

#[entry]
fn main() -> ! {
    let mut board = Mps::new();
    // SAFETY: the board has memory there that neither flash nor RAM of the memory map includes.
    let blob = unsafe { loaded_model(MODEL) };
    let result = bench(blob, RAM.take(), &mut board);
    if let Err(error) = result {
        let _ = writeln!(board, "error: {error}");
    }
    cortex_m_qemu::end(result.is_ok())
}
