//! From a tokenizer.json to the tables of a vocabulary, whichever kind of BPE it is.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use embedded_gpt::TokenId;
use serde_json::Value;

use super::bpe::Bpe;
use super::kind::TokenizerKind;
use super::vocabulary::Vocabulary;
use super::{before, byte_level, sentence_piece};
use crate::checkpoint::{self, SpecialTokens};

/// The `VOCB` section for a tokenizer.json and a model of `n_vocab` tokens. Tokens that
/// `special` does not name are found by their usual names.
///
/// # Errors
/// If the file cannot be read, or has something that changes tokens and that the device
/// cannot do; the text says what.
pub fn vocab_section(path: &Path, n_vocab: usize, special: SpecialTokens) -> Result<Vec<u8>> {
    let text = checkpoint::read(path)?;
    let carry = || {
        let json = serde_json::from_slice(&text).context("it is malformed")?;
        let vocabulary = Vocabulary { special, ..Vocabulary::from_json(&json, n_vocab)? };
        let unknown: Vec<TokenId> = (0..n_vocab as TokenId).filter(|&id| !vocabulary.knows(id)).collect();
        if let (Some(first), Some(last)) = (unknown.first(), unknown.last()) {
            bail!(
                "the model has {} tokens that the file does not name (ids from {first} to {last}): it would generate \
                 them, and they print nothing; `egpt import hf` cuts such tokens off at the end",
                unknown.len()
            );
        }
        vocabulary.section(n_vocab)
    };
    carry().with_context(|| format!("{} cannot be put on a device", path.display()))
}

/// What the user of a tokenizer.json should know, because a device does it otherwise.
///
/// # Errors
/// If the file cannot be read.
pub fn note_on(path: &Path) -> Result<Option<&'static str>> {
    let json =
        serde_json::from_slice(&checkpoint::read(path)?).with_context(|| format!("{} is malformed", path.display()))?;
    Ok(before::folds_all_letters(&json).then_some(
        "the normalizer Lowercase makes small letters in all alphabets, a device in Latin, Greek, Cyrillic and \
         Armenian: capitals of others, such as Georgian and Cherokee, are other tokens there",
    ))
}

impl Vocabulary {
    /// The tables of a parsed tokenizer.json for a model of `n_vocab` tokens.
    ///
    /// # Errors
    /// If the tokenizer is of a kind that the device does not have, or its ids are in another
    /// order than the format asks for.
    pub fn from_json(json: &Value, n_vocab: usize) -> Result<Self> {
        ensure!(n_vocab <= 65_535, "a vocabulary of {n_vocab} tokens; at most 65,535 are supported");
        let kind = TokenizerKind::of(json, n_vocab)?;
        let bpe = Bpe::read(json)?;
        match kind {
            TokenizerKind::ByteLevel => byte_level::vocabulary(json, bpe),
            TokenizerKind::SentencePiece => sentence_piece::vocabulary(json, bpe),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokenizer::{TrainSettings, train};

    #[test]
    fn ids_without_a_token_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tokenizer.json");
        let settings = TrainSettings { n_vocab: 258, ..TrainSettings::default() };
        let n_vocab = train(["aa bb"].into_iter(), settings, &path).unwrap();
        assert!(vocab_section(&path, n_vocab, SpecialTokens::default()).is_ok());
        let error = format!("{:#}", vocab_section(&path, n_vocab + 3, SpecialTokens::default()).unwrap_err());
        assert!(error.contains(&format!("3 tokens that the file does not name (ids from {n_vocab} to")), "{error}");
        let pad = SpecialTokens { pad: Some(n_vocab as TokenId), ..SpecialTokens::default() };
        assert!(vocab_section(&path, n_vocab + 1, pad).is_ok(), "a token with a role");
    }
}
