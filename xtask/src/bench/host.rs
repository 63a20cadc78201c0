//! `cargo xtask bench host`: the benchmark program `benches/host`, with other engines beside it if wanted.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{process, workspace};

/// `cargo xtask bench host`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Only models with this in their names: demo, stories260K, 15M
    model: Vec<String>,
    /// Other engines, too: candle, llama.cpp if Python has llama_cpp and gguf, and llama2.c if EGPT_RUN_C names its
    /// run.c
    #[arg(long)]
    peers: bool,
    /// Rounds in which the engines take turns; the median counts
    #[arg(long)]
    rounds: Option<usize>,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
}

/// Runs it; its output is this command's.
///
/// # Errors
/// When it does not compile or fails.
pub fn run(args: &Args) -> Result<()> {
    let mut cargo = cargo_bench(args.peers, args.json);
    cargo.args(&args.model);
    if let Some(rounds) = args.rounds {
        cargo.arg("--rounds").arg(rounds.to_string());
    }
    let status = cargo.status().context("cannot start cargo bench")?;
    ensure!(status.success(), "cargo bench ended with {status}");
    Ok(())
}

/// All engines and models; the lines of JSON.
///
/// # Errors
/// When it does not compile or fails.
pub fn measure() -> Result<Vec<String>> {
    let output = process::quiet("measuring on this computer", cargo_bench(true, true))?;
    Ok(output.lines().filter(|line| line.starts_with(r#"{"bench":"host""#)).map(str::to_owned).collect())
}

fn cargo_bench(peers: bool, json: bool) -> Command {
    let mut cargo = workspace::cargo();
    cargo.args(["bench", "--quiet", "--package", "embedded-gpt", "--bench", "host"]);
    cargo.arg("--").args(peers.then_some("--peers")).args(json.then_some("--json"));
    cargo
}
