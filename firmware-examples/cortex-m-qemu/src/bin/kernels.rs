//! Checks the kernels of the target against naive loops.
#![no_std]
#![no_main]

use core::fmt::Write;

use cortex_m_qemu::board::Mps;
use cortex_m_rt::entry;
use device_run::kernels;
use embedded_gpt::kernel_check::WORDS;
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<[u32; WORDS]> = ConstStaticCell::new([0; WORDS]);

#[entry]
fn main() -> ! {
    let mut board = Mps::new();
    let result = kernels(RAM.take(), &mut board);
    if let Err(error) = result {
        let _ = writeln!(board, "error: {error}");
    }
    cortex_m_qemu::end(result.is_ok())
}
