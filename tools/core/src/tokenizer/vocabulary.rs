//! The tables of a `VOCB` section before they are laid out.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use embedded_gpt::text::Language;
use embedded_gpt::{TokenId, Vocab};

use crate::checkpoint::SpecialTokens;
use crate::language::flags_of;

/// Longest token that the device takes, in bytes.
const MAX_BYTES: usize = Vocab::MAX_TOKEN_BYTES;

/// What text is split into before pairs are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Bytes: byte-level BPE.
    Bytes,
    /// Characters, and bytes where there is no token for one: SentencePiece-style BPE.
    Chars,
}

/// The rule by which text is split first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreTokenizer {
    /// Nowhere.
    None,
    /// Splits by GPT-2's regular expression.
    Gpt2,
    /// Before each space that follows something else.
    Words,
    /// Splits off each number character, and the rest by GPT-2's regular expression.
    Gpt2Digits,
}

/// Where a space is put before a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpacePrefix {
    /// Not before a text that begins with a space.
    pub one_space: bool,
    /// Before the text after a special token, too.
    pub after_special: bool,
}

/// A vocabulary that fits the runtime: ids in three contiguous ranges, merges in order of rank.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    pub base: Base,
    pub pre_tokenizer: PreTokenizer,
    /// The space that is put before a text, if one is.
    pub space_prefix: Option<SpacePrefix>,
    /// Whether capitals become small letters first.
    pub folds_case: bool,
    /// Whose rules capitals follow.
    pub language: Language,
    pub first_byte: TokenId,
    /// The byte of each of the 256 byte tokens.
    pub byte_of: Vec<u8>,
    pub first_merge: TokenId,
    /// The parts of each merged token, in order of rank.
    pub merges: Vec<[TokenId; 2]>,
    pub first_char: TokenId,
    /// The character of each character token.
    pub chars: Vec<char>,
    pub special: SpecialTokens,
    /// Special tokens with their names.
    pub named: Vec<(TokenId, String)>,
}

impl Vocabulary {
    /// The section for a model of `n_vocab` tokens, checked by the runtime's own reader.
    ///
    /// # Errors
    /// If a limit of the format is exceeded: ids, length or nesting of a token, names.
    pub fn section(&self, n_vocab: usize) -> Result<Vec<u8>> {
        let longest = self.longest()?;
        let names: usize = self.named.iter().map(|(_, name)| name.len()).sum();
        ensure!(
            self.named.len() <= 255 && self.named.iter().all(|(_, name)| name.len() <= 255) && names <= 65_535,
            "at most 255 special tokens with names of at most 255 bytes can be carried; this tokenizer has {}",
            self.named.len()
        );
        let prefix = self.space_prefix.unwrap_or_default();
        ensure!(
            !prefix.after_special || self.named.iter().all(|(_, name)| name.len() > 1),
            "a special token has a name of one byte, and a space after it: the device does not have room for both"
        );
        let flags = [self.space_prefix.is_some(), self.folds_case, prefix.one_space, prefix.after_special];
        let flags = flags.into_iter().enumerate();
        let flags = flags.fold(flags_of(self.language), |flags, (bit, is_set)| flags | u8::from(is_set) << bit);
        let mut out = vec![self.base as u8, self.pre_tokenizer as u8, flags, self.named.len() as u8];
        let mut fields = vec![
            self.first_byte,
            self.first_merge,
            self.merges.len() as u16,
            self.first_char,
            self.chars.len() as u16,
            0,
        ];
        fields.extend(self.roles());
        fields.extend([names as u16, longest as u16, 0, 0]);
        push_all(&mut out, &fields);
        self.push_tables(&mut out);
        check(&out, n_vocab)?;
        Ok(out)
    }

    fn push_tables(&self, out: &mut Vec<u8>) {
        out.extend(&self.byte_of);
        push_all(out, self.merges.as_flattened());
        push_all(out, &sorted_by(&self.merges));
        out.extend(self.chars.iter().flat_map(|&c| u32::from(c).to_le_bytes()));
        push_all(out, &sorted_by(&self.chars));
        for (token, name) in &self.named {
            out.extend(token.to_le_bytes());
            out.push(name.len() as u8);
            out.extend(name.as_bytes());
        }
    }

    /// BOS, EOS, PAD and what ends a text.
    fn roles(&self) -> [u16; 4] {
        let named = |name: &str| self.named.iter().find(|(_, found)| found == name).map(|&(token, _)| token);
        let bos = self.special.bos.or_else(|| named("<s>"));
        let eos = self.special.eos.or_else(|| named("</s>"));
        let pad = self.special.pad.or_else(|| named("<pad>"));
        let end_of_text = named(super::END_OF_TEXT).or(eos);
        // A role played by an ordinary token has no meaning on the device.
        [bos, eos, pad, end_of_text].map(|token| token.filter(|&t| !self.is_text(t)).unwrap_or(u16::MAX))
    }

    /// Whether an id has a text, a name or a role.
    pub(super) fn knows(&self, token: TokenId) -> bool {
        let SpecialTokens { bos, eos, pad } = self.special;
        let has_name = self.named.iter().any(|&(named, _)| named == token);
        self.is_text(token) || has_name || [bos, eos, pad].contains(&Some(token))
    }

    fn is_text(&self, token: TokenId) -> bool {
        let within = |first: TokenId, n: usize| usize::from(token).checked_sub(first.into()).is_some_and(|at| at < n);
        within(self.first_byte, 256)
            || within(self.first_merge, self.merges.len())
            || within(self.first_char, self.chars.len())
    }

    /// Bytes of the longest token.
    fn longest(&self) -> Result<usize> {
        let mut lengths: HashMap<TokenId, usize> = (0..256).map(|i| (self.first_byte + i, 1)).collect();
        lengths.extend(self.chars.iter().enumerate().map(|(i, c)| (self.first_char + i as u16, c.len_utf8())));
        for (i, [left, right]) in self.merges.iter().enumerate() {
            let token = usize::from(self.first_merge) + i;
            let len = |part| lengths.get(part).with_context(|| format!("token {token} is made from later tokens"));
            let len = len(left)? + len(right)?;
            ensure!(
                len <= MAX_BYTES,
                "token {token} is {len} bytes long; the device takes {MAX_BYTES}: \
                 train the tokenizer with a limit on token length"
            );
            lengths.insert(TokenId::try_from(token)?, len);
        }
        Ok(lengths.values().copied().max().unwrap_or(1))
    }
}

fn check(section: &[u8], n_vocab: usize) -> Result<()> {
    let words: Vec<u32> = section.chunks(4).map(|c| c.iter().rev().fold(0, |w, &b| w << 8 | u32::from(b))).collect();
    let aligned = &bytemuck::cast_slice(&words)[..section.len()];
    Vocab::parse(aligned, n_vocab).with_context(|| format!("this vocabulary of {n_vocab} tokens cannot be carried"))?;
    Ok(())
}

/// Indices of `keys` in ascending order of the keys.
fn sorted_by<K: Ord>(keys: &[K]) -> Vec<u16> {
    let mut order: Vec<u16> = (0..keys.len()).map(|i| i as u16).collect();
    order.sort_by_key(|&i| &keys[usize::from(i)]);
    order
}

/// Appends a table, then zeros up to a multiple of 4.
fn push_all(out: &mut Vec<u8>, values: &[u16]) {
    out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    out.resize(out.len().next_multiple_of(4), 0);
}
