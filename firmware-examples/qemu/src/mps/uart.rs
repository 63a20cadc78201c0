//! UART0 of the MPS boards (CMSDK APB UART), polled.

use core::fmt;

use super::registers::{self, UART0};

const DATA: usize = UART0;
const STATE: usize = UART0 + 0x4;
const CTRL: usize = UART0 + 0x8;
const BAUDDIV: usize = UART0 + 0x10;

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
        registers::write(BAUDDIV, FASTEST);
        registers::write(CTRL, CTRL_TX_RX);
        Uart(())
    }

    /// The next typed byte, if there is one.
    pub fn read(&mut self) -> Option<u8> {
        (registers::read(STATE) & STATE_RX_FULL != 0).then(|| registers::read(DATA) as u8)
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
        while registers::read(STATE) & STATE_TX_FULL != 0 {}
        registers::write(DATA, byte.into());
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
