//! Suggestions while somebody types on the serial port of a micro:bit v1, whose debugger passes it on to USB.
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

mod uart;

use embassy_executor::Spawner;
use embassy_nrf::gpio::{Level, Output, OutputDrive};
use panic_halt as _;

#[embassy_executor::task]
async fn blink(led: Output<'static>) {
    embassy_run::blink(led).await
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let p = embassy_nrf::init(embassy_nrf::config::Config::default());
    // The first light of the first row: its column is low, and its row blinks.
    let _column = Output::new(p.P0_04, Level::Low, OutputDrive::Standard);
    spawner.spawn(blink(Output::new(p.P0_13, Level::Low, OutputDrive::Standard)).unwrap());
    let (input, output) = uart::open(p.UART0, p.P0_25, p.P0_24);
    embassy_run::run(input, output).await
}
