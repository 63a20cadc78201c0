//! `egpt classify`: the label that the device would give a text.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use egpt_core::blob_file::BlobFile;
use egpt_core::session_memory::SessionMemory;
use egpt_core::task::{Labels, accuracy};
use embedded_gpt::{Classifier, Logits, Model};
use serde_json::json;

const EXAMPLES: &str = "\
Models get labels from egpt finetune --classify.

Examples:
  egpt classify m.egpt --text \"you have won a prize\"
  egpt classify m.egpt --labels test.jsonl   # the share of right ones";

/// Give a text one of the model's labels, as the device would.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ClassifyArgs {
    /// The blob.
    blob: PathBuf,
    /// The text.
    #[arg(long, required_unless_present = "labels", allow_hyphen_values = true)]
    text: Option<String>,
    /// Texts with their labels, {\"text\": …, \"label\": …} per line, to count right answers.
    #[arg(long, value_name = "JSONL", conflicts_with = "text")]
    labels: Option<PathBuf>,
    /// Context in tokens; what the model was trained for unless given.
    #[arg(long)]
    context: Option<usize>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Prints labels with their probabilities, or the share of right ones.
///
/// # Errors
/// If the blob cannot be read, is not sound or has no labels, or the texts cannot be read.
pub fn run(args: &ClassifyArgs) -> Result<()> {
    let file = BlobFile::read(&args.blob)?;
    let model = file.model()?;
    match (&args.labels, &args.text) {
        (Some(path), _) => count(args, &model, &Labels::load(path)?),
        (None, text) => classify(args, &model, text.as_deref().unwrap_or_default()),
    }
}

fn classify(args: &ClassifyArgs, model: &Model<'_>, text: &str) -> Result<()> {
    let mut memory = SessionMemory::new(model.config(), args.context);
    let mut classifier = Classifier::new(memory.session(model)?)?;
    let best = classifier.classify(text);
    let scores = classifier.scores();
    let probability = |score: i32| (f64::from(score - scores.log_sum_exp()) / f64::from(Logits::ONE)).exp();
    let mut labels: Vec<(&str, f64)> =
        classifier.labels().zip(scores.values().iter().map(|&score| probability(score))).collect();
    labels.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut stdout = io::stdout().lock();
    if args.json {
        let labels: Vec<_> = labels.iter().map(|(name, share)| json!({"label": name, "probability": share})).collect();
        writeln!(stdout, "{}", json!({"label": best.name, "labels": labels}))?;
        return Ok(());
    }
    for (name, share) in labels {
        writeln!(stdout, "{:5.1} %  {name}", 100.0 * share)?;
    }
    Ok(())
}

fn count(args: &ClassifyArgs, model: &Model<'_>, labels: &Labels) -> Result<()> {
    ensure!(args.context.is_none(), "--labels measures with the context that the model was trained for");
    let right = accuracy(model, &labels.names, &labels.texts)?;
    let share = right as f64 / labels.texts.len() as f64;
    let mut stdout = io::stdout().lock();
    if args.json {
        writeln!(stdout, "{}", json!({"texts": labels.texts.len(), "right": right, "accuracy": share}))?;
    } else {
        writeln!(stdout, "{right} of {} right: {:.1} %", labels.texts.len(), 100.0 * share)?;
    }
    Ok(())
}
