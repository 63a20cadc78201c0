//! Suggestions while somebody types on the serial port of a micro:bit v1, whose debugger passes it on to USB.
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

mod uart;

use cortex_m_rt::entry;
use embassy_executor::Executor;
use embassy_nrf::gpio::{Level, Output, OutputDrive};
use embassy_run::Editor;
use embedded_gpt::Error;
use panic_halt as _;
use static_cell::StaticCell;

use crate::uart::{Receiver, Sender};

static EXECUTOR: StaticCell<Executor> = StaticCell::new();

#[embassy_executor::task]
async fn blink(led: Output<'static>, _column: Output<'static>) {
    embassy_run::blink(led).await
}

#[embassy_executor::task]
async fn keyboard(editor: Result<&'static mut Editor, Error>, input: Receiver<'static>, output: Sender<'static>) {
    embassy_run::run(editor, input, output).await
}

#[entry]
fn main() -> ! {
    // Before there is an executor, whose tasks the stack has no room for beside this.
    let editor = embassy_run::editor();
    let p = embassy_nrf::init(embassy_nrf::config::Config::default());
    // The first light of the first row: its column is low, and its row blinks.
    let column = Output::new(p.P0_04, Level::Low, OutputDrive::Standard);
    let led = Output::new(p.P0_13, Level::Low, OutputDrive::Standard);
    let (input, output) = uart::open(p.UART0, p.P0_25, p.P0_24);
    EXECUTOR.init(Executor::new()).run(|spawner| {
        spawner.spawn(blink(led, column).unwrap());
        spawner.spawn(keyboard(editor, input, output).unwrap());
    })
}
