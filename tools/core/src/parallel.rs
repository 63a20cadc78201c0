//! Work spread over threads, each with its own workspace.
//!
//! The threads are those of the rayon pool that the caller is in: all cores, unless the program asks for fewer. Results
//! never depend on their number.

use std::sync::Mutex;

use anyhow::{Context, Result};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

/// Works on so many threads from now on, instead of one per core.
///
/// # Errors
/// If threads are at work already, or cannot be had.
pub fn use_threads(n: usize) -> Result<()> {
    ThreadPoolBuilder::new().num_threads(n).build_global().with_context(|| format!("cannot use {n} threads"))
}

/// Threads that can work at a time, at most `n_tasks`: how many workspaces are of use.
pub fn n_workspaces(n_tasks: usize) -> usize {
    rayon::current_num_threads().clamp(1, n_tasks.max(1))
}

/// Runs `work` once per task; every workspace takes the next task when it is free.
///
/// Which workspace a task gets is up to chance, so a task's result must not depend on it.
pub fn for_each<W: Send, T: Send>(
    workspaces: &mut [W],
    tasks: impl Iterator<Item = T> + Send,
    work: impl Fn(&mut W, T) + Sync,
) {
    let tasks = Mutex::new(tasks);
    // A poisoned lock means that another worker panicked, which rayon passes on.
    let next = || tasks.lock().ok().and_then(|mut tasks| tasks.next());
    workspaces.par_iter_mut().with_max_len(1).for_each(|workspace| {
        while let Some(task) = next() {
            work(workspace, task);
        }
    });
}
