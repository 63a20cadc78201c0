//! Training speed at several model sizes, with AdamW:
//! `cargo run --release -p egpt-core --example train_throughput [threads] [seconds] [shape]`.
//!
//! Prints tokens per second of wall time and, on Linux, per second of CPU time. `tools/scale/train_throughput.py`
//! runs this and PyTorch in turn.

use std::time::Instant;

use anyhow::{Context, Result};
use egpt_core::design::Sizes;
use egpt_core::network::dropout::Dropout;
use egpt_core::parallel;
use egpt_core::train::adamw::AdamW;
use egpt_core::train::init::random_weights;
use egpt_core::train::step::{Batch, Learner, OptimizerState};
use embedded_gpt::Config;
use embedded_gpt::config::Shape;

const CONTEXT: usize = 128;
const BATCH: usize = 16;

fn gpt2_style(n_vocab: usize, n_layer: usize, n_embd: usize, n_head: usize) -> Config {
    Config::gpt2(Shape { n_vocab, n_ctx: CONTEXT, n_layer, n_head, n_embd })
}

/// User and system time of this process in seconds, from the kernel's accounting.
fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

fn measure(name: &str, config: &Config, seconds: f64) -> Result<()> {
    let weights = random_weights(config, 1)?;
    let adamw = AdamW { muon: false, ..AdamW::default() };
    let mut learner = Learner::new(config, OptimizerState::new(&weights)?, adamw, (BATCH, CONTEXT))?;
    let token = |i: usize| (i * i + i / 7) as u16 % config.n_vocab as u16;
    let batch = Batch {
        inputs: (0..BATCH * CONTEXT).map(token).collect(),
        targets: (1..=BATCH * CONTEXT).map(token).collect(),
        len: CONTEXT,
        ..Batch::default()
    };
    learner.step(&batch, 1e-3, Dropout::default())?;
    let (start, cpu_start) = (Instant::now(), cpu_seconds());
    let mut tokens = 0;
    while start.elapsed().as_secs_f64() < seconds {
        learner.step(&batch, 1e-3, Dropout::default())?;
        tokens += batch.inputs.len();
    }
    let per_second = tokens as f64 / start.elapsed().as_secs_f64();
    print!("{name}: {per_second:.0} tokens/s on {} threads", parallel::n_workspaces(usize::MAX));
    if let (Some(before), Some(after)) = (cpu_start, cpu_seconds()) {
        print!(", {:.0} tokens per CPU-second", tokens as f64 / (after - before));
    }
    println!();
    Ok(())
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let n_threads = args.next().map_or(Ok(1), |a| a.parse()).context("threads")?;
    parallel::use_threads(n_threads)?;
    let seconds = args.next().map_or(Ok(5.0), |a| a.parse()).context("seconds")?;
    let only: Option<usize> = args.next().map(|a| a.parse()).transpose().context("number of a shape")?;
    let shapes = [
        ("0.29 M, 8 heads of 8", gpt2_style(1024, 4, 64, 8)),
        ("1.46 M, 4 heads of 32", gpt2_style(2048, 6, 128, 4)),
        ("5.8 M, 8 heads of 32", gpt2_style(4096, 6, 256, 8)),
        ("0.90 M, preset 512KiB", Sizes { n_vocab: 4096, n_ctx: 128, n_layer: 4, n_embd: 112, n_ff: 208 }.config()),
    ];
    for (_, (name, config)) in shapes.iter().enumerate().filter(|&(i, _)| only.is_none_or(|only| only == i)) {
        measure(name, config, seconds)?;
    }
    Ok(())
}
