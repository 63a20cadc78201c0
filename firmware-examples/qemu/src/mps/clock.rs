//! Counts executed instructions, under `qemu-system-arm -icount shift=0` only.
//!
//! There one instruction takes one nanosecond of virtual time, so a timer of the board counts them: the
//! same number in every run on every host. It counts instructions, not cycles: a real core also waits for flash.

/// The running timer.
#[derive(Debug)]
pub struct Clock(());

impl Clock {
    /// Starts the timer.
    pub fn start() -> Self {
        timer::start();
        Clock(())
    }

    /// Instructions since the start, in steps of a timer's tick: 32 to 50 instructions.
    pub fn instructions(&self) -> u64 {
        timer::nanoseconds()
    }
}

/// CMSDK APB timer 0: counts 32 bits of ticks down, that is 170 billion instructions.
#[cfg(not(feature = "an547"))]
mod timer {
    use super::super::registers;

    const TIMER0: usize = if cfg!(feature = "an505") { 0x5000_0000 } else { 0x4000_0000 };
    const CTRL: usize = TIMER0;
    const VALUE: usize = TIMER0 + 0x4;
    const RELOAD: usize = TIMER0 + 0x8;
    const CTRL_ENABLE: u32 = 1;
    /// 20 or 25 MHz.
    const NANOSECONDS_PER_TICK: u64 = if cfg!(feature = "an505") { 50 } else { 40 };

    pub fn start() {
        registers::write(CTRL, 0);
        registers::write(RELOAD, u32::MAX);
        registers::write(VALUE, u32::MAX);
        registers::write(CTRL, CTRL_ENABLE);
    }

    pub fn nanoseconds() -> u64 {
        u64::from(u32::MAX - registers::read(VALUE)) * NANOSECONDS_PER_TICK
    }
}

/// The system counter of an SSE-300: 64 bits of ticks.
#[cfg(feature = "an547")]
mod timer {
    use super::super::registers;

    const CONTROL_FRAME: usize = 0x5810_0000;
    const CNTCR: usize = CONTROL_FRAME;
    const CNTCV_LOW: usize = CONTROL_FRAME + 0x8;
    const CNTCV_HIGH: usize = CONTROL_FRAME + 0xC;
    const CNTCR_ENABLE: u32 = 1;
    const MHZ: u64 = 32;

    pub fn start() {
        registers::write(CNTCR, CNTCR_ENABLE);
    }

    pub fn nanoseconds() -> u64 {
        loop {
            let high = registers::read(CNTCV_HIGH);
            let low = registers::read(CNTCV_LOW);
            // The low half may have overflowed in between.
            if registers::read(CNTCV_HIGH) == high {
                return (u64::from(high) << 32 | u64::from(low)) * 1000 / MHZ;
            }
        }
    }
}
