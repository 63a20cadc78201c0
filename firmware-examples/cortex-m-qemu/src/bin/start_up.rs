//! Starts up and ends: what every program takes that does not concern the runtime.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

// Only for its critical sections, which are linked by name.
use cortex_m as _;
use cortex_m_rt::entry;
use cortex_m_semihosting::debug::{self, EXIT_SUCCESS};
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<u32> = ConstStaticCell::new(0);

#[entry]
fn main() -> ! {
    core::hint::black_box(RAM.take());
    debug::exit(EXIT_SUCCESS);
    loop {
        core::hint::spin_loop();
    }
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
