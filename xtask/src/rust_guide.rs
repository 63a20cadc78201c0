//! The page for programs in Rust: what it tells to type is done, in an empty directory.

use std::path::Path;
use std::process::{self, Command};
use std::{env, fs};

use anyhow::{Context, Result, ensure};

use crate::board::Board;
use crate::toolchain::Toolchain;
use crate::{emulator, workspace};

const PAGE: &str = "docs/integrate-rust.md";
/// What the page calls its project, and the clone beside that.
const PROJECT: &str = "my-device";
const CLONE: &str = "embedded-gpt";
const RUN: &str = "cargo run --release";

/// Does what the page says and compares what the program prints.
///
/// # Errors
/// If a command fails, or prints something else than the page has.
pub fn check() -> Result<String> {
    if !matches!(Toolchain::find(Board::CORTEX_M4F)?, Toolchain::Installed) {
        return Ok("SKIPPED: rustup cannot add targets here, as the page asks for".to_owned());
    }
    emulator::find(Board::CORTEX_M4F)?;
    let page = fs::read_to_string(workspace::root().join(PAGE))?;
    // Not in this repository: `cargo init` would make the project a part of it.
    let directory = env::temp_dir().join(format!("embedded-gpt-page-{}", process::id()));
    start(&directory)?;
    let result = follow(&page, &directory);
    fs::remove_dir_all(&directory)?;
    result
}

fn follow(page: &str, directory: &Path) -> Result<String> {
    let commands = commands(page);
    ensure!(commands.contains(&RUN), "{PAGE} does not say `{RUN}`");
    let project = directory.join(PROJECT);
    for command in commands.iter().filter(|command| is_for_project(command)) {
        let place = if command.starts_with("cargo init") { directory } else { &project };
        run(command, place)?;
    }
    for file in [".cargo/config.toml", "memory.x", "src/main.rs"] {
        let content = block_after(page, &format!("`{file}`:")).with_context(|| format!("{PAGE} has no {file}"))?;
        fs::write(project.join(file), content)?;
    }
    let manifest = project.join("Cargo.toml");
    let end = block_after(page, "At the end of `Cargo.toml`:").with_context(|| format!("{PAGE} has no profile"))?;
    fs::write(&manifest, format!("{}\n{end}", fs::read_to_string(&manifest)?))?;
    let said = run(RUN, &project)?;
    let expected = page.split_once(&format!("$ {RUN}\n")).and_then(|(_, rest)| rest.split_once("```"));
    let (expected, _) = expected.with_context(|| format!("{PAGE} does not show what the program prints"))?;
    // Cargo tells before that what it builds.
    ensure!(said.trim_end().ends_with(expected.trim()), "the program of {PAGE} prints\n{said}");
    Ok(format!("{} commands and 4 files of {PAGE}", commands.len()))
}

/// An empty directory with the clone in it.
fn start(directory: &Path) -> Result<()> {
    fs::create_dir_all(directory)?;
    std::os::unix::fs::symlink(workspace::root(), directory.join(CLONE))?;
    Ok(())
}

/// The commands of the page's first part, in order.
fn commands(page: &str) -> Vec<&str> {
    page.lines().filter_map(|line| line.strip_prefix("$ ")).collect()
}

/// What is done to the project; the rest installs something, or runs the program.
fn is_for_project(command: &str) -> bool {
    !["sudo", "rustup", "cd ", RUN].iter().any(|start| command.starts_with(start))
}

fn run(command: &str, directory: &Path) -> Result<String> {
    let mut shell = Command::new("sh");
    shell.args(["-ec", command]).current_dir(directory);
    // Settings of the repository's own builds are not those of a newcomer; what was built once stays.
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        shell.env_remove(name);
    }
    shell.env("CARGO_TARGET_DIR", workspace::target().join("rust-guide"));
    crate::process::quiet(command, shell)
}

/// The fenced block that follows a line.
fn block_after<'p>(page: &'p str, line: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("\n{line}\n\n```"))?;
    let (_, rest) = rest.split_once('\n')?;
    rest.split_once("```").map(|(block, _)| block)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_commands_are_found_in_a_page() {
        let page = "# A\n\n```console\n$ cargo init x\n$ sudo y\n```\n\n`a.x`:\n\n```text\none\ntwo\n```\n\nend\n";
        assert_eq!(block_after(page, "`a.x`:"), Some("one\ntwo\n"));
        assert_eq!(block_after(page, "`b.x`:"), None);
        assert_eq!(commands(page), ["cargo init x", "sudo y"]);
        assert!(is_for_project("cargo init x") && !is_for_project("sudo y"));
    }
}
