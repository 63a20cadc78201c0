//! Checks the kernels of the target, and counts their instructions.
#![no_std]
#![no_main]

use core::fmt::Write;

use device_run::{KERNEL_WORDS, RunError, kernels};
use riscv_qemu::Virt;
use riscv_rt::entry;
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<[u32; KERNEL_WORDS]> = ConstStaticCell::new([0; KERNEL_WORDS]);

#[entry]
fn main() -> ! {
    let mut board = Virt;
    let result = run(&mut board);
    if let Err(error) = result {
        let _ = writeln!(board, "error: {error}");
    }
    riscv_qemu::end(result.is_ok())
}

fn run(board: &mut Virt) -> Result<(), RunError> {
    kernels(RAM.take(), board)
}
