//! Suggestions while somebody types on the serial port of an ESP32-C3-DevKitC-02, which the board passes on to USB.
//! Weights stay in the flash beside the chip.
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use embassy_executor::Spawner;
use esp_hal::clock::CpuClock;
use esp_hal::gpio::{Level, Output, OutputConfig};
use esp_hal::timer::timg::TimerGroup;
use esp_hal::uart::{self, Uart};
use panic_halt as _;

// What Espressif's boot loader wants to know of a program.
esp_bootloader_esp_idf::esp_app_desc!();

#[embassy_executor::task]
async fn blink(led: Output<'static>) {
    embassy_run::blink(led).await
}

#[esp_rtos::main]
async fn main(spawner: Spawner) {
    let p = esp_hal::init(esp_hal::Config::default().with_cpu_clock(CpuClock::max()));
    esp_rtos::start(TimerGroup::new(p.TIMG0).timer0, p.FROM_CPU_INTR0);
    // The board's own light wants to be sent its colour: another one has to be wired to this pin.
    spawner.spawn(blink(Output::new(p.GPIO10, Level::Low, OutputConfig::default())).unwrap());
    // 115,200 baud, no parity. Keys that come during a slice of work wait in the chip's buffer.
    let uart = Uart::new(p.UART0, uart::Config::default()).unwrap();
    let (input, output) = uart.with_rx(p.GPIO20).with_tx(p.GPIO21).into_async().split();
    embassy_run::run(embassy_run::editor(), input, output).await
}
