//! Tokens per CPU-second on this machine, one thread, in interleaved rounds; beside other engines with `--features
//! peers` or `--peers`, which compiles less.
//!
//! ```text
//! cargo bench --bench host
//! cargo bench --features peers --bench host -- --json --rounds 9 15M
//! ```
//!
//! Words select models by name. Peers: candle (compiled on first use), llama.cpp where Python has `llama_cpp` and
//! `gguf`, and llama2.c's run.c where `EGPT_RUN_C` names that file. What is missing is skipped and said so.

mod engines;
mod models;
mod ours;
mod process_engine;
mod run;
mod run_c;

use std::env;
use std::process::ExitCode;

use anyhow::{Context, Result};
use engines::Engine;
use models::BenchModel;

const DEFAULT_ROUNDS: usize = 7;

struct Args {
    json: bool,
    peers: bool,
    rounds: usize,
    /// Parts of model names; empty for all.
    wanted: Vec<String>,
}

fn main() -> ExitCode {
    // Cargo passes `--bench`, unless it only checks that benchmarks start.
    if !env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    match args().and_then(|args| run(&args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn args() -> Result<Args> {
    let mut args = Args { json: false, peers: cfg!(feature = "peers"), rounds: DEFAULT_ROUNDS, wanted: Vec::new() };
    let mut given = env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--bench" => {}
            "--json" => args.json = true,
            "--peers" => args.peers = true,
            "--rounds" => {
                let rounds = given.next().and_then(|n| n.parse().ok()).filter(|&n| n > 0);
                args.rounds = rounds.context("--rounds takes a number of rounds from 1 on")?;
            }
            name if !name.starts_with('-') => args.wanted.push(name.to_owned()),
            other => {
                anyhow::bail!("unknown option {other}; there are --json, --peers and --rounds N, and names of models")
            }
        }
    }
    Ok(args)
}

fn run(args: &Args) -> Result<()> {
    eprintln!("kernel: {}; {} rounds, median, one thread", embedded_gpt::kernel_name(), args.rounds);
    let directory = tempfile::tempdir().context("cannot make a temporary directory")?;
    for model in models::all(directory.path(), &args.wanted) {
        let model = model?;
        let mut engines = engines::of(&model, args.peers)?;
        let rates = rounds(&mut engines, &model, args.rounds)?;
        for (engine, rate) in engines.iter().zip(&rates) {
            print(args.json, engine, &model, *rate, rates[0]);
        }
    }
    Ok(())
}

/// Median of each engine's tokens per CPU-second; the engines take turns.
fn rounds(engines: &mut [Engine], model: &BenchModel, rounds: usize) -> Result<Vec<f64>> {
    let mut rates = vec![Vec::new(); engines.len()];
    for round in 0..=rounds {
        for (engine, rates) in engines.iter_mut().zip(&mut rates) {
            let seconds = engine.seconds(model.n_token).with_context(|| format!("{} failed", engine.name))?;
            // The first round warms up caches and branch predictors.
            if round > 0 {
                rates.push(model.n_token as f64 / seconds);
            }
        }
    }
    Ok(rates.into_iter().map(median).collect())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn print(json: bool, engine: &Engine, model: &BenchModel, rate: f64, first: f64) {
    if json {
        let line = serde_json::json!({
            "bench": "host",
            "engine": engine.name,
            "model": model.name,
            "format": engine.format,
            "tokens_per_cpu_second": (rate * 10.0).round() / 10.0,
        });
        println!("{line}");
    } else {
        println!(
            "{:<12} {:<13} {:<5} {rate:>9.0} tokens/CPU-s {:>6.2}x",
            model.name,
            engine.name,
            engine.format,
            rate / first
        );
    }
}
