//! How far a long piece of work has come, for a display that the program installs.
//!
//! Nothing is shown until [`show_with`] has been called, as in tests and in programs without a terminal.

use std::fmt::Debug;
use std::sync::OnceLock;

/// Shows one piece of work, until it is dropped.
pub trait Display: Debug + Send + Sync {
    /// So many more steps are done.
    fn advance(&self, steps: usize);
}

/// Opens a display for a piece of work: what it is, and the number of its steps.
pub type OpenDisplay = fn(what: &'static str, len: usize) -> Box<dyn Display>;

static OPEN: OnceLock<OpenDisplay> = OnceLock::new();

/// Shows all work from now on in displays that `open` makes. Only the first call has an effect.
pub fn show_with(open: OpenDisplay) {
    let _ = OPEN.set(open);
}

/// Counts the steps of some work; threads may share it.
#[derive(Debug)]
pub struct Progress {
    display: Option<Box<dyn Display>>,
}

impl Progress {
    /// Work of `len` steps.
    pub fn new(what: &'static str, len: usize) -> Self {
        Self { display: OPEN.get().map(|open| open(what, len)) }
    }

    /// So many more steps are done.
    pub fn advance(&self, steps: usize) {
        if let Some(display) = &self.display {
            display.advance(steps);
        }
    }
}
