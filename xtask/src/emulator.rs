//! QEMU: finds or installs it, runs firmware on an emulated board.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::board::Board;
use crate::{packages, process, workspace};

/// An emulated second is some 0.1 to 1 billion instructions; no run needs longer than this.
const LIMIT: Duration = Duration::from_secs(10 * 60);

/// Finds QEMU for `board`, or installs it; gives its version.
///
/// # Errors
/// When there is none and it cannot be installed.
pub fn find(board: Board) -> Result<String> {
    let (program, package) = board.emulator();
    if workspace::find_program(program).is_none() {
        packages::install(&[package], "emulating microcontrollers")?;
    }
    let output = Command::new(program).arg("--version").output();
    let output = output.with_context(|| format!("{program} does not start"))?;
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

/// As [`run_quiet`], with the bytes of `model` in the memory that the board has for it.
pub fn run_quiet_with(board: Board, program: &Path, model: &Path) -> Result<String> {
    process::quiet_within(LIMIT, &format!("running on {}", board.machine), command_with(board, program, model))
}

/// Runs `program` with a model until it has printed a whole line that begins with `start`; gives what it printed.
pub fn run_until_line(board: Board, program: &Path, model: &Path, start: &str) -> Result<String> {
    process::until_line(LIMIT, command_with(board, program, model), start)
}

/// Runs `program` with a model until it ends itself or the time is up; gives what it printed.
pub fn run_until(
    limit: Duration,
    board: Board,
    program: &Path,
    model: &Path,
    on_line: impl FnMut(&str),
) -> Result<String> {
    process::output_until(limit, command_with(board, program, model), on_line)
}

/// Runs `program`, types `input` on its UART, and ends it once it has printed `expected`.
pub fn run_typed(board: Board, program: &Path, input: &str, expected: &str) -> Result<()> {
    process::typed(LIMIT, command(board, program), input, expected)
}

/// Runs `program` with its UART on the terminal, in both directions.
pub fn run_attached(board: Board, program: &Path) -> Result<()> {
    process::attached(command(board, program))
}

fn command_with(board: Board, program: &Path, model: &Path) -> Command {
    let mut qemu = command(board, program);
    qemu.arg("-device");
    qemu.arg(format!("loader,file={},addr={:#x},force-raw=on", model.display(), board.model_address));
    qemu
}

fn command(board: Board, program: &Path) -> Command {
    let mut qemu = Command::new(board.emulator().0);
    qemu.args(["-machine", board.machine, "-display", "none", "-monitor", "none", "-serial", "stdio"]);
    // One instruction is one nanosecond of virtual time: timers count instructions.
    qemu.args(["-icount", "shift=0"]).args(board.emulator_arguments());
    qemu.arg("-kernel").arg(program);
    qemu
}
