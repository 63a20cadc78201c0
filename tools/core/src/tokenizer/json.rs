//! From a tokenizer.json to the tables of a vocabulary, whichever kind of BPE it is.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::bpe::Bpe;
use super::kind::TokenizerKind;
use super::vocabulary::Vocabulary;
use super::{byte_level, sentence_piece};
use crate::checkpoint::SpecialTokens;

/// The `VOCB` section for a tokenizer.json and a model of `n_vocab` tokens. Tokens that
/// `special` does not name are found by their usual names.
///
/// # Errors
/// If the file cannot be read, or has something that changes tokens and that the device
/// cannot do; the text says what.
pub fn vocab_section(path: &Path, n_vocab: usize, special: SpecialTokens) -> Result<Vec<u8>> {
    let text = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let carry = || {
        let json = serde_json::from_slice(&text).context("it is malformed")?;
        let vocabulary = Vocabulary::from_json(&json, n_vocab)?;
        Vocabulary { special, ..vocabulary }.section(n_vocab)
    };
    carry().with_context(|| format!("{} cannot be put on a device", path.display()))
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
