//! Stack, RAM and the longest slice of the runtime on an emulated core, for the tables of targets.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::output::Output;
use crate::board::Board;
use crate::toolchain::Toolchain;
use crate::{emulator, files, firmware, workspace};

/// What suggestions took while messages were typed once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Typing {
    /// Instructions of the longest call of `Suggester::poll`.
    pub longest_slice: u64,
    /// Bytes of buffers and objects.
    pub ram: u64,
}

/// Bytes of stack below the calls of `suggest` and of a generation.
///
/// # Errors
/// When the program does not compile or run.
pub fn stack_bytes(board: Board, model: &Path) -> Result<u64> {
    emulator::find(board)?;
    let program = firmware::build(&Toolchain::find(board)?, board, "bench", None)?;
    Ok(Output::parse(&emulator::run_quiet_with(board, &program, model)?)?.memory.stack)
}

/// Types the messages of `cargo xtask bench keystroke` once, every key its letter and without a user dictionary. What
/// is known of the same program and model is not measured again: the emulator counts the same each time.
///
/// # Errors
/// When the program does not compile or run.
pub fn typing(board: Board, model: &Path) -> Result<Typing> {
    let version = emulator::find(board)?;
    let program = firmware::build(&Toolchain::find(board)?, board, "keystrokes", None)?;
    let mut hasher = DefaultHasher::new();
    (version, board.machine, fs::read(&program)?, fs::read(model)?).hash(&mut hasher);
    let known = workspace::target().join("typing").join(format!("{:016x}.txt", hasher.finish()));
    if let Ok(typing) = fs::read_to_string(&known).map_err(Into::into).and_then(|output| parse(&output)) {
        return Ok(typing);
    }
    let output = emulator::run_until_line(board, &program, model, "end ")?;
    let typing = parse(&output)?;
    files::write(&known, &output)?;
    Ok(typing)
}

/// The first round of what the program `keystrokes` prints.
fn parse(output: &str) -> Result<Typing> {
    let mut longest_slice = 0;
    for line in output.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let after = |name: &str| -> Result<u64> {
            let at = words.iter().position(|&word| word == name);
            let number = at.and_then(|at| words.get(at + 1)?.parse().ok());
            number.with_context(|| format!("no number behind `{name}` in `{line}`"))
        };
        match words.first() {
            Some(&"keystroke") => longest_slice = longest_slice.max(after("poll")?),
            Some(&"end") if longest_slice > 0 => return Ok(Typing { longest_slice, ram: after("ram")? }),
            _ => {}
        }
    }
    bail!("the program did not type everything:\n{output}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_round_is_read() {
        let text = "clock: a loop\r\nkeystroke 500 steps 1 poll 300 best 7\r\nkeystroke 900 steps 2 poll 200 best 9\r\n\
                    end context 64 keys letters dictionary 0 ram 4000\r\nkeystroke 800 steps 1 poll 600 best 8\r\n";
        assert_eq!(parse(text).unwrap(), Typing { longest_slice: 300, ram: 4000 });
        assert!(parse("keystroke 500 steps 1 poll many best 1\r\n").is_err());
        assert!(parse("end context 64 ram 4000\r\n").is_err());
        assert!(parse("error: no memory\r\n").unwrap_err().to_string().contains("no memory"));
    }
}
