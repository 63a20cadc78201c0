//! Start and end without any output, for the programs that are counted or linked only; they have it in place of the
//! library.

// Only for its critical sections, which are linked by name.
#[cfg(target_arch = "arm")]
use cortex_m as _;
#[cfg(target_arch = "riscv32")]
use riscv as _;

#[cfg(target_arch = "arm")]
pub use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
pub use riscv_rt::entry;

/// Ends the emulator.
#[inline(always)]
pub fn end() -> ! {
    #[cfg(target_arch = "arm")]
    cortex_m_semihosting::debug::exit(cortex_m_semihosting::debug::EXIT_SUCCESS);
    // SAFETY: the test device's register is a writable word at this address on every `virt` board; writing it stops
    // the emulator.
    #[cfg(target_arch = "riscv32")]
    unsafe {
        (0x0010_0000 as *mut u32).write_volatile(0x5555);
    }
    loop {
        core::hint::spin_loop();
    }
}
