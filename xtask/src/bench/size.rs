//! `cargo xtask bench size`: where the runtime's flash and stack go.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::elf::Footprint;
use crate::board::Board;
use crate::toolchain::Toolchain;
use crate::{firmware, process, workspace};

/// `cargo xtask bench size`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The board that the code is for
    #[arg(long, default_value = Board::CORTEX_M4F.name)]
    board: Board,
    /// Another opt-level than that of the firmware examples: 1, 2, 3, s or z
    #[arg(long)]
    opt_level: Option<String>,
    /// How many functions and stack frames are listed
    #[arg(long, default_value_t = 25)]
    list: usize,
}

/// A program that generates and suggests, and nothing else, and one that does nothing.
const PROGRAMS: [&str; 2] = ["generate_and_suggest", "start_up"];
/// The model in it; its bytes are not counted.
const MODEL: &str = "models/demo.egpt";

/// Builds, counts and prints.
pub fn run(args: &Args) -> Result<()> {
    let toolchain = Toolchain::find(args.board)?;
    let model_bytes = model_bytes()?;
    let [all, nothing] = PROGRAMS.map(|program| build(&toolchain, args, program));
    let (all, nothing) = (all?, nothing?);
    let mut sizes = workspace::cargo();
    sizes.args(["run", "--quiet", "--profile", "quick", "--package", "firmware-size", "--"]);
    sizes.arg(&all).arg(workspace::root().join("src")).arg(model_bytes.to_string()).arg(args.list.to_string());
    print!("{}", process::quiet("counting", sizes)?);
    println!("\n{} bytes of code and constants without {} and the model", difference(&all, &nothing)?, PROGRAMS[1]);
    Ok(())
}

/// Bytes of code and constants that generating and suggesting take on a board.
///
/// # Errors
/// When a program does not compile.
pub fn code_bytes(board: Board) -> Result<u64> {
    code_bytes_of(board, PROGRAMS[0])
}

/// Bytes of flash that a program takes besides its model and what every program takes. It is built as the programs of
/// the other checks, which share what is compiled.
pub fn code_bytes_of(board: Board, program: &str) -> Result<u64> {
    let toolchain = Toolchain::find(board)?;
    let [all, nothing] = [program, PROGRAMS[1]].map(|program| firmware::build(&toolchain, board, program, None));
    difference(&all?, &nothing?)
}

/// What a program takes that the other one does not, but for its model.
fn difference(all: &Path, nothing: &Path) -> Result<u64> {
    Ok((Footprint::of(all)?.flash - Footprint::of(nothing)?.flash).saturating_sub(model_bytes()?))
}

fn model_bytes() -> Result<u64> {
    let model = workspace::root().join(MODEL);
    Ok(fs::metadata(&model).with_context(|| format!("{} cannot be read", model.display()))?.len())
}

fn build(toolchain: &Toolchain, args: &Args, program: &str) -> Result<PathBuf> {
    let board = args.board;
    let mut cargo = toolchain.cargo("build", board);
    cargo.args(["--release", "--bin", program]);
    // For the sizes of stack frames, which stable compilers give only when they are told to take unstable options.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    cargo.args(["--config", &format!("target.{}.rustflags=['-Zemit-stack-sizes']", board.target)]);
    if let Some(level) = &args.opt_level {
        cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", level);
    }
    workspace::build(&format!("building {program} for the {}", board.core), cargo, program)
}
