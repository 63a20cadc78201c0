//! Starts up and ends: what every program takes that does not concern the runtime.
#![no_std]
#![no_main]

use core::panic::PanicInfo;

// Only for its critical sections, which are linked by name.
use riscv as _;
use riscv_rt::entry;
use static_cell::ConstStaticCell;

static RAM: ConstStaticCell<u32> = ConstStaticCell::new(0);

#[entry]
fn main() -> ! {
    core::hint::black_box(RAM.take());
    // SAFETY: the test device's register is a writable word at this address on every `virt` board; writing it stops
    // the emulator.
    unsafe { (0x0010_0000 as *mut u32).write_volatile(0x5555) }
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
