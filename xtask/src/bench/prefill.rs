//! `cargo xtask bench prefill`: what a token of a prompt takes when several go through the weights together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::models::{self, BenchModel};
use super::record::Record;
use super::table;
use crate::board::Board;
use crate::toolchain::Toolchain;
use crate::{emulator, firmware, process, workspace};

/// `cargo xtask bench prefill`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only this model; otherwise stories260K, where it is found, and the one of the repository
    #[arg(long)]
    model: Option<PathBuf>,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
}

/// Measures on the Cortex-M4F and prints.
///
/// # Errors
/// When a program does not compile or fails.
pub fn run(args: &Args) -> Result<()> {
    let board = Board::CORTEX_M4F;
    emulator::find(board)?;
    let program = firmware::build(&Toolchain::find(board)?, board, "prefill", None)?;
    let host = workspace::built("device-run")?;
    let mut records = Vec::new();
    for model in models::find(args.model.as_deref())? {
        records.extend(measure(board, &program, &host, &model)?);
    }
    if args.json {
        records.iter().for_each(|record| println!("{record}"));
    } else {
        table::print(&records);
    }
    Ok(())
}

/// Instructions are counted on the board; what is fetched from flash, on the host with a simulated cache.
fn measure(board: Board, program: &Path, host: &Path, model: &BenchModel) -> Result<Vec<Record>> {
    let on_board = parse(&emulator::run_quiet_with(board, program, &model.blob)?)?;
    let mut simulation = Command::new(host);
    simulation.arg("prefill").arg(&model.blob);
    let on_host = parse(&process::quiet("simulating the cache", simulation)?)?;
    let record = |(n_prefill, count): (u64, Count)| {
        let fetched = on_host.get(&n_prefill).context("the host and the board read different prompts")?;
        Ok(Record::Prefill {
            target: board.target_name(),
            model: model.name.clone(),
            format: model.format.clone(),
            n_prefill,
            ram_bytes: count.ram,
            flash_bytes: fetched.per_token,
            instructions: count.per_token,
        })
    };
    on_board.into_iter().map(record).collect()
}

/// What reading with some number of tokens per pass took.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Count {
    /// Buffers, in bytes.
    ram: u64,
    per_token: u64,
}

fn parse(text: &str) -> Result<BTreeMap<u64, Count>> {
    let mut counts = BTreeMap::new();
    for line in text.lines() {
        if let ["prefill", n_prefill, "ram", ram, "total", total, "tokens", tokens] =
            line.split_whitespace().collect::<Vec<_>>()[..]
        {
            let number = |word: &str| word.parse::<u64>().with_context(|| line.to_owned());
            let per_token = number(total)? / number(tokens)?.max(1);
            counts.insert(number(n_prefill)?, Count { ram: number(ram)?, per_token });
        }
    }
    ensure!(counts.len() == 4, "the program did not read all prompts:\n{text}");
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read_and_one_that_ended_early_is_an_error() {
        let line = |n: u64| format!("prefill {n} ram 4000 total {} tokens 32\r\n", 3200 / n);
        let counts = parse(&[1, 2, 4, 8].map(line).concat()).unwrap();
        assert_eq!(counts[&4], Count { ram: 4000, per_token: 25 });
        let error = parse(&(line(1) + "error: no memory\r\n")).unwrap_err().to_string();
        assert!(error.contains("no memory"), "{error}");
    }
}
