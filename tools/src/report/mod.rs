//! A page about a training: one HTML file in the checkpoint directory that needs nothing else.

mod curves;
mod embedding;
mod page;
mod record;
mod samples;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::Checkpoint;
use egpt_core::corpus::Corpus;
use egpt_core::export::blob_of;
use egpt_core::flash_map::FlashMap;
use egpt_core::model_card::ModelCard;
use egpt_core::quantize::Quant;
use egpt_core::replace_file::replace_file;
use egpt_core::train::TrainingState;
use egpt_core::train::state::load_history;

use self::record::Record;

const FILE: &str = "report.html";

/// Writes the page of a training that has ended, with samples of the corpus's validation text. Returns where it is.
///
/// # Errors
/// If the directory holds no model or cannot be written.
pub fn after_training(dir: &Path, corpus: &Corpus) -> Result<PathBuf> {
    let record = Record {
        prompts: samples::prompts(&corpus.valid),
        words: embedding::frequent_words(&corpus.train),
        ..Record::load(dir)?
    };
    write(dir, &record)
}

/// Writes the page again, with the lines of JSON that `egpt eval` printed if there are new ones. Returns where it is.
///
/// # Errors
/// If the directory holds no model or cannot be written, or what should be an evaluation is none.
pub fn again(dir: &Path, evaluation: Option<&str>) -> Result<PathBuf> {
    let mut record = Record::load(dir)?;
    if let Some(lines) = evaluation {
        record.evaluation = record::evaluation(lines)?;
    }
    write(dir, &record)
}

/// Writes the page, and what it was made from.
fn write(dir: &Path, record: &Record) -> Result<PathBuf> {
    let checkpoint = Checkpoint::load(dir)?;
    let quant = if TrainingState::exists(dir) { TrainingState::load(dir)?.config.quant } else { None };
    let format = quant.unwrap_or(Quant::Q8).format();
    let file = BlobFile::new(&blob_of(&checkpoint, |_| format, "")?);
    let model = file.model()?;
    let words = embedding::words(&model.vocab(), &record.words);
    let content = page::Content {
        card: ModelCard::load(dir)?.unwrap_or_default(),
        quant: quant.unwrap_or(Quant::Q8),
        n_parameter: checkpoint.weights.n_parameters(),
        config: checkpoint.weights.config,
        history: load_history(dir)?,
        flash: FlashMap::of(&model, file.bytes())?,
        samples: samples::complete(&model, &record.prompts)?,
        space: embedding::Space::new(&checkpoint.weights, words),
        evaluation: &record.evaluation,
    };
    let html = page::html(&content)?;
    record.save(dir)?;
    let path = dir.join(FILE);
    replace_file(&path, html.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}
