//! The one check of a vocabulary section; `docs/format.md` is the specification.

use core::ops::Range;

use super::{Kind, NO_TOKEN, PreTokenizer, Vocab, flag};
use crate::TokenId;
use crate::error::VocabError;
use crate::format::blob::{u16_at, u32_at};
use crate::part::tail;
use crate::text::is_utf8;

const HEADER_LEN: usize = 32;
const ROLES: Range<usize> = 16..24;

/// Takes the tables off the section one after the other.
struct Tables<'a> {
    rest: &'a [u8],
}

impl<'a> Tables<'a> {
    /// The next `len` bytes; what follows starts at a multiple of 4.
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let table = self.rest.get(..len)?;
        self.rest = tail(self.rest, len.next_multiple_of(4));
        Some(table)
    }

    fn take_slice<T: bytemuck::Pod>(&mut self, n: usize) -> Option<&'a [T]> {
        bytemuck::try_cast_slice(self.take(n.checked_mul(size_of::<T>())?)?).ok()
    }
}

impl<'a> Vocab<'a> {
    /// Checks a vocabulary section for a model of `n_vocab` tokens, and makes a view of it.
    ///
    /// The section must start at a multiple of 4, as every section of a blob does. The work is bounded by 512 steps
    /// per token, whatever the section holds. In real vocabularies it is about two steps per byte of the tokens.
    ///
    /// # Errors
    /// The first thing that is wrong with the section.
    pub fn parse(section: &'a [u8], n_vocab: usize) -> Result<Self, VocabError> {
        let vocab = Self::read(section, n_vocab).ok_or(VocabError::Length)??;
        vocab.check_ranges()?;
        vocab.check_bytes()?;
        vocab.check_chars()?;
        let longest = vocab.check_merges()?;
        vocab.check_specials()?;
        if longest != vocab.longest {
            return Err(VocabError::Longest);
        }
        Ok(vocab)
    }

    /// `None` if the section does not have the length that its header implies.
    fn read(section: &'a [u8], n_vocab: usize) -> Option<Result<Self, VocabError>> {
        let mut tables = Tables { rest: section };
        let header = tables.take(HEADER_LEN)?;
        let field = |at| usize::from(u16_at(header, at));
        let kind = match header[0] {
            0 => Kind::Ranks,
            1 => Kind::Scores,
            _ => return Some(Err(VocabError::Header)),
        };
        let pre_tokenizer = match header[1] {
            0 => PreTokenizer::None,
            1 => PreTokenizer::Gpt2,
            2 => PreTokenizer::Words,
            3 => PreTokenizer::Gpt2Digits,
            _ => return Some(Err(VocabError::Header)),
        };
        let flags = header[2];
        let is_gpt2 = matches!(pre_tokenizer, PreTokenizer::Gpt2 | PreTokenizer::Gpt2Digits);
        let mut possible = flag::LANGUAGE | flag::WORDS | if kind == Kind::Ranks { flag::FOLDS_CASE } else { 0 };
        if !is_gpt2 {
            possible |= flag::SPACE_PREFIX;
        }
        if flags & flag::SPACE_PREFIX != 0 {
            possible |= flag::ONE_SPACE | flag::PREFIX_AFTER_SPECIAL;
        }
        let reserved = field(14) as u32 | u32_at(header, 28);
        if flags & !possible != 0 || flags & flag::WORDS == flag::WORDS || reserved != 0 {
            return Some(Err(VocabError::Header));
        }
        let (n_merge, n_char, n_special) = (field(8), field(12), usize::from(header[3]));
        let vocab = Self {
            n_vocab,
            kind,
            pre_tokenizer,
            flags,
            first_byte: field(4),
            first_merge: field(6),
            first_char: field(10),
            byte_of: tables.take(256)?,
            merges: tables.take_slice(n_merge)?,
            merge_order: tables.take_slice(n_merge)?,
            chars: tables.take_slice(n_char)?,
            char_order: tables.take_slice(n_char)?,
            specials: tables.take(3 * n_special + field(24))?,
            roles: bytemuck::try_cast_slice(header.get(ROLES)?).ok()?,
            longest: field(26),
        };
        let names: usize = vocab.specials().map(|(_, name)| name.len()).sum();
        if vocab.specials().count() != n_special || names != field(24) {
            return Some(Err(VocabError::Special));
        }
        tables.rest.is_empty().then_some(Ok(vocab))
    }

