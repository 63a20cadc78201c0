//! `egpt page`: a model to try in a browser.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use egpt_core::blob_file::BlobFile;
use egpt_core::replace_file::replace_file;
use egpt_core::session_memory::SessionMemory;
use embedded_gpt::Model;
use serde_json::json;

use super::ensure_writable;
use super::keys::KeysArg;
use super::logits_hash;
use crate::page::{self, LogitsCheck, Page};

const EXAMPLES: &str = "\
The file holds the model and the runtime, compiled to WebAssembly. It needs no network and no other file: open it in a
browser, put it on a phone, send it to whoever has to choose a board.

Examples:
  egpt page m.egpt --out m.html
  egpt page m.egpt --out m.html --title \"Words for nurses\" --example \"the patient h\" --keys qwertz";

/// Tokens that suggestions look back unless the model's context is shorter.
const CONTEXT: usize = 64;

/// Write one HTML file in which a person tries the model: suggestions, sizes, boards.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct PageArgs {
    /// The blob.
    blob: PathBuf,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The heading; the blob's name unless given.
    #[arg(long)]
    title: Option<String>,
    /// A text that a button writes; may be given several times.
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    example: Vec<String>,
    /// The keyboard, whose keys may be missed; `letters`: every key is what was meant. The page can change it.
    #[arg(long, value_enum, default_value = "qwerty")]
    keys: KeysArg,
    /// Tokens that suggestions look back; 64, or the model's context if that is shorter. The page can change it.
    #[arg(long)]
    context: Option<usize>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Writes the page.
///
/// # Errors
/// If the blob cannot be read or is not sound, the context does not suit it, or the file cannot be written.
pub fn run(args: &PageArgs) -> Result<()> {
    let file = BlobFile::read(&args.blob)?;
    let model = file.model()?;
    ensure!(!is_same(&args.blob, &args.out), "--out is the blob itself: choose another name, such as m.html");
    ensure_writable(&args.out)?;
    let context = args.context.unwrap_or(CONTEXT.min(model.config().n_ctx));
    SessionMemory::new(model.config(), Some(context)).session(&model)?;
    let name = args.blob.file_name().unwrap_or_default().to_string_lossy();
    let page = Page {
        title: args.title.as_deref().unwrap_or(&name),
        name: &name,
        model: &model,
        blob: file.bytes(),
        layout: args.keys.name(),
        context,
        examples: &args.example,
        check: check(&model)?,
    };
    let html = page::html(&page);
    replace_file(&args.out, html.as_bytes()).with_context(|| format!("cannot write {}", args.out.display()))?;
    print(args, &page, html.len())
}

/// What the page has to compute to be called right: as many tokens as a firmware example runs in `bit_identity`, or
/// fewer of a large model.
fn check(model: &Model<'_>) -> Result<LogitsCheck> {
    let context = logits_hash::context(model);
    let n_tokens = page::n_checked(model);
    Ok(LogitsCheck { context, n_tokens, hash: logits_hash::greedy(model, &[0], n_tokens, context)? })
}

fn print(args: &PageArgs, page: &Page<'_>, n_bytes: usize) -> Result<()> {
    let (model, wasm, hash) = (page.blob.len(), page::RUNTIME.len(), page.check.shown());
    let mut stdout = io::stdout().lock();
    if args.json {
        let sizes = json!({
            "out": args.out, "bytes": n_bytes, "model_bytes": model, "wasm_bytes": wasm,
            "tokens": page.check.n_tokens, "logits": hash,
        });
        writeln!(stdout, "{sizes}")?;
    } else {
        let out = args.out.display();
        writeln!(stdout, "{out}: {n_bytes} bytes, in it the model of {model} and the runtime of {wasm}")?;
    }
    Ok(())
}

fn is_same(one: &Path, other: &Path) -> bool {
    fs::canonicalize(one).ok().zip(fs::canonicalize(other).ok()).is_some_and(|(one, other)| one == other)
}
