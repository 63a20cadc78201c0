//! `egpt logits-hash`: a checksum to compare a run here with one on a device.
//!
//! The checksum is FNV-1a with 64 bits over the little-endian bytes of the 32-bit logits of every
//! step, in order. The firmware examples print the same; without a prompt this is the run of
//! their `bit_identity`: greedy from token 0, in a context of at most 128.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use egpt_core::blob_file::BlobFile;
use egpt_core::session_memory::SessionMemory;
use embedded_gpt::{LogitsHash, Model, TokenId};
use serde_json::json;

use super::blob_input::{encode, start_token};

/// Print a checksum of all logits of a greedy run, to compare it with a device's.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  egpt logits-hash m.egpt --prompt \"how are you\" -n 200")]
pub struct LogitsHashArgs {
    /// The blob.
    blob: PathBuf,
    /// The text to start with, its logits included; token 0 if none is given.
    #[arg(long, allow_hyphen_values = true)]
    prompt: Option<String>,
    /// Number of steps.
    #[arg(short, default_value_t = 200)]
    n: usize,
    /// Context in tokens; the model's, but at most 128, unless given.
    #[arg(long)]
    context: Option<usize>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the model and prints the checksum.
///
/// # Errors
/// If the blob cannot be read or is not sound, or the context does not suit it.
pub fn run(args: &LogitsHashArgs) -> Result<()> {
    let file = BlobFile::read(&args.blob)?;
    let model = file.model()?;
    let context = args.context.unwrap_or_else(|| context(&model));
    let vocab = model.vocab();
    let prompt = match &args.prompt {
        Some(prompt) => start_token(&vocab, prompt).into_iter().chain(encode(&vocab, prompt)).collect(),
        None => vec![0],
    };
    let hash = format!("{:#018x}", greedy(&model, &prompt, args.n, context)?);
    let mut stdout = io::stdout();
    if args.json {
        writeln!(stdout, "{}", json!({ "logits": hash }))?;
    } else {
        writeln!(stdout, "logits {hash}")?;
    }
    Ok(())
}

/// Tokens that a run looks back unless told otherwise, as in the firmware examples.
pub(super) fn context(model: &Model<'_>) -> usize {
    model.config().n_ctx.min(128)
}

/// The hash of all logits of a greedy run of `n` steps that begins with a prompt.
///
/// # Errors
/// If the context does not suit the model.
pub(super) fn greedy(model: &Model<'_>, prompt: &[TokenId], n: usize, context: usize) -> Result<u64> {
    let mut memory = SessionMemory::new(model.config(), Some(context));
    let mut session = memory.session(model)?;
    let (mut hash, mut next) = (LogitsHash::new(), 0);
    for i in 0..n {
        let logits = session.step(prompt.get(i).copied().unwrap_or(next))?;
        hash.add(logits);
        next = logits.argmax();
    }
    Ok(hash.value())
}
