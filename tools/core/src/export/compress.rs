//! A checkpoint as the blob that loses least: calibrated where there is a text, within a budget where one is given.

use anyhow::{Context, Result, ensure};
use embedded_gpt::Vocab;
use embedded_gpt::format::blob::ALIGN;
use embedded_gpt::format::tensor::{Format, TensorSpec};

use super::checkpoint::vocabulary_of;
use super::matrix::QuantizedMatrix;
use super::writer::write_quantized;
use crate::blob_file::BlobFile;
use crate::checkpoint::Checkpoint;
use crate::measure::divergence::Original;
use crate::measure::evaluate;
use crate::quantize::calibration::Calibration;
use crate::quantize::formats::{QuantizedTensor, in_one_format, within_budget};
use crate::quantize::{Quant, equalized, put_values};
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
    pub tensors: Vec<QuantizedTensor>,
    /// `None` without a text.
    pub loss: Option<Loss>,
}

/// What the rounding of the weights costs on text that it was not calibrated on, in nats per token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    /// Loss of the exact model.
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
/// If the checkpoint has no tokenizer.json, or one that cannot be carried to a device. If its shape is outside the
/// limits of the blob format, it cannot be made as small as wanted, or the text is too short.
pub fn compress(
    checkpoint: &Checkpoint,
    wanted: Wanted,
    documents: Option<&[String]>,
    about: &str,
) -> Result<Compressed> {
    let job = Job::new(checkpoint, documents, about)?;
    let tensors = match wanted {
        Wanted::Format(quant) => in_one_format(&job.weights, quant, job.calibration.as_ref()),
        Wanted::Bytes(budget) => job.round_within(budget)?,
    };
    Ok(Compressed { blob: job.write(&tensors)?, loss: job.loss(&tensors)?, tensors })
}

/// What all steps need.
struct Job<'a> {
    /// The weights as they are to be rounded.
    weights: Weights,
    vocabulary: BlobFile,
    calibration: Option<Calibration>,
    about: &'a str,
}

impl<'a> Job<'a> {
    fn new(checkpoint: &Checkpoint, documents: Option<&[String]>, about: &'a str) -> Result<Self> {
        let vocabulary = BlobFile::new(&vocabulary_of(checkpoint)?);
        let weights = equalized(&checkpoint.weights);
        let vocab = Vocab::parse(vocabulary.bytes(), weights.config.n_vocab)?;
        let calibration = documents.map(|documents| Calibration::new(&weights, &vocab, documents)).transpose()?;
        Ok(Self { weights, vocabulary, calibration, about })
    }

    fn round_within(&self, budget: usize) -> Result<Vec<QuantizedTensor>> {
        let calibration = self.calibration.as_ref();
        let small = in_one_format(&self.weights, Quant::Q4, calibration);
        let smallest = self.write(&small)?.len();
        ensure!(
            smallest <= budget,
            "the smallest blob of this model, with 4 bits everywhere, has {smallest} bytes; {budget} are too few: give \
             it more flash, or train a smaller model"
        );
        let saves = |spec: &TensorSpec| {
            let len = |format| spec.byte_len(format).next_multiple_of(ALIGN);
            len(Format::Q8) - len(Format::Q4)
        };
        let largest = smallest + small.iter().map(|tensor| saves(&tensor.spec)).sum::<usize>();
        within_budget(&self.weights, small, calibration, largest.saturating_sub(budget), saves)
    }

    fn write(&self, tensors: &[QuantizedTensor]) -> Result<Vec<u8>> {
        let matrix_of = |spec: &TensorSpec, _: &[f32]| {
            let tensor = tensors.iter().find(|tensor| tensor.spec == *spec).context("every matrix is rounded")?;
            Ok(QuantizedMatrix::of(tensor))
        };
        write_quantized(&self.weights, matrix_of, self.vocabulary.bytes(), self.about)
    }

    fn loss(&self, tensors: &[QuantizedTensor]) -> Result<Option<Loss>> {
        let Some(Calibration { held_out, .. }) = &self.calibration else {
            return Ok(None);
        };
        let mut rounded = self.weights.clone();
        tensors.iter().for_each(|tensor| put_values(&mut rounded, &tensor.spec, &tensor.matrix));
        let n_ctx = self.weights.config.n_ctx;
        Ok(Some(Loss {
            exact: evaluate(&self.weights, held_out, n_ctx, n_ctx)?.per_token(),
            added: Original::new(&self.weights, held_out)?.divergence(&rounded)?,
        }))
    }
}
