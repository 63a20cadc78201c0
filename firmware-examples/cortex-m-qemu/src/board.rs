//! The board as the runs of `device-run` see it.

use core::fmt;

use device_run::Board;

use crate::clock::Clock;
use crate::uart::Uart;

/// An MPS board under the emulator.
#[derive(Debug)]
pub struct Mps {
    /// The serial port.
    pub uart: Uart,
    /// The instruction counter.
    pub clock: Clock,
}

impl Mps {
    /// Brings the board up.
    pub fn new() -> Self {
        Self { uart: Uart::new(), clock: Clock::start() }
    }
}

impl Default for Mps {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Write for Mps {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.uart.write_str(text)
    }
}

impl Board for Mps {
    fn instructions(&self) -> Option<u64> {
        Some(self.clock.instructions())
    }
}
