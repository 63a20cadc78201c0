//! The subcommands of `egpt`, one file each: arguments, and what to do with them.

mod blob_input;
mod blocked;
pub mod classify;
mod cleaning;
pub mod compare;
pub mod complete;
pub mod corpus;
pub mod dictionary;
pub mod eval;
pub mod export;
pub mod finetune;
pub mod generate;
pub mod import;
pub mod inspect;
mod keys;
mod language;
pub mod logits_hash;
pub mod page;
mod ranges;
pub mod report;
mod table;
mod teacher;
pub mod tokenize;
pub mod train;
pub mod type_text;
mod word_rule;
pub mod words;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use egpt_core::replace_file::check_replaceable;
use egpt_core::train::TrainingState;

const MODEL_FILES: [&str; 2] = ["config.json", "model.safetensors"];

/// Refuses a file that cannot be written, before anything is computed for it.
fn ensure_writable(out: &Path) -> Result<()> {
    check_replaceable(out).with_context(|| format!("cannot write {}", out.display()))
}

/// Refuses to write a new model where there is one, or a training.
fn ensure_no_model(out: &Path) -> Result<()> {
    let has_model = MODEL_FILES.iter().any(|file| out.join(file).exists());
    ensure!(
        !has_model && !TrainingState::exists(out),
        "{} already holds a model: choose another --out, or remove that directory first",
        out.display()
    );
    Ok(())
}
