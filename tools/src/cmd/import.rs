//! `egpt import`: models of other tools, and blobs, as checkpoint directories.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use clap::{Args, Subcommand};
use egpt_core::checkpoint::Checkpoint;
use egpt_core::import::check::Checked;
use egpt_core::import::hf::{self, HfOptions, Imported};
use egpt_core::import::{blob, llama2c};
use egpt_core::output_dir::OutputDir;
use egpt_core::text_file;
use egpt_core::tokenizer::TokenizerKind;
use embedded_gpt::Config;
use serde_json::json;

use super::ensure_no_model;

const EXAMPLES: &str = "\
Examples:
  egpt import llama2c stories260K.bin tok512.bin --out models/stories260K
  egpt import hf downloads/tiny-llama --out models/tiny-llama --json
  egpt import blob models/keyboard.egpt --out runs/keyboard   # to go on with egpt finetune";

/// Bring a model of another tool, or a blob, into a checkpoint directory.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ImportArgs {
    #[command(subcommand)]
    source: Source,
    /// Print the result as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Source {
    /// A llama2.c checkpoint of version 0 with its tokenizer.
    #[command(after_help = "Example:\n  egpt import llama2c stories260K.bin tok512.bin --out models/stories260K")]
    Llama2c {
        /// The model, such as stories260K.bin.
        checkpoint: PathBuf,
        /// The tokenizer, such as tok512.bin.
        tokenizer: PathBuf,
        /// The checkpoint directory to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// A Hugging Face directory with config.json, safetensors and tokenizer.json.
    ///
    /// Its tokens are compared with those of the tokenizers library on a sample of texts, and nothing is written if
    /// one differs.
    #[command(after_help = "Example:\n  egpt import hf downloads/tiny-llama --out models/tiny-llama --sample chat.txt")]
    Hf {
        /// The directory, of model_type gpt2, gpt_neo, llama, mistral, qwen2 or qwen3.
        dir: PathBuf,
        /// A key of config.json to take for not there, because it changes nothing; may be given several times.
        #[arg(long, value_name = "KEY")]
        ignore_key: Vec<String>,
        /// Text like that which the model is for: its tokens are compared, too.
        #[arg(long, value_name = "FILE")]
        sample: Option<PathBuf>,
        /// Import the model although a device would make other tokens of some texts than tokenizers.
        #[arg(long)]
        allow_other_ids: bool,
        /// The checkpoint directory to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// A blob that egpt export wrote: its weights as they were rounded, and its vocabulary; not its words.
    #[command(after_help = "Example:\n  egpt import blob models/keyboard.egpt --out runs/keyboard")]
    Blob {
        /// The blob.
        blob: PathBuf,
        /// The checkpoint directory to write.
        #[arg(long)]
        out: PathBuf,
    },
}

/// Imports a model and says what it is.
///
/// # Errors
/// If the model cannot be read, is of a kind that is not supported, or cannot be written.
pub fn run(args: &ImportArgs) -> Result<()> {
    let (Source::Llama2c { out, .. } | Source::Hf { out, .. } | Source::Blob { out, .. }) = &args.source;
    if let Source::Hf { dir, .. } = &args.source {
        let is_same = matches!((dir.canonicalize(), out.canonicalize()), (Ok(dir), Ok(out)) if dir == out);
        ensure!(!is_same, "--out must be another directory than the one imported");
    }
    let output = OutputDir::lock(out)?;
    ensure_no_model(out)?;
    let staging = &output.staging();
    let (checkpoint, tokenizer, checked) = match &args.source {
        Source::Llama2c { checkpoint, tokenizer, .. } => {
            (llama2c::import(checkpoint, tokenizer, staging)?, TokenizerKind::SentencePiece, None)
        }
        Source::Hf { dir, ignore_key, sample, allow_other_ids, .. } => {
            let options = HfOptions {
                ignored_keys: ignore_key.clone(),
                sample: sample.as_deref().map_or(Ok(String::new()), text_file::read)?,
                allows_other_ids: *allow_other_ids,
            };
            let Imported { checkpoint, tokenizer, notes, checked } = hf::import(dir, staging, &options)?;
            notes.iter().for_each(|note| eprintln!("note: {note}"));
            (checkpoint, tokenizer, Some(checked))
        }
        Source::Blob { blob, .. } => {
            let (checkpoint, tokenizer) = blob::import(blob, staging)?;
            (checkpoint, tokenizer, None)
        }
    };
    output.commit()?;
    if tokenizer == TokenizerKind::SentencePiece {
        eprintln!("note: the character ▁ (U+2581) in a text is a space for tokenizers, three bytes for a device");
    }
    report(&checkpoint, tokenizer, checked.as_ref(), out, args.json)
}

fn report(
    checkpoint: &Checkpoint,
    tokenizer: TokenizerKind,
    checked: Option<&Checked>,
    out: &Path,
    as_json: bool,
) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let Config { n_vocab, n_ctx, n_layer, n_head, n_kv_head, head_dim, n_embd, n_ff, .. } = checkpoint.weights.config;
    let parameters = checkpoint.weights.n_parameters();
    if as_json {
        let result = json!({
            "out": out, "parameters": parameters, "tokenizer": tokenizer.name(),
            "n_vocab": n_vocab, "n_ctx": n_ctx, "n_layer": n_layer, "n_head": n_head,
            "n_kv_head": n_kv_head, "head_dim": head_dim, "n_embd": n_embd, "n_ff": n_ff,
            "texts_compared": checked.map(|checked| checked.n_texts),
            "texts_that_differ": checked.map(|checked| checked.n_different()),
        });
        writeln!(stdout, "{result}")?;
        return Ok(());
    }
    writeln!(stdout, "{}: {parameters} parameters, {}", out.display(), tokenizer.name())?;
    writeln!(
        stdout,
        "n_vocab {n_vocab}, n_ctx {n_ctx}, n_layer {n_layer}, n_head {n_head}, n_kv_head {n_kv_head}, \
         head_dim {head_dim}, n_embd {n_embd}, n_ff {n_ff}"
    )?;
    if let Some(checked) = checked {
        writeln!(stdout, "{checked}")?;
    }
    Ok(())
}
