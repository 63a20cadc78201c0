//! Reads a tokenizer.json: the parts that both kinds of BPE share.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use embedded_gpt::TokenId;
use serde_json::Value;

use super::{Vocabulary, byte_level, sentence_piece};
use crate::checkpoint::SpecialTokens;
use crate::import::TokenizerKind;

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

/// Ids and merges as the file has them.
pub(super) struct Bpe<'j> {
    pub(super) ids: HashMap<&'j str, TokenId>,
    /// In order of rank.
    pub(super) merges: Vec<[&'j str; 2]>,
    /// Tokens that are not made by merging, with their names.
    pub(super) named: Vec<(TokenId, String)>,
}

impl<'j> Bpe<'j> {
    fn read(json: &'j Value) -> Result<Self> {
        let model = &json["model"];
        let id = |id: &Value| id.as_u64().and_then(|id| TokenId::try_from(id).ok()).context("an id above 65,535");
        let added = json["added_tokens"].as_array().map_or(&[][..], Vec::as_slice);
        let name = |token: &Value| token["content"].as_str().map(str::to_owned).context("an added token has no name");
        let mut named: Vec<(TokenId, String)> =
            added.iter().map(|token| Ok((id(&token["id"])?, name(token)?))).collect::<Result<_>>()?;
        named.sort_unstable();
        let vocab = model["vocab"].as_object().context("the BPE model has no vocab")?;
        let ids = vocab.iter().map(|(text, value)| Ok((text.as_str(), id(value)?))).collect::<Result<_>>()?;
        let merges = model["merges"].as_array().context("the BPE model has no merges")?;
        let merges = merges.iter().map(pair).collect::<Result<_>>()?;
        Ok(Self { ids, merges, named })
    }

    pub(super) fn id(&self, text: &str) -> Result<TokenId> {
        self.ids.get(text).copied().with_context(|| format!("a merge uses or makes {text:?}, which has no id"))
    }

    /// Texts and ids that are not special, in order of id.
    pub(super) fn texts(&self) -> Vec<(TokenId, &'j str)> {
        let special = |id| self.named.binary_search_by_key(&id, |&(id, _)| id).is_ok();
        let mut texts: Vec<_> =
            self.ids.iter().map(|(&text, &id)| (id, text)).filter(|&(id, _)| !special(id)).collect();
        texts.sort_unstable();
        texts
    }
}

/// A merge: `["a", "b"]` in newer files, `"a b"` in older ones.
fn pair(merge: &Value) -> Result<[&str; 2]> {
    match merge {
        Value::String(pair) => pair.split_once(' ').map(|(left, right)| [left, right]),
        Value::Array(pair) => match &pair[..] {
            [Value::String(left), Value::String(right)] => Some([left.as_str(), right.as_str()]),
            _ => None,
        },
        _ => None,
    }
    .with_context(|| format!("{merge} is not a merge of two tokens"))
}

/// The first of `tokens`, if their ids follow one another.
pub(super) fn contiguous(what: &str, tokens: &[(TokenId, &str)]) -> Result<TokenId> {
    let Some(&(first, _)) = tokens.first() else { return Ok(0) };
    for (expected, &(id, text)) in (first..).zip(tokens) {
        if id != expected {
            bail!(
                "the {what} have ids from {first} on with a gap before {text:?} (id {id}): the device needs them \
                 without gaps. Tokenizers trained by `egpt` or `tokenizers` with the whole byte alphabet are like that"
            );
        }
    }
    Ok(first)
}
