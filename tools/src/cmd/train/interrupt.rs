//! Ctrl-C and SIGTERM stop a training in good order: a checkpoint is written, and the training can be resumed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::{register, register_conditional_shutdown};

/// What shells report for a command that Ctrl-C ended: 128 + SIGINT.
pub const SIGINT_EXIT: u8 = 130;

/// Does work that stops in good order at a flag, which is set when the process is asked to end, such as
/// [`egpt_core::train::Training::run`]. Asked a second time, or after the work, the process ends at once.
///
/// # Errors
/// When the system refuses to tell of signals, and those of the work.
pub fn stopped_by_signals<T>(work: impl FnOnce(&AtomicBool) -> Result<T>) -> Result<T> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal finds the flag unset.
        register_conditional_shutdown(signal, SIGINT_EXIT.into(), Arc::clone(&stop))
            .and_then(|_| register(signal, Arc::clone(&stop)))
            .context("cannot watch for signals")?;
    }
    let done = work(&stop);
    stop.store(true, Ordering::Relaxed);
    done
}
