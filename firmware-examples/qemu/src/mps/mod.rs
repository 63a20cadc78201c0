//! Arm's MPS2 and MPS3 boards with a Cortex-M.

mod clock;
mod registers;
mod uart;

use core::fmt;

// Only for its critical sections, which are linked by name.
use cortex_m as _;
pub use cortex_m_rt::entry;
use cortex_m_semihosting::debug::{self, EXIT_FAILURE, EXIT_SUCCESS};
use device_run::Board;

use clock::Clock;
use uart::Uart;

/// An MPS board under the emulator.
#[derive(Debug)]
pub struct Machine {
    uart: Uart,
    clock: Clock,
}

impl Machine {
    /// Brings the board up. Doing it twice restarts the count of instructions.
    pub fn new() -> Self {
        Self { uart: Uart::new(), clock: Clock::start() }
    }

    /// The next typed byte, if there is one.
    pub fn read(&mut self) -> Option<u8> {
        self.uart.read()
    }

    /// Waits for the next typed byte.
    pub fn wait(&mut self) -> u8 {
        self.uart.wait()
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Write for Machine {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.uart.write_str(text)
    }
}

impl Board for Machine {
    fn instructions(&self) -> Option<u64> {
        Some(self.clock.instructions())
    }
}

/// Ends the emulator: status 0 if `ok`, else 1.
pub fn end(ok: bool) -> ! {
    debug::exit(if ok { EXIT_SUCCESS } else { EXIT_FAILURE });
    // A debugger may let the program go on.
    loop {
        core::hint::spin_loop();
    }
}
