//! Checks the kernels of the target against naive loops.
#![no_std]
#![no_main]

use device_run::kernels;
use embedded_gpt::kernel_check::WORDS;
use qemu_boards::entry;
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<[u32; WORDS]> = ConstStaticCell::new([0; WORDS]);

#[entry]
fn main() -> ! {
    qemu_boards::run(|board| kernels(RAM.take(), board))
}
