//! The display of work that counts its steps.

use std::io::{IsTerminal, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use egpt_core::progress::{Display, show_with};
use indicatif::{ProgressBar, ProgressStyle};

const LINE_EVERY: Duration = Duration::from_secs(10);
const TEMPLATE: &str = "{msg} {bar:30} {human_pos}/{human_len} · {per_sec} · {eta} left";

/// Shows the progress of all work on stderr.
pub fn show_on_stderr() {
    show_with(|what, len| Box::new(Bar::new(what, len)));
}

#[derive(Debug)]
struct Bar {
    bar: ProgressBar,
    on_terminal: bool,
    last_line: Mutex<Instant>,
}

impl Bar {
    fn new(what: &'static str, len: usize) -> Self {
        let style = ProgressStyle::with_template(TEMPLATE).expect("a valid template");
        let bar = ProgressBar::new(len as u64).with_style(style).with_message(what);
        Self { bar, on_terminal: stderr().is_terminal(), last_line: Mutex::new(Instant::now()) }
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

impl Display for Bar {
    fn advance(&self, steps: usize) {
        self.bar.inc(steps as u64);
        if !self.on_terminal && self.line_is_due() {
            let (done, len) = (self.bar.position(), self.bar.length().unwrap_or_default());
            eprintln!("{} {done}/{len} · {} s left", self.bar.message(), self.bar.eta().as_secs());
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
