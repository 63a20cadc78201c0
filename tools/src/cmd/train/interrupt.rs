//! Ctrl-C and SIGTERM stop a training in good order: a checkpoint is written, and the training can be resumed.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag::register;

/// Sets a flag when the process is asked to end, for [`egpt_core::train::Training::run`] to stop at.
///
/// # Errors
/// When the system refuses to tell of signals.
pub fn stop_on_signals() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        register(signal, Arc::clone(&stop)).context("cannot watch for signals")?;
    }
    Ok(stop)
}
