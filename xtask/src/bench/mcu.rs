//! `cargo xtask bench mcu`: instructions and memory on the emulated boards.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::elf::Footprint;
use super::models::{self, BenchModel};
use super::output::{Memory, Output};
use super::record::Record;
use super::table;
use crate::board::Board;
use crate::toolchain::Toolchain;
use crate::{emulator, firmware};

/// `cargo xtask bench mcu`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only these boards, separated by commas
    #[arg(long, value_delimiter = ',')]
    board: Vec<Board>,
    /// Only this model; otherwise stories260K, where it is found, and the one of the repository
    #[arg(long)]
    model: Option<PathBuf>,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
}

/// Measures and prints.
pub fn run(args: &Args) -> Result<()> {
    let boards = if args.board.is_empty() { &Board::ALL[..] } else { &args.board };
    let models = models::find(args.model.as_deref())?;
    let mut records = Vec::new();
    for &board in boards {
        let measured = measure(board, &models).with_context(|| format!("on the {}", board.core))?;
        if args.json {
            measured.iter().for_each(|record| println!("{record}"));
        }
        records.extend(measured);
    }
    if !args.json {
        table::print(&records);
    }
    Ok(())
}

/// All figures of one board. Memory is that with the first model.
pub fn measure(board: Board, models: &[BenchModel]) -> Result<Vec<Record>> {
    emulator::find(board)?;
    let toolchain = Toolchain::find(board)?;
    let program = firmware::build(&toolchain, board, "bench", None)?;
    let mut records = Vec::new();
    for (i, model) in models.iter().enumerate() {
        let output = Output::parse(&emulator::run_quiet_with(board, &program, &model.blob)?)?;
        if i == 0 {
            records.extend(kernels(board, &output));
        }
        records.extend(tokens(board, model, &output));
        if i == 0 {
            records.push(memory(&toolchain, board, model, output.memory)?);
        }
    }
    Ok(records)
}

fn kernels(board: Board, output: &Output) -> impl Iterator<Item = Record> {
    output.kernels.iter().map(move |count| Record::Kernel {
        target: board.target_name(),
        kernel: count.kernel.clone(),
        format: count.format.clone(),
        rows: count.rows,
        cols: count.cols,
        instr_per_mac: count.instructions as f64 / (count.rows * count.cols) as f64,
    })
}

fn tokens(board: Board, model: &BenchModel, output: &Output) -> impl Iterator<Item = Record> {
    output.tokens.iter().map(move |(position, instructions)| Record::Token {
        target: board.target_name(),
        model: model.name.clone(),
        format: model.format.clone(),
        position: position.clone(),
        instructions: *instructions,
    })
}

/// Code and statics are those of a program that generates and suggests, without the model and without what a
/// program takes that does nothing.
fn memory(toolchain: &Toolchain, board: Board, model: &BenchModel, memory: Memory) -> Result<Record> {
    let footprint = |program| Footprint::of(&firmware::build(toolchain, board, program, Some(&model.blob))?);
    let (runtime, nothing) = (footprint("generate_and_suggest")?, footprint("start_up")?);
    let blob = fs::metadata(&model.blob).context("the model cannot be read")?.len();
    Ok(Record::Memory {
        target: board.target_name(),
        model: model.name.clone(),
        context: memory.context,
        code_bytes: (runtime.flash - nothing.flash).saturating_sub(blob),
        ram_bytes: runtime.ram - nothing.ram + memory.objects,
        stack_bytes: memory.stack,
    })
}
