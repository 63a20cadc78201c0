//! The serial port of the nRF51, for which `embassy-nrf` has no driver.
//!
//! It is asked again and again, and other tasks run in between, so the core never sleeps. It keeps six bytes that
//! nobody has read: enough for a person's keys during a slice of work, but not for text that is pasted.

use core::convert::Infallible;

use embassy_futures::yield_now;
use embassy_nrf::Peri;
use embassy_nrf::gpio::{Input, Level, Output, OutputDrive, Pull};
use embassy_nrf::pac::UART0;
use embassy_nrf::pac::uart::vals::{Baudrate, Enable};
use embassy_nrf::peripherals;
use embedded_io_async::{ErrorType, Read, Write};

/// Both directions of the port, on the pins of the micro:bit: 115,200 baud, no parity.
pub fn open<'d>(
    _port: Peri<'d, peripherals::UART0>,
    input: Peri<'d, peripherals::P0_25>,
    output: Peri<'d, peripherals::P0_24>,
) -> (Receiver<'d>, Sender<'d>) {
    let receiver = Receiver { _pin: Input::new(input, Pull::Up) };
    let sender = Sender { _pin: Output::new(output, Level::High, OutputDrive::Standard) };
    UART0.pselrxd().write_value(25);
    UART0.pseltxd().write_value(24);
    UART0.baudrate().write(|w| w.set_baudrate(Baudrate::Baud115200));
    UART0.enable().write(|w| w.set_enable(Enable::Enabled));
    UART0.tasks_startrx().write_value(1);
    UART0.tasks_starttx().write_value(1);
    (receiver, sender)
}

pub struct Receiver<'d> {
    /// Stays an input.
    _pin: Input<'d>,
}

impl ErrorType for Receiver<'_> {
    type Error = Infallible;
}

impl Read for Receiver<'_> {
    async fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let Some(byte) = buffer.first_mut() else { return Ok(0) };
        while UART0.events_rxdrdy().read() == 0 {
            yield_now().await;
        }
        // Before the byte is taken, which may bring the next event.
        UART0.events_rxdrdy().write_value(0);
        *byte = UART0.rxd().read().rxd();
        Ok(1)
    }
}

pub struct Sender<'d> {
    /// Stays an output.
    _pin: Output<'d>,
}

impl ErrorType for Sender<'_> {
    type Error = Infallible;
}

impl Write for Sender<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let Some(&byte) = bytes.first() else { return Ok(0) };
        UART0.events_txdrdy().write_value(0);
        UART0.txd().write(|w| w.set_txd(byte));
        while UART0.events_txdrdy().read() == 0 {
            yield_now().await;
        }
        Ok(1)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
