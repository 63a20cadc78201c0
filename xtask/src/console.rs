//! What a person sees: headings, results, a spinner for work that is silent.

use std::sync::LazyLock;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// All of them, since work may go on side by side.
static SPINNERS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// Prints the heading of a step.
pub fn heading(text: &str) {
    SPINNERS.suspend(|| println!("\n== {text}"));
}

/// Prints a line below a heading.
pub fn line(text: &str) {
    SPINNERS.suspend(|| println!("   {text}"));
}

/// Prints a remark on stderr, for commands whose output is for machines.
pub fn note(text: &str) {
    eprintln!("{text}");
}

/// A spinner with the elapsed time, on stderr; invisible when stderr is not a terminal.
pub fn spinner(label: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("   {spinner} {prefix} ({elapsed}) {wide_msg:.dim}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    let spinner = SPINNERS.add(ProgressBar::new_spinner().with_style(style).with_prefix(label.to_owned()));
    spinner.enable_steady_tick(Duration::from_millis(120));
    spinner
}

/// `12.3 s`, or `2 min 05 s` from a minute on.
pub fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 { format!("{:.1} s", time.as_secs_f64()) } else { format!("{} min {:02} s", whole / 60, whole % 60) }
}

/// `1234567` as `1,234,567`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_000), "1,000");
        assert_eq!(thousands(12_345_678), "12,345,678");
    }

    #[test]
    fn a_minute_is_not_sixty_seconds() {
        assert_eq!(seconds(Duration::from_millis(59_900)), "59.9 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 05 s");
    }
}
