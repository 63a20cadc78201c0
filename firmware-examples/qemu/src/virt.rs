//! QEMU's `virt` board with 32-bit RISC-V.

use core::fmt::{self, Write};

use device_run::Board;
use riscv::register::{minstret, minstreth};
pub use riscv_rt::entry;

/// NS16550A; QEMU needs no set-up of it, and takes every byte at once.
const UART_DATA: usize = 0x1000_0000;
const UART_LINE_STATUS: usize = UART_DATA + 5;
const LINE_STATUS_DATA_READY: u8 = 1 << 0;
/// Ends the emulator.
const TEST_DEVICE: usize = 0x0010_0000;
const PASS: u32 = 0x5555;
/// Exit status 1 in the upper half.
const FAIL: u32 = 0x0001_3333;

/// QEMU's `virt` board.
#[derive(Debug)]
pub struct Machine(());

impl Machine {
    /// The board as it is: it needs no set-up.
    pub fn new() -> Self {
        Self(())
    }

    /// The next typed byte, if there is one.
    pub fn read(&mut self) -> Option<u8> {
        (read_register(UART_LINE_STATUS) & LINE_STATUS_DATA_READY != 0).then(|| read_register(UART_DATA))
    }

    /// Waits for the next typed byte.
    pub fn wait(&mut self) -> u8 {
        loop {
            if let Some(byte) = self.read() {
                return byte;
            }
        }
    }
}

impl Default for Machine {
    fn default() -> Self {
        Self::new()
    }
}

impl Write for Machine {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if byte == b'\n' {
                write_register(UART_DATA, b'\r');
            }
            write_register(UART_DATA, byte);
        }
        Ok(())
    }
}

fn read_register(address: usize) -> u8 {
    // SAFETY: callers pass registers of the UART, which are readable bytes on every `virt` board; reading
    // one has no effect on memory.
    unsafe { (address as *const u8).read_volatile() }
}

fn write_register(address: usize, value: u8) {
    // SAFETY: callers pass registers of the UART, which are writable bytes on every `virt` board; the UART
    // does not access memory.
    unsafe { (address as *mut u8).write_volatile(value) }
}

impl Board for Machine {
    fn instructions(&self) -> Option<u64> {
        loop {
            let high = minstreth::read();
            let low = minstret::read();
            // The low half may have overflowed in between.
            if minstreth::read() == high {
                return Some((high as u64) << 32 | low as u64);
            }
        }
    }
}

/// Ends the emulator: status 0 if `ok`, else 1.
pub fn end(ok: bool) -> ! {
    // SAFETY: the test device's register is a writable word at this address on every
    // `virt` board; writing it stops the emulator.
    unsafe { (TEST_DEVICE as *mut u32).write_volatile(if ok { PASS } else { FAIL }) }
    loop {
        core::hint::spin_loop();
    }
}
