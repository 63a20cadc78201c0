//! Ctrl-C stops a training in good order: a checkpoint is written, and the training can be resumed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};

/// Sets a flag on Ctrl-C (SIGINT), for [`egpt_core::train::run`] to stop at.
///
/// # Errors
/// When the process already handles Ctrl-C.
pub fn stop_on_ctrl_c() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed)).context("cannot watch for Ctrl-C")?;
    Ok(stop)
}
