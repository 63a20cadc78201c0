//! Suggestions while somebody types on the serial port of an nRF52840-DK, whose debugger passes it on to USB.
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use embassy_executor::Spawner;
use embassy_nrf::buffered_uarte::{self, BufferedUarte};
use embassy_nrf::gpio::{Level, Output, OutputDrive};
use embassy_nrf::{bind_interrupts, peripherals, uarte};
use panic_halt as _;

bind_interrupts!(struct Interrupts {
    UARTE0 => buffered_uarte::InterruptHandler<peripherals::UARTE0>;
});

#[embassy_executor::task]
async fn blink(led: Output<'static>) {
    embassy_run::blink(led).await
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let p = embassy_nrf::init(embassy_nrf::config::Config::default());
    // LED1 lights when the pin is low.
    let led = Output::new(p.P0_13, Level::High, OutputDrive::Standard);
    spawner.spawn(blink(led).unwrap());
    // 115,200 baud, no parity. Keys that come during a slice of work wait in the buffer.
    let config = uarte::Config::default();
    let (mut received, mut to_send) = ([0; 64], [0; 64]);
    let uart = BufferedUarte::new(
        p.UARTE0,
        p.TIMER0,
        p.PPI_CH0,
        p.PPI_CH1,
        p.PPI_GROUP0,
        p.P0_08,
        p.P0_06,
        Interrupts,
        config,
        &mut received,
        &mut to_send,
    );
    let (input, output) = uart.split();
    embassy_run::run(embassy_run::editor(), input, output).await
}
