//! `cargo xtask miri` looks for undefined behaviour: Miri interprets the runtime on a small model.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::golden::Golden;
use crate::{process, toolchain, workspace};

/// The model that is small enough to be interpreted.
const MODEL: &str = "gpt2";
/// It takes many minutes.
const LIMIT: Duration = Duration::from_secs(2 * 60 * 60);

/// What the model computes and says is in the golden values, by the portable kernel, with every access to memory
/// checked: blob, vocabulary, session, suggester, user dictionary. The program does a small part of its run.
///
/// # Errors
/// When there is no Miri, or it finds something.
pub fn run() -> Result<()> {
    ensure!(
        is_installed(),
        "there is no Miri: `rustup toolchain install nightly --component miri,rust-src` installs it"
    );
    let golden = Golden::all()?.into_iter().find(|golden| golden.name() == MODEL);
    let golden = golden.with_context(|| format!("there is no model {MODEL}"))?;
    let mut miri = cargo();
    miri.args(["run", "--package", "device-run", "--no-default-features", "--", "bit_identity"]).arg(&golden.model);
    // The program reads the model's file.
    miri.env("MIRIFLAGS", "-Zmiri-disable-isolation").env("CARGO_TARGET_DIR", workspace::target().join("miri"));
    golden.check_part(&process::quiet_within(LIMIT, "interpreting", miri)?)?;
    println!("Miri found nothing");
    Ok(())
}

fn is_installed() -> bool {
    cargo().arg("--version").output().is_ok_and(|output| output.status.success())
}

fn cargo() -> Command {
    let mut cargo = toolchain::of("cargo", "nightly");
    cargo.arg("miri");
    cargo
}
