//! `cargo xtask bench keystroke`: what suggestions after every key of some messages take.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::models::{self, BenchModel};
use super::record::Record;
use super::table;
use crate::board::Board;
use crate::toolchain::Toolchain;
use crate::{emulator, firmware, workspace};

/// The model of the repository that is made for keyboards.
const KEYBOARD: &str = "models/keyboard.egpt";

/// `cargo xtask bench keystroke`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only these boards, separated by commas
    #[arg(long, value_delimiter = ',')]
    board: Vec<Board>,
    /// Another model than models/keyboard.egpt
    #[arg(long)]
    model: Option<PathBuf>,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
}

/// Measures and prints.
pub fn run(args: &Args) -> Result<()> {
    let boards = if args.board.is_empty() { &Board::ALL[..] } else { &args.board };
    let blob = args.model.clone().unwrap_or_else(|| workspace::root().join(KEYBOARD));
    let models = models::find(Some(&blob))?;
    let mut records = Vec::new();
    for &board in boards {
        for model in &models {
            let record = measure(board, model).with_context(|| format!("on the {}", board.core))?;
            if args.json {
                println!("{record}");
            }
            records.push(record);
        }
    }
    if !args.json {
        table::print(&records);
    }
    Ok(())
}

/// The figures of one board and model.
pub fn measure(board: Board, model: &BenchModel) -> Result<Record> {
    emulator::find(board)?;
    let toolchain = Toolchain::find(board)?;
    let program = firmware::build(&toolchain, board, "keystrokes", None)?;
    let Counts { mut instructions, steps, ram } = parse(&emulator::run_quiet_with(board, &program, &model.blob)?)?;
    instructions.sort_unstable();
    let n = instructions.len();
    let at = |percent: usize| instructions[(n - 1) * percent / 100];
    Ok(Record::Keystroke {
        target: board.target_name(),
        model: model.name.clone(),
        format: model.format.clone(),
        n,
        median: at(50),
        p99: at(99),
        most: at(100),
        mean_steps: steps as f64 / n as f64,
        ram_bytes: ram,
    })
}

/// What the program `keystrokes` printed.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    /// Of each key.
    instructions: Vec<u64>,
    /// Of all keys.
    steps: u64,
    /// Buffers and objects, in bytes.
    ram: u64,
}

fn parse(text: &str) -> Result<Counts> {
    let mut counts = Counts::default();
    for line in text.lines() {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["keystroke", instructions, "steps", steps] => {
                counts.instructions.push(instructions.parse().with_context(|| line.to_owned())?);
                counts.steps += steps.parse::<u64>().with_context(|| line.to_owned())?;
            }
            ["end", "context", _, "ram", ram] => counts.ram = ram.parse().with_context(|| line.to_owned())?,
            _ => {}
        }
    }
    ensure!(counts.ram > 0 && !counts.instructions.is_empty(), "the program did not type everything:\n{text}");
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read_and_one_that_ended_early_is_an_error() {
        let text = "clock: a loop\r\nkeystroke 500 steps 1\r\nkeystroke 900 steps 2\r\nend context 64 ram 4000\r\n";
        assert_eq!(parse(text).unwrap(), Counts { instructions: vec![500, 900], steps: 3, ram: 4000 });
        let error = parse("keystroke 500 steps 1\r\nerror: no memory\r\n").unwrap_err().to_string();
        assert!(error.contains("no memory"), "{error}");
        assert!(parse("keystroke many steps 1\r\n").is_err());
    }
}
