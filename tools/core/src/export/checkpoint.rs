//! A checkpoint as a blob: its weights, its vocabulary, and a text about it.

use anyhow::{Context, Result};
use embedded_gpt::format::tensor::{Format, TensorSpec};

use super::write_blob;
use crate::checkpoint::Checkpoint;
use crate::tokenizer::vocab_section;

/// Quantizes a checkpoint, each matrix to the format that `format_of` chooses, and joins it with its vocabulary and
/// a text for people.
///
/// # Errors
/// If the checkpoint has no tokenizer.json or one that cannot be carried to a device, or its shape
/// is outside the limits of the blob format.
pub fn blob_of(checkpoint: &Checkpoint, format_of: impl Fn(&TensorSpec) -> Format, about: &str) -> Result<Vec<u8>> {
    let vocabulary = vocabulary_of(checkpoint)?;
    write_blob(&checkpoint.weights, format_of, &vocabulary, about)
}

/// The vocabulary section of a checkpoint's blob.
pub(super) fn vocabulary_of(checkpoint: &Checkpoint) -> Result<Vec<u8>> {
    let tokenizer = checkpoint
        .tokenizer
        .as_deref()
        .context("the checkpoint has no tokenizer.json, and a blob needs a vocabulary; put one beside config.json")?;
    vocab_section(tokenizer, checkpoint.weights.config.n_vocab, checkpoint.special)
}
