//! Checks the kernels of the target, and counts their instructions.
#![no_std]
#![no_main]

use core::fmt::Write;

use cortex_m_qemu::board::Mps;
use cortex_m_rt::entry;
use device_run::{KERNEL_WORDS, RunError, kernels};
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<[u32; KERNEL_WORDS]> = ConstStaticCell::new([0; KERNEL_WORDS]);

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
    board.check_clock()?;
    kernels(RAM.take(), board)
}
