//! Byte-level BPE, as GPT-2's: bytes are written as printable characters.

use std::collections::HashMap;

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use super::before;
use super::bpe::{Bpe, contiguous};
use super::vocabulary::{Base, Vocabulary};
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
    let mut vocabulary = Vocabulary {
        base: Base::Bytes,
        pre_tokenizer: before::byte_level(json)?,
        space_prefix: None,
        folds_case: before::folds_case(json)?,
        first_byte: contiguous("byte tokens", &bytes)?,
        byte_of: bytes.iter().filter_map(|(_, text)| byte(text)).collect(),
        first_merge: contiguous("merged tokens", &merged)?,
        merges: Vec::new(),
        first_char: 0,
        chars: Vec::new(),
        alternatives: Vec::new(),
        special: SpecialTokens::default(),
        named: bpe.named.clone(),
    };
    for &[left, right] in &bpe.merges {
        add_merge(&mut vocabulary, &bpe, left, right)?;
    }
    if let Some((id, text)) = merged.get(vocabulary.merges.len()) {
        bail!("no merge makes the token {text:?} (id {id}), so it never occurs in a text");
    }
    check_ties(&vocabulary)?;
    Ok(vocabulary)
}

/// The trainer may find another pair for a token that is there already: an alternative, which
/// is tried after all merges so far.
fn add_merge(vocabulary: &mut Vocabulary, bpe: &Bpe<'_>, left: &str, right: &str) -> Result<()> {
    let text = [left, right].concat();
    let (left, right, result) = (bpe.id(left)?, bpe.id(right)?, bpe.id(&text)?);
    let next = usize::from(vocabulary.first_merge) + vocabulary.merges.len();
    match usize::from(result) {
        id if id == next => vocabulary.merges.push([left, right]),
        id if (usize::from(vocabulary.first_merge)..next).contains(&id) => {
            vocabulary.alternatives.push([left, right, result, vocabulary.merges.len() as u16]);
        }
        id => {
            bail!("the merges make {text:?} (id {id}) where id {next} is due: the device needs ids in order of merging")
        }
    }
    Ok(())
}

/// Alternatives between the same two merges are tried in one go, leftmost first. That is
/// their order in the file too, unless a later one can overlap the beginning of an earlier one.
fn check_ties(vocabulary: &Vocabulary) -> Result<()> {
    for tied in vocabulary.alternatives.chunk_by(|a, b| a[3] == b[3]) {
        for (i, [left, ..]) in tied.iter().enumerate() {
            let overlaps = tied[i + 1..].iter().any(|[_, right, ..]| right == left);
            ensure!(!overlaps, "two merges after merge {} make tokens that were there before; train again", tied[i][3]);
        }
    }
    Ok(())
}
