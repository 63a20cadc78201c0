//! Counts executed instructions, under `qemu-system-arm -icount shift=0` only.
//!
//! There one instruction takes one nanosecond of virtual time, so TIMER0 of the board,
//! which runs at 25 MHz, advances once in 40 instructions: the same number in every run on every
//! host. It counts instructions, not cycles: a real core also waits for flash.

use core::arch::asm;

const TIMER0: usize = 0x4000_0000;
const CTRL: usize = TIMER0;
const VALUE: usize = TIMER0 + 0x4;
const RELOAD: usize = TIMER0 + 0x8;
const CTRL_ENABLE: u32 = 1;

const INSTRUCTIONS_PER_TICK: u64 = 40;

/// The running timer; 32 bits of ticks, that is 170 billion instructions.
#[derive(Debug)]
pub struct Clock(());

impl Clock {
    /// Starts the timer.
    pub fn start() -> Self {
        write_register(CTRL, 0);
        write_register(RELOAD, u32::MAX);
        write_register(VALUE, u32::MAX);
        write_register(CTRL, CTRL_ENABLE);
        Clock(())
    }

    /// Instructions since the start, in steps of 40.
    pub fn instructions(&self) -> u64 {
        // SAFETY: VALUE is a readable word of TIMER0 on every MPS2 board; reading it
        // has no effect.
        let left = unsafe { (VALUE as *const u32).read_volatile() };
        u64::from(u32::MAX - left) * INSTRUCTIONS_PER_TICK
    }

    /// Counts a loop of a million instructions. Anything else than a million (give or take the
    /// width of a tick and the calls around the loop) means that the clock does not count instructions.
    pub fn count_a_million(&self) -> u64 {
        let before = self.instructions();
        // SAFETY: only changes the named register and the flags. Two instructions a turn.
        unsafe {
            asm!("2: subs {n}, #1", "bne 2b", n = inout(reg) 500_000_u32 => _, options(nomem, nostack));
        }
        self.instructions() - before
    }
}

/// Whether `count` is what [`Clock::count_a_million`] gives when instructions are counted.
pub fn is_a_million(count: u64) -> bool {
    count.abs_diff(1_000_000) <= 200
}

fn write_register(address: usize, value: u32) {
    // SAFETY: callers pass registers of TIMER0, which are writable words at these
    // addresses on every MPS2 board; the timer does not access memory.
    unsafe { (address as *mut u32).write_volatile(value) }
}
