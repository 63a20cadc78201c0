//! What an engine does for the benchmark, and the clocks of processes.

use std::time::Duration;

use anyhow::Result;
use nix::sys::resource::{UsageWho, getrusage};
use nix::time::{ClockId, clock_gettime};

/// Runs tokens.
pub trait Run {
    /// CPU seconds of `n` tokens from position 0 on, each with all logits.
    ///
    /// # Errors
    /// If the engine fails.
    fn seconds(&mut self, n: usize) -> Result<f64>;
}

/// CPU time of this process.
///
/// # Errors
/// If the system does not tell.
pub fn cpu_seconds() -> Result<f64> {
    Ok(Duration::from(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?).as_secs_f64())
}

/// CPU time of all processes that were started and have ended.
///
/// # Errors
/// If the system does not tell.
pub fn children_seconds() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let seconds = |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 * 1e-6;
    Ok(seconds(usage.user_time()) + seconds(usage.system_time()))
}
