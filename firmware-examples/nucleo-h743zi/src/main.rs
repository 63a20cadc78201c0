//! Suggestions while somebody types on the serial port of a Nucleo-H743ZI, whose debugger passes it on to USB.
#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use embassy_executor::Spawner;
use embassy_stm32::gpio::{Level, Output, Speed};
use embassy_stm32::usart::{self, BufferedInterruptHandler, BufferedUart};
use embassy_stm32::{Config, bind_interrupts, peripherals};
use panic_halt as _;

bind_interrupts!(struct Interrupts {
    USART3 => BufferedInterruptHandler<peripherals::USART3>;
});

#[embassy_executor::task]
async fn blink(led: Output<'static>) {
    embassy_run::blink(led).await
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    // Both caches are off after a reset, and without them every weight waits for the flash.
    if let Some(mut core) = cortex_m::Peripherals::take() {
        core.SCB.enable_icache();
        core.SCB.enable_dcache(&mut core.CPUID);
    }
    let p = embassy_stm32::init(at_400_mhz());
    spawner.spawn(blink(Output::new(p.PB0, Level::Low, Speed::Low)).unwrap());
    // 115,200 baud, no parity. Keys that come during a slice of work wait in the buffer.
    let config = usart::Config::default();
    let (mut to_send, mut received) = ([0; 64], [0; 64]);
    let uart = BufferedUart::new(p.USART3, p.PD9, p.PD8, &mut to_send, &mut received, Interrupts, config);
    let (output, input) = uart.unwrap().split();
    embassy_run::run(embassy_run::editor(), input, output).await
}

/// The fastest that every revision of the chip may be, from its own oscillator of 64 MHz.
fn at_400_mhz() -> Config {
    use embassy_stm32::rcc::{
        AHBPrescaler, APBPrescaler, Pll, PllDiv, PllMul, PllPreDiv, PllSource, Sysclk, VoltageScale,
    };

    let mut config = Config::default();
    config.rcc.pll1 = Some(Pll {
        source: PllSource::HSI,
        prediv: PllPreDiv::DIV4,
        mul: PllMul::MUL50,
        fracn: None,
        divp: Some(PllDiv::DIV2),
        divq: None,
        divr: None,
    });
    config.rcc.sys = Sysclk::PLL1_P;
    config.rcc.voltage_scale = VoltageScale::Scale1;
    config.rcc.ahb_pre = AHBPrescaler::DIV2;
    config.rcc.apb1_pre = APBPrescaler::DIV2;
    config.rcc.apb2_pre = APBPrescaler::DIV2;
    config.rcc.apb3_pre = APBPrescaler::DIV2;
    config.rcc.apb4_pre = APBPrescaler::DIV2;
    config
}
