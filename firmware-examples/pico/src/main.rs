//! Suggestions while somebody types on the USB port of a Raspberry Pi Pico or Pico 2, which is a serial port to the
//! computer at its other end. Weights stay in the flash beside the chip.
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use embassy_executor::Spawner;
use embassy_futures::join::join;
use embassy_rp::gpio::{Level, Output};
use embassy_rp::usb::{self, Driver};
use embassy_rp::{bind_interrupts, peripherals};
use embassy_usb::class::cdc_acm::{CdcAcmClass, Sender, State};
use embassy_usb::{Builder, Config};
use embedded_io_async::{ErrorType, Write};
use panic_halt as _;

bind_interrupts!(struct Interrupts {
    USBCTRL_IRQ => usb::InterruptHandler<peripherals::USB>;
});

/// Bytes of a packet.
const PACKET: usize = 64;

#[embassy_executor::task]
async fn blink(led: Output<'static>) {
    embassy_run::blink(led).await
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let p = embassy_rp::init(embassy_rp::config::Config::default());
    spawner.spawn(blink(Output::new(p.PIN_25, Level::Low)).unwrap());
    // The number that pid.codes gives to whatever is only tried.
    let mut config = Config::new(0x1209, 0x0001);
    config.manufacturer = Some("embedded-gpt");
    config.product = Some("Keyboard with suggestions");
    let (mut descriptor, mut bos, mut control) = ([0; 128], [0; 32], [0; PACKET]);
    let (mut state, mut received) = (State::new(), [0; PACKET]);
    let driver = Driver::new(p.USB, Interrupts);
    let mut builder = Builder::new(driver, config, &mut descriptor, &mut bos, &mut [], &mut control);
    let (sender, receiver) = CdcAcmClass::new(&mut builder, &mut state, PACKET as u16).split();
    let mut device = builder.build();
    let (input, output) = (receiver.into_buffered(&mut received), ShortPackets(sender));
    let keyboard = embassy_run::run(embassy_run::editor(), input, output);
    join(device.run(), keyboard).await;
}

/// Sends no packet that is full: after one, the computer would wait for the next before it showed anything.
struct ShortPackets<'d>(Sender<'d, Driver<'d, peripherals::USB>>);

impl ErrorType for ShortPackets<'_> {
    type Error = <Sender<'static, Driver<'static, peripherals::USB>> as ErrorType>::Error;
}

impl Write for ShortPackets<'_> {
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        let (start, _) = bytes.split_at(bytes.len().min(PACKET - 1));
        self.0.write(start).await
    }

    async fn flush(&mut self) -> Result<(), Self::Error> {
        self.0.flush().await
    }
}
