//! Shows how far a long piece of work has come: a bar on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

const LINE_EVERY: Duration = Duration::from_secs(10);
const TEMPLATE: &str = "{msg} {bar:30} {human_pos}/{human_len} · {per_sec} · {eta} left";

/// Counts steps of some work; threads may share it.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    on_terminal: bool,
    last_line: Mutex<Instant>,
}

impl Progress {
    /// Work of `len` steps.
    ///
    /// # Panics
    /// Never: the template is a constant.
    pub fn new(what: &'static str, len: usize) -> Self {
        let style = ProgressStyle::with_template(TEMPLATE).expect("a valid template");
        let bar = ProgressBar::new(len as u64).with_style(style).with_message(what);
        Self { bar, on_terminal: stderr().is_terminal(), last_line: Mutex::new(Instant::now()) }
    }

    /// More steps are done.
    pub fn advance(&self, steps: usize) {
        self.bar.inc(steps as u64);
        if !self.on_terminal && self.line_is_due() {
            let (done, len) = (self.bar.position(), self.bar.length().unwrap_or_default());
            eprintln!("{} {done}/{len} · {} s left", self.bar.message(), self.bar.eta().as_secs());
        }
    }

    fn line_is_due(&self) -> bool {
        // Whoever finds the lock taken need not wait: the other thread prints.
        self.last_line.try_lock().is_ok_and(|mut last| {
            let due = last.elapsed() >= LINE_EVERY;
            if due {
                *last = Instant::now();
            }
            due
        })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
