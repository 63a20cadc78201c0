//! `cargo xtask header`: the header of the C interface, made by cbindgen from the functions in capi/src.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::capi::HEADER;
use crate::{process, workspace};

/// Another version may write the header in another way.
const VERSION: &str = "0.29.0";
const PACKAGE: &str = "embedded-gpt-capi";

/// `cargo xtask header`
pub fn run() -> Result<()> {
    make(&find_cbindgen()?, &workspace::root().join(HEADER))
}

/// Fails if the header in the repository is not what the functions say.
pub fn check() -> Result<String> {
    let cbindgen = match find_cbindgen() {
        Ok(cbindgen) => cbindgen,
        Err(error) => return Ok(format!("SKIPPED: {error:#}")),
    };
    let now = workspace::target().join("embedded_gpt.h");
    make(&cbindgen, &now)?;
    let [now, there] = [now, workspace::root().join(HEADER)].map(fs::read_to_string);
    ensure!(now? == there?, "{HEADER} is not what capi/src says; `cargo xtask header` writes it anew");
    Ok(String::new())
}

fn make(cbindgen: &Path, to: &Path) -> Result<()> {
    let package = workspace::root().join("capi");
    let mut command = Command::new(cbindgen);
    command.arg("--quiet").arg("--config").arg(package.join("cbindgen.toml"));
    command.args(["--crate", PACKAGE]).arg("--output").arg(to).arg(&package);
    process::quiet("cbindgen", command)?;
    Ok(())
}

/// Finds cbindgen, or installs it below `target`. It is a tool as the emulator is: nothing is linked with it.
fn find_cbindgen() -> Result<PathBuf> {
    let root = workspace::target().join("tools");
    let program = root.join("bin/cbindgen");
    let version = Command::new(&program).arg("--version").output();
    if version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).trim().ends_with(VERSION)) {
        return Ok(program);
    }
    let mut cargo = workspace::cargo();
    cargo.args(["install", "--locked", "--quiet", "--force", "--root"]).arg(&root);
    cargo.arg(format!("cbindgen@{VERSION}"));
    process::quiet("installing cbindgen", cargo).context("cbindgen is not there, and cannot be installed")?;
    Ok(program)
}
