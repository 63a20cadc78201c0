//! `cargo xtask test`: every check, in the order in which failures are cheapest to find.

use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::emulator::{self, CORTEX_M4F};
use crate::toolchain::Toolchain;
use crate::{console, firmware, fmt, process, workspace};

/// The runtime must compile for these: no atomics beyond load and store, no FPU, no
/// divide on the first; DSP and FPU on the second; another instruction set on the third.
const RUNTIME_TARGETS: &[&str] = &["thumbv6m-none-eabi", "thumbv7em-none-eabihf", "riscv32imc-unknown-none-elf"];

/// `cargo xtask test`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Leave out what needs a compiler for microcontrollers or an emulator
    #[arg(long)]
    host_only: bool,
}

/// One check: what it is, and how it is done. It gives a remark for the summary.
type Step = (&'static str, fn() -> Result<String>);

const HOST: &[Step] =
    &[("format", format), ("clippy", clippy), ("tests", tests), ("doc tests", doc_tests), ("docs", docs)];

const DEVICE: &[Step] = &[
    ("runtime for bare metal", runtime),
    ("firmware clippy", firmware_clippy),
    ("firmware on the emulator", firmware_runs),
];

/// Runs every step, also after a failure; then says what failed.
///
/// # Errors
/// When a step failed.
pub fn run(args: &Args) -> Result<()> {
    let start = Instant::now();
    let device = if args.host_only { &[] } else { DEVICE };
    let steps: Vec<&Step> = HOST.iter().chain(device).collect();
    let failed: Vec<&str> = steps
        .iter()
        .enumerate()
        .filter(|(i, step)| !passes(&format!("{}/{} {}", i + 1, steps.len(), step.0), step.1))
        .map(|(_, step)| step.0)
        .collect();
    console::heading(&format!("Summary ({})", console::seconds(start.elapsed())));
    if !failed.is_empty() {
        console::line(&format!("failed: {}", failed.join(", ")));
    }
    println!("{} passed, {} failed", steps.len() - failed.len(), failed.len());
    if !failed.is_empty() {
        std::process::exit(1);
    }
    Ok(())
}

fn passes(title: &str, check: fn() -> Result<String>) -> bool {
    console::heading(title);
    let start = Instant::now();
    let result = check();
    let time = console::seconds(start.elapsed());
    match &result {
        Ok(remark) if remark.is_empty() => console::line(&format!("passed in {time}")),
        Ok(remark) => console::line(&format!("passed in {time}: {remark}")),
        Err(error) => console::line(&format!("FAILED in {time}: {error:#}")),
    }
    result.is_ok()
}

fn format() -> Result<String> {
    fmt::format_all(true)?;
    Ok(String::new())
}

fn clippy() -> Result<String> {
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    Ok(String::new())
}

fn tests() -> Result<String> {
    if workspace::find_program("cargo-nextest").is_some() {
        let output = cargo(&["nextest", "run", "--workspace", "--color", "never"])?;
        let summary = output.lines().rev().find(|line| line.contains("Summary"));
        let counts = summary.and_then(|line| line.split(']').nth(1));
        return Ok(counts.unwrap_or_default().trim().to_owned());
    }
    cargo(&["test", "--workspace", "--all-targets"])?;
    Ok("with cargo test; cargo-nextest is faster".to_owned())
}

fn doc_tests() -> Result<String> {
    cargo(&["test", "--workspace", "--doc"])?;
    Ok(String::new())
}

fn docs() -> Result<String> {
    let mut cargo = workspace::cargo();
    cargo.args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
    process::quiet("cargo doc", cargo)?;
    Ok(String::new())
}

fn runtime() -> Result<String> {
    let toolchain = Toolchain::find(RUNTIME_TARGETS)?;
    let mut cargo = toolchain.cargo("build", &workspace::root(), RUNTIME_TARGETS);
    cargo.args(["--release", "--package", "embedded-gpt"]);
    process::quiet("building the runtime", cargo)?;
    Ok(format!("{}, with {}", RUNTIME_TARGETS.join(", "), toolchain.describe()))
}

fn firmware_clippy() -> Result<String> {
    let toolchain = Toolchain::find(&[CORTEX_M4F.target])?;
    toolchain.ensure_clippy()?;
    for package in workspace::FIRMWARE_PACKAGES {
        let directory = workspace::root().join(package);
        let mut cargo = toolchain.cargo("clippy", &directory, &[CORTEX_M4F.target]);
        cargo.args(["--release", "--", "-D", "warnings"]);
        process::quiet(&format!("cargo clippy in {package}"), cargo)?;
    }
    Ok(String::new())
}

fn firmware_runs() -> Result<String> {
    let version = emulator::find()?;
    let toolchain = Toolchain::find(&[CORTEX_M4F.target])?;
    let elf = firmware::build(&toolchain, CORTEX_M4F, "complete", None)?;
    let output = emulator::run_quiet(CORTEX_M4F, &elf)?;
    if !output.contains("clock: 1000000 instructions counted as 1000000") {
        bail!("the clock does not count instructions:\n{output}");
    }
    Ok(version)
}

/// Runs cargo with `arguments`, its output hidden.
fn cargo(arguments: &[&str]) -> Result<String> {
    let mut cargo = workspace::cargo();
    cargo.args(arguments);
    process::quiet(&format!("cargo {}", arguments[0]), cargo).with_context(|| format!("cargo {}", arguments.join(" ")))
}
