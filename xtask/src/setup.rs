//! `cargo xtask setup`: finds, or installs, what the other commands need.

use anyhow::Result;

use crate::board::Board;
use crate::c_programs::Compiler;
use crate::toolchain::Toolchain;
use crate::{console, emulator, packages, workspace};

/// What was found; a part that cannot be had is `None`, and the person has been told.
#[derive(Debug)]
pub struct Tools {
    /// The way to compile for the board.
    pub toolchain: Option<Toolchain>,
    /// Whether the emulator is there.
    pub emulator: bool,
}

/// `cargo xtask setup`
pub fn run() -> Result<()> {
    console::heading("Tools");
    find();
    Ok(())
}

/// Finds or installs everything, says what it found.
pub fn find() -> Tools {
    report("corpus client", find_pip());
    let toolchain = Toolchain::find(Board::CORTEX_M4F);
    let shown = toolchain.as_ref().map(Toolchain::describe);
    report("cross compiler", shown.map_err(|error| anyhow::anyhow!("{error:#}")));
    let emulator = report("emulator", emulator::find(Board::CORTEX_M4F));
    report("C cross compiler", Compiler::of(Board::CORTEX_M4F).find());
    Tools { toolchain: toolchain.ok(), emulator }
}

fn find_pip() -> Result<String> {
    if workspace::find_program("pip").is_none() && workspace::find_program("pip3").is_none() {
        packages::install(&["python3-pip"], "fetching the default corpus")?;
    }
    Ok("pip".to_owned())
}

fn report(part: &str, found: Result<String>) -> bool {
    match &found {
        Ok(what) => console::line(&format!("{part:<16} {what}")),
        Err(error) => console::line(&format!("{part:<16} not available: {error:#}")),
    }
    found.is_ok()
}
