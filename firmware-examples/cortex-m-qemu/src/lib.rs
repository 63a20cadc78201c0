//! What the MPS2 and MPS3 boards offer to the programs in `src/bin`: a serial port, a clock that
//! counts instructions under the emulator, and an end of the run.
#![no_std]
#![deny(missing_docs, missing_debug_implementations, unsafe_op_in_unsafe_fn)]

pub mod board;
pub mod clock;
mod registers;
pub mod uart;

use core::fmt::Write;
use core::panic::PanicInfo;

// Only for its critical sections, which are linked by name.
use cortex_m as _;
use cortex_m_semihosting::debug::{self, EXIT_FAILURE, EXIT_SUCCESS};

/// Ends the emulator: status 0 if `ok`, else 1.
pub fn end(ok: bool) -> ! {
    debug::exit(if ok { EXIT_SUCCESS } else { EXIT_FAILURE });
    // A debugger may let the program go on.
    loop {
        core::hint::spin_loop();
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(uart::Uart::new(), "{info}");
    end(false)
}
