//! `egpt compare`: a blob beside the checkpoint that it was made from.

use std::fs;
use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::Checkpoint;
use egpt_core::measure::fidelity::{Fidelity, written};
use egpt_core::measure::token_stream::TokenStream;
use embedded_gpt::Model;
use serde_json::{Map, Value};

use super::eval::read_text;

const EXAMPLES: &str = "\
The blob runs as on the device, the checkpoint in f32. Both read the text in windows of the context.

The divergence is that of Kullback and Leibler: what the blob's rounding adds to the loss where the checkpoint is right.
JSON has bits_per_byte_reference, bits_per_byte_blob, mean_kl in nats per token, and top1_agreement from 0 to 1.

Examples:
  egpt compare runs/small m.egpt --text chat.txt
  egpt compare runs/small m.egpt --json";

/// Text of valid.txt on which an export is checked: a few hundred tokens.
const SAMPLE_BYTES: usize = 1500;
/// Tokens that the checkpoint writes where there is no such text.
const SAMPLE_TOKENS: RangeInclusive<usize> = 64..=256;
/// Products of weights that this may take, for a few seconds.
const SAMPLE_WORK: usize = 4_000_000_000;

/// Compare a blob's predictions with those of the checkpoint that it was made from.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CompareArgs {
    /// The checkpoint directory.
    dir: PathBuf,
    /// The blob.
    blob: PathBuf,
    /// The text, in UTF-8. As for the check of egpt export unless given: the beginning of a valid.txt that was put into
    /// the directory, else text that the checkpoint writes.
    #[arg(long, value_name = "FILE")]
    text: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Measures and reports.
///
/// # Errors
/// If checkpoint, blob or text cannot be read, the text is too short, or the blob is another checkpoint's.
pub fn run(args: &CompareArgs) -> Result<()> {
    let checkpoint = Checkpoint::load(&args.dir)?;
    let file = BlobFile::read(&args.blob)?;
    let model = file.model()?;
    let fidelity = match &args.text {
        Some(path) => Fidelity::on_text(&checkpoint, &model, &read_text(path)?),
        None => on_sample(&args.dir, &checkpoint, &model),
    };
    let [blob, dir] = [&args.blob, &args.dir].map(|path| path.display());
    let fidelity = fidelity.with_context(|| format!("{blob} cannot be compared with {dir}"))?;
    let mut stdout = io::stdout().lock();
    if args.json {
        writeln!(stdout, "{}", Value::Object(figures(&fidelity)))?;
        return Ok(());
    }
    let Fidelity { bits_per_byte_reference, bits_per_byte_blob, mean_kl, top1_agreement, n_tokens } = fidelity;
    writeln!(stdout, "bits per byte       {bits_per_byte_blob:7.4}, of the checkpoint {bits_per_byte_reference:.4}")?;
    writeln!(stdout, "divergence          {mean_kl:7.4} nats per token")?;
    writeln!(stdout, "same first choice   {:6.1} % of {n_tokens} tokens", 100.0 * top1_agreement)?;
    Ok(())
}

/// Compares a blob with its checkpoint on some text: a valid.txt in the directory, or what the checkpoint writes.
pub(super) fn on_sample(dir: &Path, checkpoint: &Checkpoint, model: &Model<'_>) -> Result<Fidelity> {
    let text = fs::read(dir.join("valid.txt")).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let text = &text[..text.floor_char_boundary(SAMPLE_BYTES)];
    if text.trim().is_empty() || TokenStream::new(text, &model.vocab()).tokens.len() < 2 {
        let weights = &checkpoint.weights;
        let n_tokens = (SAMPLE_WORK / weights.n_parameters()).clamp(*SAMPLE_TOKENS.start(), *SAMPLE_TOKENS.end());
        return Fidelity::on_tokens(weights, model, &written(weights, &model.vocab(), n_tokens));
    }
    Fidelity::on_text(checkpoint, model, text)
}

/// The figures by their names in JSON.
pub(super) fn figures(fidelity: &Fidelity) -> Map<String, Value> {
    let Fidelity { bits_per_byte_reference, bits_per_byte_blob, mean_kl, top1_agreement, .. } = *fidelity;
    [
        ("bits_per_byte_reference", bits_per_byte_reference),
        ("bits_per_byte_blob", bits_per_byte_blob),
        ("mean_kl", mean_kl),
        ("top1_agreement", top1_agreement),
    ]
    .map(|(name, figure)| (name.to_owned(), figure.into()))
    .into_iter()
    .collect()
}
