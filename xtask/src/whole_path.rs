//! Text → trained model → blob → suggestions, here and on the emulated board, with a
//! toy that trains in seconds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::board::Board;
use crate::toolchain::Toolchain;
use crate::{emulator, firmware, process, same_run, workspace};

const STEPS: &str = "150";
/// Far more than the toy needs.
const LIMIT: Duration = Duration::from_secs(5 * 60);

/// Trains the toy and exports it; gives the blob.
///
/// # Errors
/// When a command fails, or what was learnt is not suggested.
pub fn on_host(egpt: &Path) -> Result<PathBuf> {
    let directory = directory();
    // What an earlier run left must not help this one.
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).with_context(|| format!("{} cannot be made", directory.display()))?;
    fs::write(directory.join("toy.txt"), toy_text()).context("toy.txt cannot be written")?;
    let run = |arguments: &[&str]| {
        let mut command = Command::new(egpt);
        command.current_dir(&directory).args(arguments);
        process::quiet_within(LIMIT, &format!("egpt {}", arguments[0]), command)
    };
    run(&["train", "--corpus", "toy.txt", "--out", "checkpoint", "--preset", "tiny", "--steps", STEPS])?;
    run(&["export", "checkpoint", "--quant", "q8", "--out", "toy.egpt"])?;
    run(&["inspect", "toy.egpt"])?;
    let suggestions = run(&["complete", "toy.egpt", "--text", "let us meet at the station tom", "-k", "3", "--json"])?;
    if !suggestions.contains("\"tomorrow\"") {
        bail!("the toy knows no other word that starts with \"tom\" than \"tomorrow\", yet it suggests {suggestions}");
    }
    Ok(blob())
}

fn directory() -> PathBuf {
    workspace::target().join("toy")
}

/// Where [`on_host`] puts the blob.
pub fn blob() -> PathBuf {
    directory().join("toy.egpt")
}

/// Runs the blob on `board` and here, and compares.
///
/// # Errors
/// When the results differ, or there is no way to run it.
pub fn on_device(board: Board, device_run: &Path, blob: &Path) -> Result<String> {
    emulator::find(board)?;
    let toolchain = Toolchain::find(board)?;
    let elf = firmware::build(&toolchain, board, "complete", Some(blob))?;
    let device = emulator::run_quiet(board, &elf)?;
    if !device.contains("a loop of 1000000 instructions counts 1000000") {
        bail!("the clock of the board does not count instructions:\n{device}");
    }
    let mut host = Command::new(device_run);
    host.arg("complete").arg(blob);
    same_run::check(&process::quiet("running on the host", host)?, &device)
}

/// Every sentence of a small grammar, in an order without pattern.
fn toy_text() -> String {
    const WHO: [&str; 6] = ["let us", "i will", "they", "we", "you can", "my friends"];
    const WHAT: [&str; 4] = ["meet", "eat", "play", "wait"];
    const WHERE: [&str; 7] =
        ["at the station", "in the park", "at home", "near the river", "at school", "in the garden", "by the lake"];
    const WHEN: [&str; 5] = ["tomorrow", "today", "on monday", "after lunch", "this evening"];
    const N: usize = WHO.len() * WHAT.len() * WHERE.len() * WHEN.len();
    // It has no factor in common with N, so every sentence comes once.
    const STRIDE: usize = 379;
    let sentence = |i: usize| {
        let (who, rest) = (WHO[i % WHO.len()], i / WHO.len());
        let (what, rest) = (WHAT[rest % WHAT.len()], rest / WHAT.len());
        let (place, rest) = (WHERE[rest % WHERE.len()], rest / WHERE.len());
        format!("{who} {what} {place} {}.\n", WHEN[rest])
    };
    (0..N).map(|i| sentence(i * STRIDE % N)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_comes_once() {
        let text = toy_text();
        let mut lines: Vec<&str> = text.lines().collect();
        let n = lines.len();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!((n, lines.len()), (840, 840));
    }
}