    fn check_ranges(&self) -> Result<(), VocabError> {
        let ranges = [
            self.first_byte..self.first_byte + self.byte_of.len(),
            self.first_merge..self.first_merge + self.merges.len(),
            self.first_char..self.first_char + self.chars.len(),
        ];
        let [bytes, merges, chars] = &ranges;
        let apart =
            |a: &Range<usize>, b: &Range<usize>| a.is_empty() || b.is_empty() || a.end <= b.start || b.end <= a.start;
        let inside = self.n_vocab <= usize::from(NO_TOKEN) && ranges.iter().all(|range| range.end <= self.n_vocab);
        if inside && apart(bytes, merges) && apart(bytes, chars) && apart(merges, chars) {
            Ok(())
        } else {
            Err(VocabError::Range)
        }
    }

    fn check_bytes(&self) -> Result<(), VocabError> {
        let mut seen = [0_u32; 8];
        for &byte in self.byte_of {
            seen[usize::from(byte >> 5)] |= 1 << (byte & 31);
        }
        if seen == [u32::MAX; 8] { Ok(()) } else { Err(VocabError::Byte) }
    }

    fn check_chars(&self) -> Result<(), VocabError> {
        if self.chars.iter().any(|&code| char::from_u32(code).is_none()) {
            return Err(VocabError::Char);
        }
        let code = |at| self.chars.get(usize::from(*self.char_order.get(at)?)).copied();
        if ascending(self.chars.len(), &code) { Ok(()) } else { Err(VocabError::Order) }
    }

    /// The length of the longest token.
    fn check_merges(&self) -> Result<usize, VocabError> {
        let mut longest = 1;
        for first in [
            self.first_char..self.first_char + self.chars.len(),
            self.first_merge..self.first_merge + self.merges.len(),
        ] {
            for id in first {
                longest = longest.max(self.check_token(id as TokenId).ok_or(VocabError::Merge)?);
            }
        }
        let pair = |at| self.pair(*self.merge_order.get(at)?);
        if ascending(self.merges.len(), &pair) { Ok(longest) } else { Err(VocabError::Order) }
    }

    /// The length of a token all of whose predecessors have been checked.
    fn check_token(&self, token: TokenId) -> Option<usize> {
        if let Some(&[left, right]) = self.halves(token) {
            let earlier = |part| if self.halves(part).is_some() { part < token } else { self.base(part).is_some() };
            if !earlier(left) || !earlier(right) {
                return None;
            }
        }
        self.checked_len(token)
    }

    fn check_specials(&self) -> Result<(), VocabError> {
        let special = |token: TokenId| usize::from(token) < self.n_vocab && self.is_special(token);
        // A space after a name of one byte would make more tokens of a text than it has bytes.
        let min_len = 1 + usize::from(self.flags & flag::PREFIX_AFTER_SPECIAL != 0);
        let named = |(token, name): (TokenId, &[u8])| special(token) && name.len() >= min_len && is_utf8(name);
        if self.roles.iter().all(|&token| token == NO_TOKEN || special(token)) && self.specials().all(named) {
            Ok(())
        } else {
            Err(VocabError::Special)
        }
    }

    /// Sorting key of merge `i`.
    pub(super) fn pair(&self, i: u16) -> Option<u32> {
        let &[left, right] = self.merges.get(usize::from(i))?;
        Some(pair_key(left, right))
    }
}

/// Pairs in the order of left, then right.
pub(super) fn pair_key(left: TokenId, right: TokenId) -> u32 {
    u32::from(left) << 16 | u32::from(right)
}

/// Whether all `n` keys are there and each is greater than the one before it. Then as many different indices as
/// there are keys are a permutation.
fn ascending(n: usize, key: &dyn Fn(usize) -> Option<u32>) -> bool {
    let mut last = None;
    (0..n).all(|at| {
        let key = key(at);
        let ascends = key.is_some() && last < key;
        last = key;
        ascends
    })
}
