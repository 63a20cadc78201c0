//! A checkpoint as the blob that loses least: calibrated where there is a text, within a budget where one is given.

use anyhow::{Context, Result, bail};
use embedded_gpt::Vocab;
use embedded_gpt::blob::ALIGN;
use embedded_gpt::tensor::{Format, TensorSpec};

use super::calibration::Calibration;
use super::formats::{RoundedTensor, in_one_format, within_budget};
use super::rounding::put;
use super::writer::{prepared, write_rounded};
use crate::blob_file::BlobFile;
use crate::checkpoint::Checkpoint;
use crate::eval::N_THREADS;
use crate::quantize::Quant;
use crate::tokenizer::vocab_section;
use crate::train::divergence::Original;
use crate::train::evaluate;
use crate::weights::Weights;

/// What formats the matrices are to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All the same.
    Format(Quant),
    /// What loses least in a blob of at most so many bytes.
    Bytes(usize),
}

/// A blob and how it came about.
#[derive(Debug)]
pub struct Compressed {
    pub blob: Vec<u8>,
    pub tensors: Vec<RoundedTensor>,
    /// `None` without a text.
    pub loss: Option<Loss>,
}

/// What the rounding of the weights costs on text that it was not calibrated on, in nats per token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// Of the exact model.
    pub exact: f64,
    /// How far the rounded model's predictions diverge from it.
    pub added: f64,
}

impl Loss {
    /// An added loss in relation to that of the exact model.
    pub fn percent(&self, added: f64) -> f64 {
        100.0 * added / self.exact
    }
}

/// Rounds a checkpoint's matrices by what matters for `documents`, or to the nearest codes if there are none.
///
/// # Errors
/// If the checkpoint has no tokenizer.json or one that cannot be carried to a device, its shape is outside the limits
/// of the blob format, it cannot be made as small as wanted, or the text is too short.
pub fn compress(
    checkpoint: &Checkpoint,
    wanted: Wanted,
    documents: Option<&[String]>,
    about: &str,
) -> Result<Compressed> {
    let vocabulary = vocabulary_of(checkpoint)?;
    let weights = prepared(&checkpoint.weights);
    let vocab = Vocab::parse(vocabulary.bytes(), weights.config.n_vocab)?;
    let calibration = documents.map(|documents| Calibration::new(&weights, &vocab, documents)).transpose()?;
    let calibration = calibration.as_ref();
    let write = |weights: &Weights, tensors: &[RoundedTensor]| {
        let matrix_of = |spec: &TensorSpec, _: &[f32]| {
            let tensor = tensors.iter().find(|tensor| tensor.spec == *spec).context("every matrix is rounded")?;
            Ok(tensor.packed())
        };
        write_rounded(weights, matrix_of, vocabulary.bytes(), about)
    };
    let tensors = match wanted {
        Wanted::Format(quant) => in_one_format(&weights, quant, calibration),
        Wanted::Bytes(budget) => {
            let small = in_one_format(&weights, Quant::Q4, calibration);
            let smallest = write(&weights, &small)?.len();
            let saves = |spec: &TensorSpec| {
                let len = |format| spec.byte_len(format).next_multiple_of(ALIGN);
                len(Format::Q8) - len(Format::Q4)
            };
            let largest = smallest + small.iter().map(|tensor| saves(&tensor.spec)).sum::<usize>();
            let needed = largest.saturating_sub(budget);
            if smallest > budget {
                bail!(
                    "the smallest blob of this model, with 4 bits everywhere, has {smallest} bytes; {budget} are too \
                     few: give it more flash, or train a smaller model"
                );
            }
            within_budget(&weights, small, calibration, needed, saves)?
        }
    };
    let loss = calibration.map(|calibration| loss(&weights, &tensors, calibration)).transpose()?;
    Ok(Compressed { blob: write(&weights, &tensors)?, tensors, loss })
}

fn vocabulary_of(checkpoint: &Checkpoint) -> Result<BlobFile> {
    let tokenizer = checkpoint
        .tokenizer
        .as_deref()
        .context("the checkpoint has no tokenizer.json, and a blob needs a vocabulary; put one beside config.json")?;
    Ok(BlobFile::new(&vocab_section(tokenizer, checkpoint.weights.config.n_vocab, checkpoint.special)?))
}

fn loss(weights: &Weights, tensors: &[RoundedTensor], calibration: &Calibration) -> Result<Loss> {
    let mut rounded = weights.clone();
    tensors.iter().for_each(|tensor| put(&mut rounded, &tensor.spec, &tensor.matrix));
    let n_ctx = weights.config.n_ctx;
    Ok(Loss {
        exact: evaluate(weights, &calibration.judged, n_ctx, n_ctx, N_THREADS)?.per_token(),
        added: Original::new(weights, &calibration.judged, N_THREADS)?.divergence(&rounded)?,
    })
}
