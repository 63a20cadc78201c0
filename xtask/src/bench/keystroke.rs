//! `cargo xtask bench keystroke`: what suggestions after every key of some messages take.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

use super::models::{self, BenchModel};
use super::record::Record;
use super::table;
use crate::board::Board;
use crate::toolchain::Toolchain;
use crate::{console, emulator, firmware, workspace};

/// The model of the repository that is made for keyboards.
const KEYBOARD: &str = "models/keyboard.egpt";
/// Most instructions of a slice of the work on the Cortex-M4F while every key is its letter.
const SLICE_BUDGET: u64 = 2_500_000;
/// How often the program types all messages.
const N_ROUNDS: usize = 3;

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
            let measured = measure(board, model).with_context(|| format!("on the {}", board.core))?;
            if args.json {
                measured.iter().for_each(|record| println!("{record}"));
            }
            records.extend(measured);
        }
    }
    if !args.json {
        table::print(&records);
    }
    Ok(())
}

/// The figures of one board and model: alone, with a user dictionary, with slips looked for.
pub fn measure(board: Board, model: &BenchModel) -> Result<Vec<Record>> {
    let rounds = rounds(board, model)?;
    Ok(rounds.into_iter().map(|round| record(board, model, round)).collect())
}

/// The longest slices of each kind, for people; and the check that none is over the budget with the repository's
/// keyboard on a Cortex-M4F, with a user dictionary of 4 KiB and without.
pub fn check_slices() -> Result<String> {
    let models = models::find(Some(&workspace::root().join(KEYBOARD)))?;
    let model = models.first().context("there is no model")?;
    let mut remarks = Vec::new();
    for round in rounds(Board::CORTEX_M4F, model)? {
        let slices = round.slices.iter().map(|(kind, &n)| format!("{kind} {}", console::thousands(n)));
        let slices = slices.collect::<Vec<_>>().join(", ");
        console::line(&format!("{}, {} bytes of dictionary: {slices}", round.keys, round.dictionary));
        let longest = round.longest_poll;
        ensure!(
            longest <= SLICE_BUDGET || round.keys != "letters",
            "a slice takes {longest} instructions, which are more than {SLICE_BUDGET}"
        );
        remarks.push(console::thousands(longest));
    }
    Ok(format!("longest slices of {} instructions", remarks.join(", ")))
}

fn rounds(board: Board, model: &BenchModel) -> Result<Vec<Round>> {
    emulator::find(board)?;
    let toolchain = Toolchain::find(board)?;
    let program = firmware::build(&toolchain, board, "keystrokes", None)?;
    parse(&emulator::run_quiet_with(board, &program, &model.blob)?)
}

fn record(board: Board, model: &BenchModel, mut round: Round) -> Record {
    round.instructions.sort_unstable();
    let n = round.instructions.len();
    let at = |percent: usize| round.instructions[(n - 1) * percent / 100];
    Record::Keystroke {
        target: board.target_name(),
        model: model.name.clone(),
        format: model.format.clone(),
        keys: round.keys,
        user_dictionary_bytes: round.dictionary,
        n,
        median: at(50),
        p99: at(99),
        most: at(100),
        longest_poll: round.longest_poll,
        longest_best: round.longest_best,
        mean_steps: round.steps as f64 / n as f64,
        ram_bytes: round.ram,
    }
}

/// All messages, typed once by the program `keystrokes`.
#[derive(Debug, Default, PartialEq)]
struct Round {
    /// Of each key.
    instructions: Vec<u64>,
    /// Of all keys.
    steps: u64,
    /// Instructions of the longest calls.
    longest_poll: u64,
    longest_best: u64,
    /// Instructions of the longest slice of each kind.
    slices: BTreeMap<String, u64>,
    /// What the keys may stand for.
    keys: String,
    /// Bytes of the user dictionary.
    dictionary: u64,
    /// Buffers and objects, in bytes.
    ram: u64,
}

/// What the program printed.
fn parse(text: &str) -> Result<Vec<Round>> {
    let mut rounds = Vec::new();
    let mut round = Round::default();
    for line in text.lines() {
        let number = |word: &str| word.parse::<u64>().with_context(|| line.to_owned());
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["keystroke", instructions, "steps", steps, "poll", poll, "best", best] => {
                round.instructions.push(number(instructions)?);
                round.steps += number(steps)?;
                round.longest_poll = round.longest_poll.max(number(poll)?);
                round.longest_best = round.longest_best.max(number(best)?);
            }
            ["slice", kind, instructions] => {
                let longest = round.slices.entry(kind.to_owned()).or_default();
                *longest = number(instructions)?.max(*longest);
            }
            ["end", "context", _, "keys", keys, "dictionary", dictionary, "ram", ram] => {
                keys.clone_into(&mut round.keys);
                (round.dictionary, round.ram) = (number(dictionary)?, number(ram)?);
                rounds.push(std::mem::take(&mut round));
            }
            _ => {}
        }
    }
    let is_whole = rounds.len() == N_ROUNDS && rounds.iter().all(|round| !round.instructions.is_empty());
    ensure!(is_whole, "the program did not type everything:\n{text}");
    Ok(rounds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read_and_one_that_ended_early_is_an_error() {
        let text = "clock: a loop\r\nslice Rank 300\r\nslice Rank 200\r\nkeystroke 500 steps 1 poll 300 best 7\r\nkeystroke 900 steps 2 poll 200 best 9\r\n\
                    end context 64 keys letters dictionary 0 ram 4000\r\nkeystroke 800 steps 1 poll 600 best 8\r\n\
                    end context 64 keys letters dictionary 512 ram 4512\r\nkeystroke 950 steps 1 poll 600 best 8\r\n\
                    end context 64 keys slips dictionary 0 ram 4200\r\n";
        let rounds = parse(text).unwrap();
        let first = Round {
            instructions: vec![500, 900],
            steps: 3,
            longest_poll: 300,
            longest_best: 9,
            slices: BTreeMap::from([("Rank".to_owned(), 300)]),
            keys: "letters".into(),
            dictionary: 0,
            ram: 4000,
        };
        assert_eq!(rounds[0], first);
        assert_eq!((rounds[1].longest_poll, rounds[1].dictionary, rounds[2].keys.as_str()), (600, 512, "slips"));
        let error = parse("keystroke 500 steps 1 poll 3 best 1\r\nerror: no memory\r\n").unwrap_err().to_string();
        assert!(error.contains("no memory"), "{error}");
        assert!(parse("keystroke many steps 1 poll 3 best 1\r\n").is_err());
    }
}
