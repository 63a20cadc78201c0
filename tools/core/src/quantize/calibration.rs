//! The text that tells which rounding errors matter: found, cut to size, and run through the model.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use embedded_gpt::Vocab;

use crate::corpus::{Corpus, chitchat};
use crate::measure::moments::{ModelMoments, collect};
use crate::measure::token_stream::TokenStream;
use crate::model_card::ModelCard;
use crate::weights::Weights;

/// Tokens whose inputs are measured; four times as many gain next to nothing.
const MEASURED: usize = 32_768;
/// Further tokens on which formats are compared.
const HELD_OUT: usize = 8_192;
/// Most bytes of a text that are read, more than any vocabulary needs for these tokens.
const MAX_BYTES: usize = 8 * (MEASURED + HELD_OUT);

/// What a text says about a model.
#[derive(Debug)]
pub struct Calibration {
    pub moments: ModelMoments,
    /// Tokens that the moments do not come from, to judge roundings by.
    pub held_out: Vec<u16>,
}

impl Calibration {
    /// Runs a model over documents of its language.
    ///
    /// # Errors
    /// If the text is too short to tell anything, or holds tokens that the model has not.
    pub fn new(weights: &Weights, vocab: &Vocab<'_>, documents: &[String]) -> Result<Self> {
        let mut tokens = TokenStream::new(&sample(documents).join("\n\n"), vocab).tokens;
        tokens.truncate(MEASURED + HELD_OUT);
        let held_out = tokens.split_off(tokens.len() - tokens.len() * HELD_OUT / (MEASURED + HELD_OUT));
        let least = least_tokens(weights);
        ensure!(
            tokens.len() >= least && held_out.len() > 1,
            "the text for calibration has {} tokens, this model needs {least} at least: give more of it, or none",
            tokens.len() + held_out.len()
        );
        let moments = collect(weights, &tokens)?;
        Ok(Self { moments, held_out })
    }

    /// Runs a model over windows from all over a text; `None` if that is too short to tell anything. Nothing is
    /// left to judge by.
    ///
    /// # Errors
    /// If the text holds tokens that the model has not.
    pub fn of_tokens(weights: &Weights, text: &[u16]) -> Result<Option<Self>> {
        let every = text.len().div_ceil(MEASURED).max(1);
        let windows = text.chunks(weights.config.n_ctx).step_by(every);
        let tokens: Vec<u16> = windows.flatten().copied().collect();
        if tokens.len() < least_tokens(weights) {
            return Ok(None);
        }
        let moments = collect(weights, &tokens)?;
        Ok(Some(Self { moments, held_out: Vec::new() }))
    }
}

/// Fewer leave directions of the inputs that are never seen.
fn least_tokens(weights: &Weights) -> usize {
    4 * weights.config.n_embd.max(weights.config.n_ff)
}

/// Whether documents are certainly long enough for [`Calibration::new`].
pub fn is_enough(weights: &Weights, documents: &[String]) -> bool {
    documents.iter().map(String::len).sum::<usize>() >= 16 * least_tokens(weights)
}

/// Documents from all over the text, of about [`MAX_BYTES`] together.
fn sample(documents: &[String]) -> Vec<&str> {
    let bytes: usize = documents.iter().map(String::len).sum();
    let every = bytes.div_ceil(MAX_BYTES).max(1);
    documents.iter().step_by(every).map(String::as_str).collect()
}

/// The documents of a text file, between blank lines.
///
/// # Errors
/// If it cannot be read or is not UTF-8.
pub fn documents_of_file(path: &Path) -> Result<Vec<String>> {
    let corpus = Corpus::load(&[path.display().to_string()])
        .with_context(|| format!("cannot calibrate with {}", path.display()))?;
    Ok([corpus.train, corpus.valid, corpus.test].concat())
}

/// The text that a model was trained on, if its card says so and it is on this machine.
///
/// # Errors
/// If it is there but cannot be read.
pub fn documents_of_card(card: &ModelCard) -> Result<Option<Vec<String>>> {
    let name = &card.corpus;
    let is_chitchat = name == chitchat::NAME || name.starts_with(&format!("{} and ", chitchat::NAME));
    if is_chitchat {
        return Ok(chitchat::load_present()?.map(|corpus| corpus.train));
    }
    // A pipe that text came from has no more of it.
    if Path::new(name).is_file() || Path::new(name).is_dir() {
        return Ok(Some(Corpus::load(std::slice::from_ref(name))?.train));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_from_everywhere_and_not_too_long() {
        let documents: Vec<String> = (0..1000).map(|i| format!("{i:04}").repeat(MAX_BYTES / 400)).collect();
        let sample = sample(&documents);
        let bytes: usize = sample.iter().map(|document| document.len()).sum();
        assert!((MAX_BYTES / 2..=MAX_BYTES + MAX_BYTES / 10).contains(&bytes), "{bytes}");
        assert!(sample[sample.len() - 1].starts_with("09"));
        assert_eq!(super::sample(&["a".into(), "b".into()]), ["a", "b"]);
    }

    #[test]
    fn a_card_without_a_text_at_hand_has_none() {
        let card = ModelCard { corpus: "text/that/is/gone.txt".into(), ..ModelCard::default() };
        assert_eq!(documents_of_card(&card).unwrap(), None);
        assert_eq!(documents_of_card(&ModelCard::default()).unwrap(), None);
    }
}
