//! UART0 of the MPS2 boards (CMSDK APB UART), polled.

use core::fmt;

const BASE: usize = 0x4000_4000;
const DATA: usize = BASE;
const STATE: usize = BASE + 0x4;
const CTRL: usize = BASE + 0x8;
const BAUDDIV: usize = BASE + 0x10;

const STATE_TX_FULL: u32 = 1 << 0;
const STATE_RX_FULL: u32 = 1 << 1;
const CTRL_TX_RX: u32 = 0b11;
/// The smallest divisor that the UART accepts.
const FASTEST: u32 = 16;

/// The serial port a person sees: QEMU connects it to the terminal.
#[derive(Debug)]
pub struct Uart(());

impl Uart {
    /// Switches sending and receiving on. Doing it twice does no harm.
    pub fn new() -> Self {
        write_register(BAUDDIV, FASTEST);
        write_register(CTRL, CTRL_TX_RX);
        Uart(())
    }

    /// The next typed byte, if there is one.
    pub fn read(&mut self) -> Option<u8> {
        (read_register(STATE) & STATE_RX_FULL != 0).then(|| read_register(DATA) as u8)
    }

    /// Waits for the next typed byte.
    pub fn wait(&mut self) -> u8 {
        loop {
            if let Some(byte) = self.read() {
                return byte;
            }
        }
    }

    fn send(&mut self, byte: u8) {
        while read_register(STATE) & STATE_TX_FULL != 0 {}
        write_register(DATA, byte.into());
    }
}

impl Default for Uart {
    fn default() -> Self {
        Uart::new()
    }
}

impl fmt::Write for Uart {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if byte == b'\n' {
                self.send(b'\r');
            }
            self.send(byte);
        }
        Ok(())
    }
}

fn read_register(address: usize) -> u32 {
    // SAFETY: callers pass registers of UART0, which are readable words at these
    // addresses on every MPS2 board; reading one has no effect on memory.
    unsafe { (address as *const u32).read_volatile() }
}

fn write_register(address: usize, value: u32) {
    // SAFETY: callers pass registers of UART0, which are writable words at these
    // addresses on every MPS2 board; the UART does not access memory.
    unsafe { (address as *mut u32).write_volatile(value) }
}
