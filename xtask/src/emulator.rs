//! QEMU: finds or installs it, runs firmware on an emulated board.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::{packages, process, workspace};

const PROGRAM: &str = "qemu-system-arm";
/// An emulated second is some 0.1 to 1 billion instructions; no run needs longer than this.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// An emulated board and the target that its core runs.
#[derive(Clone, Copy, Debug)]
pub struct Board {
    /// QEMU's name of it.
    pub machine: &'static str,
    /// What it is, for people.
    pub core: &'static str,
    /// The Rust target.
    pub target: &'static str,
}

/// The board of the demo.
pub const CORTEX_M4F: Board = Board { machine: "mps2-an386", core: "Cortex-M4F", target: "thumbv7em-none-eabihf" };

/// Finds QEMU, or installs it; gives its version.
///
/// # Errors
/// When there is none and it cannot be installed.
pub fn find() -> Result<String> {
    if workspace::find_program(PROGRAM).is_none() {
        packages::install(&[PROGRAM], "emulating microcontrollers")?;
    }
    let output = Command::new(PROGRAM).arg("--version").output();
    let output = output.with_context(|| format!("{PROGRAM} does not start"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Ok(text.lines().next().unwrap_or("QEMU").replace("emulator version ", ""))
}

/// Runs `program` on `board` until it ends itself, with what it sends over its UART shown
/// and given back.
///
/// # Errors
/// When the program ends with failure or not at all.
pub fn run_echoed(board: Board, program: &Path) -> Result<String> {
    process::echoed(LIMIT, command(board, program))
}

/// As [`run_echoed`], but nothing is shown.
pub fn run_quiet(board: Board, program: &Path) -> Result<String> {
    process::quiet_within(LIMIT, &format!("running on {}", board.machine), command(board, program))
}

/// Runs `program` with its UART on the terminal, in both directions.
pub fn run_attached(board: Board, program: &Path) -> Result<()> {
    process::attached(command(board, program))
}

fn command(board: Board, program: &Path) -> Command {
    let mut qemu = Command::new(PROGRAM);
    qemu.args(["-machine", board.machine, "-display", "none", "-monitor", "none"]);
    // One instruction is one nanosecond of virtual time: timers count instructions.
    qemu.args(["-serial", "stdio", "-icount", "shift=0"]);
    qemu.args(["-semihosting-config", "enable=on,target=native", "-kernel"]).arg(program);
    qemu
}
