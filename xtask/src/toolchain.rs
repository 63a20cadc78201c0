//! Finds a way to compile for microcontrollers, or installs one.
//!
//! `core` for the target comes with the compiler in use (rustup adds it), or is built
//! from source by Debian's compiler, whose source package matches it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::board::Board;
use crate::{packages, process, workspace};

/// Debian's compiler, the source of its `core`, and a linker, which rustup brings along but Debian does not.
const DEBIAN_PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src", "lld"];
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CLIPPY: &str = "/usr/bin/cargo-clippy";
const DEBIAN_CLIPPY_PACKAGE: &str = "rust-web-clippy";
const DEBIAN_CORE: &str = "/usr/lib/rustlib/src/rust/library/core/src/lib.rs";
/// Without a network rustup repeats its attempts for long.
const RUSTUP_LIMIT: Duration = Duration::from_secs(120);

/// A way to compile for microcontrollers.
#[derive(Clone, Debug, PartialEq)]
pub enum Toolchain {
    /// The compiler in use has the targets installed.
    Installed,
    /// Debian's compiler builds `core` from source.
    Debian,
}

impl Toolchain {
    /// The way that this machine offers for `board`; installs one where there is none.
    ///
    /// # Errors
    /// When there is none and none can be installed; says what is missing.
    pub fn find(board: Board) -> Result<Self> {
        if has_core(board.target) {
            return Ok(Toolchain::Installed);
        }
        if debian_is_complete() {
            return Ok(Toolchain::Debian);
        }
        if rustup_adds(board.target) {
            return Ok(Toolchain::Installed);
        }
        packages::install(DEBIAN_PACKAGES, "compiling for microcontrollers")?;
        if !debian_is_complete() {
            bail!(
                "the installed {} is older than Rust {}; \
                 install rustup (https://rustup.rs) and run `rustup target add {}`",
                DEBIAN_PACKAGES[0],
                workspace::lowest_rust()?,
                board.target
            );
        }
        Ok(Toolchain::Debian)
    }

    /// `cargo COMMAND` of the firmware for `board`; the outputs come below [`firmware_outputs`].
    pub fn cargo(&self, command: &str, board: Board) -> Command {
        let mut cargo = match self {
            Toolchain::Installed => workspace::cargo(),
            // Started by itself: cargo would take rustup's clippy, which is first in the PATH.
            Toolchain::Debian if command == "clippy" => Command::new(DEBIAN_CLIPPY),
            Toolchain::Debian => Command::new(DEBIAN_CARGO),
        };
        cargo.current_dir(workspace::root().join(workspace::FIRMWARE)).arg(command);
        cargo.arg("--target-dir").arg(firmware_outputs(board)).args(["--target", board.target]);
        cargo.args(board.feature.iter().flat_map(|feature| ["--features", feature]));
        let target_cpu = board.target_cpu.map(|cpu| format!("-Ctarget-cpu={cpu}"));
        if *self == Toolchain::Debian {
            build_core_from_source(&mut cargo, board.target);
        }
        let linker = (*self == Toolchain::Debian).then(|| "-Clinker-flavor=ld.lld".to_owned());
        let flags: Vec<String> = linker.into_iter().chain(target_cpu).collect();
        // Joined with those that the firmware's own configuration sets. Without quotes around a target with a
        // dot in its name: cargo splits it there, too.
        cargo.args(["--config", &format!("target.{}.rustflags={flags:?}", board.target)]);
        // They would replace both.
        cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        cargo
    }

    /// Finds clippy for this compiler, or installs it.
    ///
    /// # Errors
    /// When there is none and it cannot be installed.
    pub fn ensure_clippy(&self) -> Result<()> {
        match self {
            Toolchain::Debian if !Path::new(DEBIAN_CLIPPY).exists() => {
                packages::install(&[DEBIAN_CLIPPY_PACKAGE], "linting the firmware")
            }
            _ => Ok(()),
        }
    }

    /// What it is, for people.
    pub fn describe(&self) -> String {
        match self {
            Toolchain::Installed => version("rustc").map_or_else(
                || "the compiler in use".to_owned(),
                |minor| format!("rustc 1.{minor} with the targets installed"),
            ),
            Toolchain::Debian => version(DEBIAN_RUSTC).map_or_else(
                || "Debian's rustc".to_owned(),
                |minor| format!("Debian's rustc 1.{minor}, building core from source"),
            ),
        }
    }
}

/// Where cargo puts what it compiles for `board`. What is compiled for one core of a target must not replace
/// what is compiled for another.
pub fn firmware_outputs(board: Board) -> PathBuf {
    workspace::target().join("firmware").join(board.target_cpu.unwrap_or_default())
}

/// Lets Debian's stable compiler use cargo's unstable option that builds `core`.
fn build_core_from_source(cargo: &mut Command, target: &str) {
    cargo.env("CARGO", DEBIAN_CARGO).env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1").arg("-Zbuild-std=core");
    cargo.args(["--config", &format!("target.{target}.linker='ld.lld'")]);
}

fn has_core(target: &str) -> bool {
    core_of(Command::new("rustc"), target)
}

/// Whether the compiler `rustc` has `core` for a target; false if there is no such compiler.
pub fn core_of(mut rustc: Command, target: &str) -> bool {
    let sysroot = rustc.args(["--print", "sysroot"]).output();
    sysroot.is_ok_and(|output| {
        let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        sysroot.join("lib/rustlib").join(target).join("lib").is_dir()
    })
}

fn debian_is_complete() -> bool {
    let present = [DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_CORE].iter().all(|file| Path::new(file).exists());
    present
        && workspace::find_program("ld.lld").is_some()
        && version(DEBIAN_RUSTC) >= workspace::lowest_rust().ok().and_then(|lowest| parse_minor(&lowest))
}

/// Whether the compiler in use can check code for a target, for which rustup may have to be asked.
pub fn has(target: &str) -> bool {
    has_core(target) || rustup_adds(target)
}

fn rustup_adds(target: &str) -> bool {
    if workspace::find_program("rustup").is_none() {
        return false;
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", target]);
    let added = process::quiet_within(RUSTUP_LIMIT, "rustup target add", rustup);
    added.is_ok() && has_core(target)
}

/// A program of another of rustup's compilers; without what the one that runs us has set.
pub fn of(program: &str, toolchain: &str) -> Command {
    // rustup's, which is first in the PATH: only that one knows other compilers.
    let mut command = Command::new(program);
    command.arg(format!("+{toolchain}")).current_dir(workspace::root());
    for variable in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"] {
        command.env_remove(variable);
    }
    command
}

/// The minor version of the compiler `rustc`.
fn version(rustc: &str) -> Option<u32> {
    let output = Command::new(rustc).arg("--version").output().ok()?;
    parse_minor(String::from_utf8_lossy(&output.stdout).strip_prefix("rustc ")?)
}

fn parse_minor(version: &str) -> Option<u32> {
    version.strip_prefix("1.")?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minor_version_is_read() {
        assert_eq!(parse_minor("1.95.0 (59807616e 2026-04-14)\n"), Some(95));
        assert_eq!(parse_minor("1.100.0-nightly"), Some(100));
        assert_eq!(parse_minor("1.88"), Some(88));
        assert_eq!(parse_minor("12"), None);
    }
}
