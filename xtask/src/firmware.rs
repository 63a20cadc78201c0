//! Builds the firmware examples.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::board::Board;
use crate::toolchain::Toolchain;
use crate::{console, emulator, workspace};

/// `cargo xtask qemu`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// A program in firmware-examples/qemu/src/bin: complete, keyboard, classify, bit_identity, …
    program: String,
    /// The emulated board
    #[arg(long, default_value = Board::CORTEX_M4F.name)]
    board: Board,
    /// The model to build in; models/demo.egpt, a small one, if not given
    #[arg(long)]
    model: Option<PathBuf>,
}

/// Builds a program and runs it with its UART on the terminal.
pub fn run(args: &Args) -> Result<()> {
    let board = args.board;
    emulator::find(board)?;
    let toolchain = Toolchain::find(board)?;
    let elf = build(&toolchain, board, &args.program, args.model.as_deref())?;
    console::line(&format!("{} on an emulated {} ({})", args.program, board.core, board.machine));
    emulator::run_attached(board, &elf)
}

/// Builds one program for `board`, with `model` in its flash; gives the ELF file.
pub fn build(toolchain: &Toolchain, board: Board, program: &str, model: Option<&Path>) -> Result<PathBuf> {
    let mut cargo = toolchain.cargo("build", board);
    cargo.args(["--release", "--bin", program]);
    if let Some(model) = model {
        let path =
            model.canonicalize().with_context(|| format!("there is no model {} to build in", model.display()))?;
        cargo.env("EGPT_MODEL", path);
    }
    workspace::build(&format!("building {program} for the {}", board.core), cargo, program)
}
