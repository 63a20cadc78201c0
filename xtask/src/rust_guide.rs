//! The pages for programs in Rust: what they tell to type is done, in an empty directory.

use std::path::Path;
use std::process::{self, Command};
use std::{env, fs};

use anyhow::{Context, Result, ensure};

use crate::board::Board;
use crate::toolchain::{self, Toolchain};
use crate::{emulator, lowest_rust, workspace};

/// A page, and how it calls its project.
struct Page {
    path: &'static str,
    /// Where the part begins that is done; it ends before the next heading of its kind.
    part: &'static str,
    project: &'static str,
    /// Files of the project that follow a line with their name.
    files: &'static [&'static str],
    run: &'static str,
}

const README: Page = Page {
    path: "README.md",
    part: "\n## Add it to your firmware\n",
    project: "first-keyboard",
    files: &["src/main.rs"],
    run: "cargo run --quiet | tail -n 3",
};
const DEVICE: Page = Page {
    path: "docs/integrate-rust.md",
    part: "\n## Words in 15 minutes\n",
    project: "my-device",
    files: &[".cargo/config.toml", "memory.x", "src/main.rs"],
    run: "cargo run --release",
};
/// What both pages call the clone of the repository.
const CLONE: &str = "embedded-gpt";
const END_OF_MANIFEST: &str = "At the end of `Cargo.toml`:";

/// Does on this computer what the README says, and compares what the program prints. The lowest version of Rust
/// compiles the program, too.
///
/// # Errors
/// If a command fails, or prints something else than the page has.
pub fn check_readme() -> Result<String> {
    README.follow_in_empty_directory(|project| {
        let toolchain = lowest_rust::toolchain()?;
        let mut cargo = toolchain::of("cargo", &toolchain);
        if !cargo.arg("--version").output().is_ok_and(|output| output.status.success()) {
            return Ok(format!(", without Rust {toolchain}, which is not there"));
        }
        let mut cargo = toolchain::of("cargo", &toolchain);
        cargo.arg("check").current_dir(project).env("CARGO_TARGET_DIR", workspace::target().join("lowest-rust"));
        crate::process::quiet(&format!("cargo check with Rust {toolchain}"), cargo)?;
        Ok(format!(", also with Rust {toolchain}"))
    })
}

/// Does what the page for devices says and compares what the program prints.
///
/// # Errors
/// If a command fails, or prints something else than the page has.
pub fn check() -> Result<String> {
    if !matches!(Toolchain::find(Board::CORTEX_M4F)?, Toolchain::Installed) {
        return Ok("SKIPPED: rustup cannot add targets here, as the page asks for".to_owned());
    }
    emulator::find(Board::CORTEX_M4F)?;
    DEVICE.follow_in_empty_directory(|_| Ok(String::new()))
}

impl Page {
    /// Does what the page says, then `more` in the project; gives a remark.
    fn follow_in_empty_directory(&self, more: impl FnOnce(&Path) -> Result<String>) -> Result<String> {
        let page = fs::read_to_string(workspace::root().join(self.path))?;
        // Not in this repository: cargo would make the project a part of it.
        let directory = env::temp_dir().join(format!("embedded-gpt-{}-{}", self.project, process::id()));
        start(&directory)?;
        let result = self.follow(&page, &directory);
        let result = result.and_then(|remark| Ok(remark + &more(&directory.join(self.project))?));
        fs::remove_dir_all(&directory)?;
        result
    }

    fn follow(&self, page: &str, directory: &Path) -> Result<String> {
        let Self { path, run: last, .. } = self;
        let part = part(page, self.part).with_context(|| format!("{path} has no part{}", self.part))?;
        let commands = commands(part);
        ensure!(commands.contains(last), "{path} does not say `{last}`");
        let project = directory.join(self.project);
        for command in commands.iter().filter(|command| is_for_project(command)) {
            let is_start = ["cargo init", "cargo new"].iter().any(|start| command.starts_with(start));
            run(command, if is_start { directory } else { &project })?;
        }
        for file in self.files {
            let content = block_after(part, &format!("`{file}`:")).with_context(|| format!("{path} has no {file}"))?;
            fs::write(project.join(file), content)?;
        }
        if let Some(end) = block_after(part, END_OF_MANIFEST) {
            let manifest = project.join("Cargo.toml");
            fs::write(&manifest, format!("{}\n{end}", fs::read_to_string(&manifest)?))?;
        }
        let said = run(last, &project)?;
        let expected = part.split_once(&format!("$ {last}\n")).and_then(|(_, rest)| rest.split_once("```"));
        let (expected, _) = expected.with_context(|| format!("{path} does not show what the program prints"))?;
        // Cargo tells before that what it builds.
        ensure!(said.trim_end().ends_with(expected.trim()), "the program of {path} prints\n{said}");
        Ok(format!("{} commands and {} files of {path}", commands.len(), self.files.len()))
    }
}

/// What follows a heading, up to the next one of two signs.
fn part<'p>(page: &'p str, heading: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(heading)?;
    rest.split("\n## ").next()
}

/// An empty directory with the clone in it.
fn start(directory: &Path) -> Result<()> {
    fs::create_dir_all(directory)?;
    std::os::unix::fs::symlink(workspace::root(), directory.join(CLONE))?;
    Ok(())
}

/// The commands of a part, in order.
fn commands(page: &str) -> Vec<&str> {
    page.lines().filter_map(|line| line.strip_prefix("$ ")).collect()
}

/// What is done to the project; the rest installs something, or runs the program.
fn is_for_project(command: &str) -> bool {
    !["sudo", "rustup", "cd ", "cargo run"].iter().any(|start| command.starts_with(start))
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
        assert_eq!(part("a\n## B\nc\n## D\n", "\n## B\n"), Some("c"));
        assert!(is_for_project("cargo init x") && !is_for_project("sudo y"));
    }
}
