//! What the emulated boards offer to the programs in `src/bin`: a serial port, a count of instructions, and an end
//! of the run. The target that is compiled for chooses the board.
#![no_std]
#![deny(missing_docs, missing_debug_implementations, unsafe_op_in_unsafe_fn)]

#[cfg(target_arch = "arm")]
mod mps;
#[cfg(target_arch = "riscv32")]
mod virt;

use core::fmt::Write;
use core::panic::PanicInfo;

use device_run::RunError;

#[cfg(target_arch = "arm")]
pub use mps::{Machine, end, entry};
#[cfg(target_arch = "riscv32")]
pub use virt::{Machine, end, entry};

/// Brings the board up, runs a program on it and ends the emulator. An error is printed and fails the run.
pub fn run(program: impl FnOnce(&mut Machine) -> Result<(), RunError>) -> ! {
    let mut board = Machine::new();
    let result = program(&mut board);
    if let Err(error) = &result {
        let _ = writeln!(board, "error: {error}");
    }
    end(result.is_ok())
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Machine::new(), "{info}");
    end(false)
}
