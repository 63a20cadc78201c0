//! Work spread over threads, each with its own workspace.

use std::sync::Mutex;

/// Threads that the measurements use.
pub const N_THREADS: usize = 2;

/// Runs `work` once per task; every workspace is one thread, which takes the next task when free.
///
/// Which thread runs a task is up to chance, so a task's result must not depend on it.
pub fn for_each<W: Send, T: Send>(
    workspaces: &mut [W],
    tasks: impl Iterator<Item = T> + Send,
    work: impl Fn(&mut W, T) + Sync,
) {
    let [first, others @ ..] = workspaces else {
        panic!("at least one workspace");
    };
    let tasks = Mutex::new(tasks);
    // A poisoned lock means that another worker panicked, which the scope passes on.
    let next = || tasks.lock().ok().and_then(|mut tasks| tasks.next());
    let run = |workspace: &mut W| {
        while let Some(task) = next() {
            work(workspace, task);
        }
    };
    std::thread::scope(|scope| {
        for workspace in others {
            scope.spawn(|| run(workspace));
        }
        run(first);
    });
}
