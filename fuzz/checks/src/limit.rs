//! A limit of time for every call.

use nix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Processor time that a call may take on a computer, with checks for overflow, and with a fuzzer's counters in it.
const LIMIT: Duration = Duration::from_secs(2);

/// Calls, and panics if that took too much of the processor's time.
pub fn within<T>(what: &str, call: impl FnOnce() -> T) -> T {
    let before = processor_time();
    let result = call();
    let taken = processor_time() - before;
    assert!(taken < LIMIT, "{what} took {taken:?}");
    result
}

/// Of this thread, so that other work on the computer does not count.
fn processor_time() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("a clock for the thread").into()
}
