//! `cargo xtask targets`: measures what the runtime and the boards' programs take, and writes the tables that say so.
//! The tests compare the tables with what is quick to measure.

mod facts;
mod table;

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::bench::{self, Typing};
use crate::board::Board;
use crate::real_boards::{self, Footprints};
use crate::{console, workspace};
use facts::{CORES, SOLD_BOARDS};
use table::Figures;

/// The model of the table of cores.
const KEYBOARD: &str = "keyboard";
/// Where the tests measure a slice: that takes half a minute.
const TESTED: Board = Board::CORTEX_M4F;

/// `cargo xtask targets`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Write nothing; fail if a table says something else than what is measured
    #[arg(long)]
    check: bool,
}

/// Measures everything; writes both tables, or compares them.
///
/// # Errors
/// When something cannot be measured here, or a table is outdated.
pub fn run(args: &Args) -> Result<()> {
    type_on_all()?;
    let mut cores = Vec::new();
    for core in &CORES {
        cores.push(on_core(core.board, Some(typing(core.board, KEYBOARD)?))?);
    }
    let footprints = real_boards::footprints()?;
    let mut boards = Vec::new();
    for board in &SOLD_BOARDS {
        boards.push(on_sold_board(board, &footprints, Some(typing(board.core, board.model)?)));
    }
    for (table, figures) in [(facts::cores(), cores), (facts::sold_boards(), boards)] {
        if args.check {
            table.check(&figures)?;
            console::line(&format!("{} says what was measured", table.page));
        } else {
            table.write(&figures)?;
        }
    }
    Ok(())
}

/// Compares the table of README.md with code and stack on all cores, and with RAM and the longest slice on one.
///
/// # Errors
/// When the table says something else.
pub fn check_cores() -> Result<String> {
    let mut figures = Vec::new();
    for core in &CORES {
        let typing = (core.board == TESTED).then(|| typing(core.board, KEYBOARD)).transpose()?;
        figures.push(on_core(core.board, typing)?);
    }
    let missing = facts::cores().check(&figures)?;
    Ok(format!("{} compared on the {} alone; {ALL}", missing.join(" and "), TESTED.core))
}

/// Compares the table of firmware-examples/README.md with what programs take that have just been built.
///
/// # Errors
/// When the table says something else.
pub fn check_sold_boards(footprints: &Footprints) -> Result<String> {
    let figures: Vec<_> = SOLD_BOARDS.iter().map(|board| on_sold_board(board, footprints, None)).collect();
    let missing = facts::sold_boards().check(&figures)?;
    Ok(format!("not all figures compared of {}; {ALL}", missing.join(", ")))
}

/// What a remark of a test ends with.
const ALL: &str = "`cargo xtask targets --check` measures all";

/// The figures of a row of README.md.
fn on_core(board: Board, typing: Option<Typing>) -> Result<Figures> {
    let code = bench::code_bytes(board).with_context(|| format!("on the {}", board.core))?;
    let stack = bench::stack_bytes(board, &model(KEYBOARD)).with_context(|| format!("on the {}", board.core))?;
    let (ram, slice) = (typing.map(|it| it.ram), typing.map(|it| it.longest_slice));
    let shown = |figure: Option<u64>| figure.map_or("not measured".to_owned(), console::thousands);
    let (ram_text, slice_text) = (shown(ram), shown(slice));
    console::line(&format!("{:<10} code {code}, stack {stack}, RAM {ram_text}, slice {slice_text}", board.core));
    Ok(vec![Some(code), ram, Some(stack), slice])
}

/// The figures of a row of firmware-examples/README.md.
fn on_sold_board(board: &facts::SoldBoard, footprints: &Footprints, typing: Option<Typing>) -> Figures {
    let took = footprints.iter().find(|(package, _)| *package == board.package).map(|(_, took)| took);
    vec![took.map(|took| took.flash), took.map(|took| took.ram), typing.map(|typing| typing.longest_slice)]
}

/// Types with each core and model of the tables, on as many emulators at a time as this computer has processors. What
/// they counted is kept, and found when it is asked for again.
fn type_on_all() -> Result<()> {
    let jobs = CORES.iter().map(|core| (core.board, KEYBOARD));
    let mut jobs: Vec<_> = jobs.chain(SOLD_BOARDS.iter().map(|board| (board.core, board.model))).collect();
    jobs.sort_by_key(|(board, model)| (board.name, *model));
    jobs.dedup();
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(&(board, name)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let start = Instant::now();
            typing(board, name)?;
            console::line(&format!("{name} on the {}: typed in {}", board.core, console::seconds(start.elapsed())));
        }
        Ok(())
    };
    let n_worker = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..n_worker).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)))
    })
}

fn typing(board: Board, name: &str) -> Result<Typing> {
    bench::typing(board, &model(name)).with_context(|| format!("on the {}", board.core))
}

fn model(name: &str) -> PathBuf {
    workspace::root().join("models").join(name).with_extension("egpt")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn boards_are_said_to_have_the_models_that_are_built_in() {
        for board in &SOLD_BOARDS {
            let config = workspace::root().join(workspace::EXAMPLES).join(board.package).join(".cargo/config.toml");
            let config = fs::read_to_string(config).unwrap();
            assert!(config.contains(&format!("models/{}.egpt", board.model)), "{}", board.package);
        }
    }

    #[test]
    fn pages_have_the_tables_with_these_facts() {
        for (table, n_figures) in [(facts::cores(), 4), (facts::sold_boards(), 3)] {
            let figures = vec![vec![None; n_figures]; table.rows.len()];
            assert_eq!(table.check(&figures).unwrap().len(), n_figures);
        }
    }
}
