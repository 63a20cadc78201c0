//! `cargo xtask bench report`: measures, keeps the figures in docs/benchmarks.jsonl, and has the page drawn from them.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use clap::ValueEnum;

use super::{host, mcu, models};
use crate::board::Board;
use crate::{console, emulator, process, workspace};

const FIGURES: &str = "docs/benchmarks.jsonl";
const PAGE: &str = "docs/benchmarks.md";

/// `cargo xtask bench report`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Measure only this part; the figures of the other one stay as they are
    #[arg(long, conflicts_with = "redraw")]
    only: Option<Part>,
    /// Measure nothing
    #[arg(long)]
    redraw: bool,
}

/// What is measured together.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Part {
    /// Emulated microcontrollers
    Mcu,
    /// This computer, beside other engines where they can be had
    Host,
}

impl Part {
    const ALL: [Part; 2] = [Part::Mcu, Part::Host];

    const fn name(self) -> &'static str {
        match self {
            Part::Mcu => "mcu",
            Part::Host => "host",
        }
    }

    /// Whether a line is a figure of the part, or tells how the part was measured.
    fn has(self, line: &str) -> bool {
        let is = |key: &str, value: &str| line.contains(&format!(r#""{key}":"{value}""#));
        let is_host = is("bench", "host") || is("part", "host");
        is_host == (self == Part::Host)
    }

    fn measure(self) -> Result<Vec<String>> {
        console::heading(&format!("Measuring: {}", self.name()));
        let (figures, machine, command) = match self {
            Part::Mcu => (measure_mcu()?, emulator::find(Board::CORTEX_M4F)?, "cargo xtask bench mcu"),
            Part::Host => (host::measure()?, processor(), "cargo xtask bench host --peers"),
        };
        let (part, date) = (self.name(), date(SystemTime::now()));
        let run =
            format!(r#"{{"bench":"run","part":{part:?},"date":{date:?},"command":{command:?},"machine":{machine:?}}}"#);
        Ok([vec![run], figures].concat())
    }
}

/// Measures and draws.
pub fn run(args: &Args) -> Result<()> {
    let path = workspace::root().join(FIGURES);
    let mut lines: Vec<String> = fs::read_to_string(&path).unwrap_or_default().lines().map(str::to_owned).collect();
    let parts = if args.redraw { Vec::new() } else { args.only.map_or(Part::ALL.to_vec(), |part| vec![part]) };
    for part in parts {
        let measured = part.measure()?;
        lines.retain(|line| !part.has(line));
        lines.extend(measured);
        let new = path.with_extension("jsonl.new");
        fs::write(&new, lines.join("\n") + "\n").and_then(|()| fs::rename(&new, &path))?;
    }
    let mut cargo = workspace::cargo();
    cargo.args(["run", "--profile", "quick", "--package", "benchmark-report", "--", FIGURES, PAGE]);
    process::quiet("drawing", cargo)?;
    console::line(&format!("written: {PAGE}"));
    Ok(())
}

fn measure_mcu() -> Result<Vec<String>> {
    let models = models::find(None)?;
    let mut lines = Vec::new();
    for board in Board::ALL {
        console::line(board.core);
        let records = mcu::measure(board, &models).with_context(|| format!("on the {}", board.core))?;
        lines.extend(records.iter().map(ToString::to_string));
    }
    Ok(lines)
}

/// Name of this computer's processor.
fn processor() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    name.unwrap_or(std::env::consts::ARCH).to_owned()
}

/// The day in UTC as `2026-11-22`.
fn date(time: SystemTime) -> String {
    let days = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / 86_400;
    // Years are counted from March, so that leap days are last; eras have 400 years.
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    format!("{}-{month:02}-{day:02}", era * 400 + year + u64::from(month <= 2))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn days_are_named() {
        let day = |days: u64| date(UNIX_EPOCH + Duration::from_secs(days * 86_400 + 7));
        assert_eq!(
            [0, 59, 11_016, 11_017, 20_779].map(day),
            ["1970-01-01", "1970-03-01", "2000-02-29", "2000-03-01", "2026-11-22"]
        );
    }

    #[test]
    fn every_line_belongs_to_one_part() {
        for (line, part) in [
            (r#"{"bench":"run","part":"host","date":""}"#, Part::Host),
            (r#"{"bench":"host","engine":"candle"}"#, Part::Host),
            (r#"{"bench":"run","part":"mcu","date":""}"#, Part::Mcu),
            (r#"{"bench":"kernel","target":"cortex-m0"}"#, Part::Mcu),
        ] {
            assert!(Part::ALL.iter().all(|&other| other.has(line) == (other == part)), "{line}");
        }
    }
}
