//! Suggestions while somebody types on the serial port of a Nucleo-F411RE, whose debugger passes it on to USB.
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use embassy_executor::Spawner;
use embassy_stm32::gpio::{Level, Output, Speed};
use embassy_stm32::usart::{self, BufferedInterruptHandler, BufferedUart};
use embassy_stm32::{Config, bind_interrupts, peripherals};
use panic_halt as _;

bind_interrupts!(struct Interrupts {
    USART2 => BufferedInterruptHandler<peripherals::USART2>;
});

#[embassy_executor::task]
async fn blink(led: Output<'static>) {
    embassy_run::blink(led).await
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let p = embassy_stm32::init(at_100_mhz());
    spawner.spawn(blink(Output::new(p.PA5, Level::Low, Speed::Low)).unwrap());
    // 115,200 baud, no parity. Keys that come during a slice of work wait in the buffer.
    let config = usart::Config::default();
    let (mut to_send, mut received) = ([0; 64], [0; 64]);
    let uart = BufferedUart::new(p.USART2, p.PA3, p.PA2, &mut to_send, &mut received, Interrupts, config);
    let (output, input) = uart.unwrap().split();
    embassy_run::run(embassy_run::editor(), input, output).await
}

/// The fastest that the chip may be, from its own oscillator of 16 MHz.
fn at_100_mhz() -> Config {
    use embassy_stm32::rcc::{APBPrescaler, Pll, PllMul, PllPDiv, PllPreDiv, PllSource, Sysclk};

    let mut config = Config::default();
    config.rcc.pll_src = PllSource::HSI;
    config.rcc.pll =
        Some(Pll { prediv: PllPreDiv::DIV8, mul: PllMul::MUL100, divp: Some(PllPDiv::DIV2), divq: None, divr: None });
    config.rcc.sys = Sysclk::PLL1_P;
    config.rcc.apb1_pre = APBPrescaler::DIV2;
    config
}
