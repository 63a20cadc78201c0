//! Byte-level BPE, as GPT-2's: bytes are written as printable characters.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Result, bail, ensure};
use embedded_gpt::TokenId;
use embedded_gpt::text::Language;
use serde_json::Value;

use super::before;
use super::bpe::{Bpe, contiguous};
use super::vocabulary::{Base, Vocabulary};
use super::ways::{Ways, bases};
use crate::checkpoint::SpecialTokens;

/// The character that stands for each byte: itself where it is printable, else the next from U+0100 on.
pub(super) fn byte_chars() -> [char; 256] {
    let mut next = 0x100_u32;
    std::array::from_fn(|byte| match byte as u8 {
        byte @ (b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF) => char::from(byte),
        _ => {
            next += 1;
            char::from_u32(next - 1).expect("below U+0200")
        }
    })
}

pub(super) fn vocabulary(json: &Value, bpe: Bpe<'_>) -> Result<Vocabulary> {
    let byte_at: HashMap<char, u8> = byte_chars().into_iter().zip(0..=255).collect();
    let texts = bpe.texts();
    let byte = |text: &str| {
        let mut chars = text.chars();
        chars.next().filter(|_| chars.next().is_none()).and_then(|c| byte_at.get(&c).copied())
    };
    let (bytes, merged): (Vec<_>, Vec<_>) = texts.iter().copied().partition(|(_, text)| byte(text).is_some());
    ensure!(
        bytes.len() == 256,
        "only {} of the 256 bytes have a token, so not every text can be encoded: train with the ByteLevel alphabet \
         as initial_alphabet",
        bytes.len()
    );
    let folded = before::folded(json)?;
    let mut vocabulary = Vocabulary {
        base: Base::Bytes,
        pre_tokenizer: before::byte_level(json)?,
        space_prefix: None,
        folds_case: folded.is_some(),
        language: folded.unwrap_or(Language::Any),
        first_byte: contiguous("byte tokens", &bytes)?,
        byte_of: bytes.iter().filter_map(|(_, text)| byte(text)).collect(),
        first_merge: contiguous("merged tokens", &merged)?,
        merges: Vec::new(),
        first_char: 0,
        chars: Vec::new(),
        special: SpecialTokens::default(),
        named: bpe.named.clone(),
    };
    let mut ways = Ways::default();
    let mut twice = BTreeSet::new();
    for &[left, right] in &bpe.merges {
        let token = add_merge(&mut vocabulary, &bpe, left, right, &mut ways)?;
        twice.extend(token);
    }
    if let Some((id, text)) = merged.get(vocabulary.merges.len()) {
        bail!("no merge makes the token {text:?} (id {id}), so it never occurs in a text");
    }
    let bases = bases(vocabulary.first_merge, &vocabulary.merges);
    for at in twice {
        let (id, own) = (vocabulary.first_merge + at as TokenId, vocabulary.merges[at]);
        let pair = ways.pair_of(id, &bases[at]).unwrap_or(own);
        ensure!(
            pair == own,
            "the token {:?} (id {id}) comes about by a later merge than the first one that makes it, and the device \
             needs ids in order of merging: train again",
            merged[at].1
        );
    }
    Ok(vocabulary)
}

/// Adds a merge. Gives the number of its token if that was there already: at most one of its merges ever happens.
fn add_merge(
    vocabulary: &mut Vocabulary,
    bpe: &Bpe<'_>,
    left: &str,
    right: &str,
    ways: &mut Ways,
) -> Result<Option<usize>> {
    let text = [left, right].concat();
    let (pair, result) = ([bpe.id(left)?, bpe.id(right)?], bpe.id(&text)?);
    ways.push(pair, result)?;
    let at = usize::from(result).wrapping_sub(vocabulary.first_merge.into());
    let due = vocabulary.merges.len();
    if at < due {
        return Ok(Some(at));
    }
    ensure!(
        at == due,
        "the merges make {text:?} (id {result}) where id {} is due: the device needs ids in order of merging",
        usize::from(vocabulary.first_merge) + due
    );
    vocabulary.merges.push(pair);
    Ok(None)
}
