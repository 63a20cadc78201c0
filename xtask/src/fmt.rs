//! `cargo xtask fmt`: rustfmt over the workspace and the stand-alone packages of the fuzzer and the firmware.

use anyhow::Result;

use crate::{process, workspace};

/// `cargo xtask fmt`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Change nothing; fail if something is not formatted
    #[arg(long)]
    check: bool,
}

/// `cargo xtask fmt`
pub fn run(args: &Args) -> Result<()> {
    format_all(args.check)
}

/// Formats every package, or with `check` fails if one is not formatted.
pub fn format_all(check: bool) -> Result<()> {
    for package in workspace::checked()? {
        let mut cargo = workspace::cargo();
        cargo.current_dir(package).args(["fmt", "--all"]);
        if check {
            cargo.arg("--check");
        }
        process::quiet("cargo fmt", cargo)?;
    }
    Ok(())
}
