//! Shows a training to whoever watches: a bar on a terminal, a line now and then elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};

use egpt_core::train::{Event, HistoryPoint};
use indicatif::{ProgressBar, ProgressStyle};

const LINE_EVERY: Duration = Duration::from_secs(10);
/// Ticks of the bar, which follows the share done rather than steps.
const TICKS: u64 = 10_000;

/// Observes a training and reports to stderr.
#[derive(Debug)]
pub struct TrainingDisplay {
    /// `None` when stderr is not a terminal.
    bar: Option<ProgressBar>,
    last_line: Option<Instant>,
}

impl Default for TrainingDisplay {
    fn default() -> Self {
        Self::new()
    }
}

impl TrainingDisplay {
    /// Chooses bar or lines by what stderr is.
    pub fn new() -> Self {
        let bar = stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:30} {percent:>3}% {msg}").expect("a valid template");
            ProgressBar::new(TICKS).with_style(style)
        });
        Self { bar, last_line: None }
    }

    /// Takes note of an event; pass this to [`egpt_core::train::Training::run`].
    pub fn observe(&mut self, event: &Event) {
        match event {
            Event::Step { point, progress, tokens_per_second } => self.step(point, *progress, *tokens_per_second),
            Event::Validated(point) => self.line(&describe_validation(point)),
            Event::Saved { .. } => {}
            Event::Finished | Event::Interrupted => self.clear(),
        }
    }

    fn step(&mut self, point: &HistoryPoint, progress: f64, tokens_per_second: f64) {
        let text = describe_step(point, progress, tokens_per_second);
        if let Some(bar) = &self.bar {
            bar.set_position((progress * TICKS as f64) as u64);
            bar.set_message(text);
        } else if self.last_line.is_none_or(|last| last.elapsed() >= LINE_EVERY) {
            self.last_line = Some(Instant::now());
            eprintln!("{:3.0}% {text}", 100.0 * progress);
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => eprintln!("{text}"),
        }
    }
}

fn describe_step(point: &HistoryPoint, progress: f64, tokens_per_second: f64) -> String {
    let left = point.seconds * (1.0 - progress) / progress.max(1e-9);
    format!(
        "step {} · loss {:.3} · {tokens_per_second:.0} tokens/s · {} left",
        point.step,
        point.train_loss,
        describe_seconds(left)
    )
}

fn describe_validation(point: &HistoryPoint) -> String {
    let loss = match (point.valid_bits_per_byte, point.valid_loss) {
        (Some(bits), _) => format!("{bits:.4} bits per byte"),
        (None, Some(nats)) => format!("loss {nats:.4}"),
        (None, None) => "nothing to validate on".to_owned(),
    };
    format!("step {}: validation {loss}", point.step)
}

fn describe_seconds(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{}:{:02} min", seconds / 60, seconds % 60),
        _ => format!("{}:{:02} h", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_readable() {
        let given = [59.4, 61.0, 3_720.0].map(describe_seconds);
        assert_eq!(given, ["59 s", "1:01 min", "1:02 h"]);
    }
}
