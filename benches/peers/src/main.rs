//! Measures candle: loads a GGUF file, then runs as many tokens as each line of input asks for.
//!
//! `candle-worker MODEL.gguf N_VOCAB` prints `ready`, and for each line `n` the CPU seconds of `n` tokens from
//! position 0.

use std::env;
use std::fs::File;
use std::io::{self, BufRead};
use std::time::Duration;

use anyhow::{Context, Result};
use candle_core::quantized::gguf_file;
use candle_core::{Device, Tensor};
use candle_transformers::models::quantized_llama::ModelWeights;
use nix::time::{ClockId, clock_gettime};

fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().context("usage: candle-worker MODEL.gguf N_VOCAB")?;
    let n_vocab: usize = arguments.next().context("usage: candle-worker MODEL.gguf N_VOCAB")?.parse()?;
    let mut file = File::open(&path).with_context(|| format!("cannot open {path}"))?;
    let content = gguf_file::Content::read(&mut file)?;
    let mut model = ModelWeights::from_gguf(content, &mut file, &Device::Cpu)?;
    println!("ready");
    for line in io::stdin().lock().lines() {
        let n: usize = line?.trim().parse()?;
        println!("{}", seconds(&mut model, n, n_vocab)?);
    }
    Ok(())
}

fn seconds(model: &mut ModelWeights, n: usize, n_vocab: usize) -> Result<f64> {
    let start = cpu_time()?;
    for position in 0..n {
        let token = (position * 7919 % n_vocab) as u32;
        let input = Tensor::new(&[token], &Device::Cpu)?.unsqueeze(0)?;
        model.forward(&input, position)?.squeeze(0)?.to_vec1::<f32>()?;
    }
    Ok((cpu_time()? - start).as_secs_f64())
}

fn cpu_time() -> Result<Duration> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}
