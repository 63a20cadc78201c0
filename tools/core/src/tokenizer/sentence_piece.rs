//! SentencePiece-style BPE with byte fallback, as Llama's: "▁" stands for a space.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use embedded_gpt::TokenId;
use embedded_gpt::text::Language;
use serde_json::Value;

use super::before;
use super::bpe::{Bpe, contiguous};
use super::vocabulary::{Base, PreTokenizer, Vocabulary};
use super::ways::{Ways, bases};
use crate::checkpoint::SpecialTokens;

pub(super) fn vocabulary(json: &Value, bpe: Bpe<'_>) -> Result<Vocabulary> {
    let texts = bpe.texts();
    let (bytes, pieces): (Vec<_>, Vec<_>) = texts.iter().copied().partition(|(_, text)| byte(text).is_some());
    let (chars, merged): (Vec<_>, Vec<_>) = pieces.iter().copied().partition(|(_, text)| single_char(text).is_some());
    ensure!(bytes.len() == 256, "only {} of the 256 bytes have a token <0x00> to <0xFF>", bytes.len());
    ensure!(chars.iter().any(|&(_, text)| text == "▁"), "there is no token \"▁\" for a space");
    let spans_words = |text: &str| text.trim_start_matches('▁').contains('▁');
    let before = before::sentence_piece(json)?;
    if let Some((id, text)) = merged.iter().find(|(_, text)| before.is_split && text.chars().skip(1).any(|c| c == '▁'))
    {
        bail!(
            "pre-tokenizer Metaspace splits before every space, so that the token {text:?} (id {id}) never occurs; \
             the device would use it: set `split` to false if the model was trained so"
        );
    }
    let mut vocabulary = Vocabulary {
        base: Base::Chars,
        pre_tokenizer: match merged.iter().any(|(_, text)| spans_words(text)) {
            true => PreTokenizer::None,
            false => PreTokenizer::Words,
        },
        space_prefix: before.space_prefix,
        folds_case: false,
        language: Language::Any,
        first_byte: contiguous("byte tokens", &bytes)?,
        byte_of: bytes.iter().filter_map(|(_, text)| byte(text)).collect(),
        first_merge: contiguous("merged tokens", &merged)?,
        merges: Vec::new(),
        first_char: contiguous("single characters", &chars)?,
        chars: chars.iter().filter_map(|(_, text)| single_char(text)).collect(),
        special: SpecialTokens::default(),
        named: bpe.named.clone(),
    };
    if let Some((id, _)) = pieces.iter().find(|(_, text)| text.contains(' ')) {
        bail!("token {id} has a space that is not written as \"▁\"");
    }
    add_merges(&mut vocabulary, &bpe, &merged)?;
    Ok(vocabulary)
}

/// The byte of a token such as `<0x0A>`.
fn byte(text: &str) -> Option<u8> {
    let digits = text.strip_prefix("<0x")?.strip_suffix('>')?;
    u8::from_str_radix(digits, 16).ok().filter(|_| digits.len() == 2)
}

fn single_char(text: &str) -> Option<char> {
    let mut chars = text.chars();
    let c = chars.next().filter(|_| chars.next().is_none())?;
    Some(if c == '▁' { ' ' } else { c })
}

/// Takes for each piece the merge that makes it. The file has every way to make a piece, the pieces in order of rank;
/// at most one of the ways ever happens.
fn add_merges(vocabulary: &mut Vocabulary, bpe: &Bpe<'_>, merged: &[(TokenId, &str)]) -> Result<()> {
    let mut pairs: HashMap<TokenId, Vec<[TokenId; 2]>> = HashMap::new();
    let mut ways = Ways::default();
    let mut last = 0;
    for &[left, right] in &bpe.merges {
        let text = [left, right].concat();
        let id = bpe.id(&text)?;
        ensure!(
            id >= last,
            "the merges make {text:?} (id {id}) after id {last}: the device needs ids in order of rank"
        );
        last = id;
        let pair = [bpe.id(left)?, bpe.id(right)?];
        ways.push(pair, id)?;
        pairs.entry(id).or_default().push(pair);
    }
    let first = vocabulary.first_merge;
    let merged_range = first..first + merged.len() as TokenId;
    for &(id, text) in merged {
        let earlier = |pair: &&[TokenId; 2]| pair.iter().all(|part| !merged_range.contains(part) || *part < id);
        let pair = pairs.get(&id).and_then(|pairs| pairs.iter().find(earlier));
        let pair = pair.with_context(|| format!("no merge makes the token {text:?} (id {id}) from earlier tokens"))?;
        vocabulary.merges.push(*pair);
    }
    let bases = bases(first, &vocabulary.merges);
    for ((&(id, text), own), base) in merged.iter().zip(&mut vocabulary.merges).zip(bases) {
        // What never comes about may keep any pair.
        *own = ways.pair_of(id, &base).unwrap_or(*own);
        ensure!(
            own.iter().all(|part| !merged_range.contains(part) || *part < id),
            "the token {text:?} (id {id}) is made from tokens with higher ids: the device needs ids in order of rank"
        );
    }
    Ok(())
}
