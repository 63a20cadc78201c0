//! Completes sentences and prints over the UART what a token costs.
#![no_std]
#![no_main]

use core::fmt::Write;

use cortex_m_qemu::{clock, clock::Clock, memory, uart::Uart};
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    let mut uart = Uart::new();
    let clock = Clock::start();
    let million = clock.count_a_million();
    let _ = writeln!(uart, "clock: 1000000 instructions counted as {million}");
    let _ = writeln!(
        uart,
        "flash {} bytes, static RAM {} bytes, stack {} bytes",
        memory::flash(),
        memory::statics(),
        memory::stack_peak()
    );
    cortex_m_qemu::end(clock::is_a_million(million))
}
