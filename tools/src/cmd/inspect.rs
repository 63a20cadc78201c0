//! `egpt inspect`: what is in a blob, and what it takes to run it.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use egpt_core::blob_file::BlobFile;
use egpt_core::flash_map::FlashMap;
use egpt_core::language::{code_of, name_of};
use egpt_core::quantize::Quant;
use egpt_core::word_rule;
use embedded_gpt::format::blob;
use embedded_gpt::format::tensor::Format;
use embedded_gpt::{Config, Model};
use serde_json::{Map, Value, json};

use super::blocked;
use super::table::table;

const EXAMPLES: &str = "\
Examples:
  egpt inspect m.egpt
  egpt inspect m.egpt --tensors
  egpt inspect m.egpt --json";

/// Show what is in a blob: shape, bytes of flash by part, RAM by context length.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct InspectArgs {
    /// The blob.
    blob: PathBuf,
    /// List every tensor, too.
    #[arg(long)]
    tensors: bool,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the contents of a blob.
///
/// # Errors
/// If the blob cannot be read or is not sound.
pub fn run(args: &InspectArgs) -> Result<()> {
    let file = BlobFile::read(&args.blob)?;
    let model = file.model()?;
    if args.json { print_json(&file, &model) } else { print_text(&file, &model, args.tensors) }
}

/// RAM in bytes of buffers for a context: KV cache and scratch.
fn ram_bytes(config: &Config, context: usize) -> (usize, usize) {
    (4 * config.kv_words(context), 4 * config.scratch_words(context))
}

/// Powers of two from 32, and the longest.
fn contexts(config: &Config) -> Vec<usize> {
    let mut contexts: Vec<usize> = (5..16).map(|i| 1 << i).take_while(|&context| context < config.n_ctx).collect();
    contexts.push(config.n_ctx);
    contexts
}

fn format_name(format: Format) -> &'static str {
    Quant::of(format).map_or("i16", Quant::name)
}

fn print_json(file: &BlobFile, model: &Model<'_>) -> Result<()> {
    let config = model.config();
    let sections: Map<String, Value> = blob::sections(file.bytes())?
        .map(|(name, bytes)| (String::from_utf8_lossy(&name).into_owned(), bytes.len().into()))
        .collect();
    let tensors: Vec<Value> = config
        .tensors()
        .map(|t| {
            let tensor = model.tensor(t.role, t.layer);
            json!({
                "role": format!("{:?}", t.role), "layer": t.layer, "rows": t.rows, "cols": t.cols,
                "format": format_name(tensor.format), "exponent": tensor.exponent, "bytes": tensor.bytes.len(),
            })
        })
        .collect();
    let ram: Vec<Value> = contexts(config)
        .into_iter()
        .map(|context| {
            let (kv, scratch) = ram_bytes(config, context);
            json!({ "context": context, "bytes": kv + scratch, "kv": kv, "scratch": scratch })
        })
        .collect();
    let map = FlashMap::of(model, file.bytes())?;
    let result = json!({
        "blob_bytes": map.blob_bytes(), "sections": sections, "ram": ram, "config": config_json(config),
        "tensors": tensors, "parts": map.rows().iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
        "metadata": model.metadata(), "language": code_of(model.vocab().language()),
        "word_rule": word_rule::name_of(model.vocab().word_rule()),
        "folds_case": model.vocab().folds_case(), "blocked": model.blocked().len(),
    });
    writeln!(io::stdout(), "{result}")?;
    Ok(())
}

fn config_json(config: &Config) -> Value {
    json!({
        "n_vocab": config.n_vocab, "n_ctx": config.n_ctx, "n_layer": config.n_layer, "n_head": config.n_head,
        "n_kv_head": config.n_kv_head, "head_dim": config.head_dim, "n_embd": config.n_embd, "n_ff": config.n_ff,
        "norm": format!("{:?}", config.norm), "norm_eps": config.norm_eps,
        "position": format!("{:?}", config.position), "rope_theta": config.rope_theta,
        "mlp": format!("{:?}", config.mlp), "bias": config.bias, "tied": config.tied,
    })
}

fn print_text(file: &BlobFile, model: &Model<'_>, with_tensors: bool) -> Result<()> {
    let config = model.config();
    let mut out = io::stdout().lock();
    if !model.metadata().is_empty() {
        writeln!(out, "{}\n", model.metadata().trim_end())?;
    }
    write_config(&mut out, config)?;
    let letters = if model.vocab().folds_case() { "small letters only" } else { "capital and small letters" };
    writeln!(
        out,
        "{letters} · capitals of {} · words of {}",
        name_of(model.vocab().language()),
        word_rule::name_of(model.vocab().word_rule())
    )?;
    writeln!(out, "{}", blocked::line(model.blocked().len()))?;
    writeln!(out, "\nFlash")?;
    write!(out, "{}", FlashMap::of(model, file.bytes())?)?;
    let sections: Vec<String> = blob::sections(file.bytes())?
        .map(|(name, bytes)| format!("{} {}", String::from_utf8_lossy(&name), bytes.len()))
        .collect();
    writeln!(out, "sections: {}", sections.join(" · "))?;
    if with_tensors {
        write_tensors(&mut out, model)?;
    }
    let mut ram = table(["context", "KV cache", "scratch", "bytes"], &[]);
    for context in contexts(config) {
        let (kv, scratch) = ram_bytes(config, context);
        ram.add_row([context, kv, scratch, kv + scratch]);
    }
    writeln!(out, "\nRAM\n{}", ram.trim_fmt())?;
    Ok(())
}

fn write_config(out: &mut impl Write, config: &Config) -> Result<()> {
    let Config { n_vocab, n_ctx, n_layer, n_head, n_kv_head, head_dim, n_embd, n_ff, .. } = config;
    writeln!(out, "n_vocab {n_vocab} · n_ctx {n_ctx} · n_layer {n_layer} · n_embd {n_embd} · n_ff {n_ff}")?;
    writeln!(out, "n_head {n_head} · n_kv_head {n_kv_head} · head_dim {head_dim}")?;
    writeln!(
        out,
        "{:?} · {:?} positions · {:?} · {} · {}",
        config.norm,
        config.position,
        config.mlp,
        if config.bias { "biases" } else { "no biases" },
        if config.tied { "tied head" } else { "separate head" },
    )?;
    Ok(())
}

fn write_tensors(out: &mut impl Write, model: &Model<'_>) -> Result<()> {
    let mut tensors = table(["layer", "tensor", "shape", "format", "bytes"], &[1]);
    for t in model.config().tensors() {
        let tensor = model.tensor(t.role, t.layer);
        tensors.add_row([
            t.layer.to_string(),
            format!("{:?}", t.role),
            format!("{} × {}", t.rows, t.cols),
            format_name(tensor.format).to_owned(),
            tensor.bytes.len().to_string(),
        ]);
    }
    writeln!(out, "\n{}", tensors.trim_fmt())?;
    Ok(())
}
