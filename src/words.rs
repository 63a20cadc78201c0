//! The word list of a blob: which paths of tokens are words, and how often each was seen; `docs/format.md` specifies it.
//!
//! A path is a word as it stands in running text, with the space before it if there is one: ` don't`, `What`. Paths of
//! one token cost a byte in a table; longer ones are in groups by their first token, front-coded.

use crate::TokenId;
use crate::blob::{u16_at, u32_at};
use crate::part::{self, head, tail};

/// Most tokens of a listed word.
pub const MAX_WORD_TOKENS: usize = 8;
/// Bytes before the tables.
pub const HEADER_LEN: usize = 16;
/// First tokens that share an entry of the index.
pub const INDEX_STEP: usize = 16;
/// Frequencies are `2^(code / STEPS_PER_BIT)`, and 0 for code 0.
pub const STEPS_PER_BIT: i32 = 6;

const HAS_GROUP: u8 = 0x80;
const CODE: u8 = 0x7F;

/// A view of a blob's `WORD` section; empty for a blob without one.
///
/// Offsets are checked where they are followed: a broken section has fewer words, nothing worse.
#[derive(Clone, Copy, Debug, Default)]
pub struct WordList<'a> {
    total: u32,
    n_short: u8,
    singles: &'a [u8],
    short: &'a [u8],
    index: &'a [u8],
    groups: &'a [u8],
}

/// The tokens of a listed word after its first one, and its frequency.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tail {
    tokens: [TokenId; MAX_WORD_TOKENS - 1],
    len: u8,
    code: u8,
}

impl Tail {
    /// The tokens; none for a word of one token.
    pub fn tokens(&self) -> &[TokenId] {
        head(&self.tokens, self.len.into())
    }

    /// How often the word was seen: `2^(code / 6)` times.
    pub const fn code(&self) -> u8 {
        self.code
    }
}

impl<'a> WordList<'a> {
    /// A view of the section of a model of `n_vocab` tokens; `None` if its tables do not fit into it.
    pub fn parse(section: &'a [u8], n_vocab: usize) -> Option<Self> {
        let (header, rest) = section.split_at_checked(HEADER_LEN)?;
        let (singles, rest) = rest.split_at_checked(n_vocab)?;
        let (short, rest) = rest.split_at_checked(2 * usize::from(header[4]))?;
        let (index, groups) = rest.split_at_checked(4 * n_vocab.div_ceil(INDEX_STEP))?;
        let is_sound = u16_at(header, 6) == 0 && header[5] == 0 && u32_at(header, 8) == 0 && u32_at(header, 12) == 0;
        is_sound.then_some(Self { total: u32_at(header, 0), n_short: header[4], singles, short, index, groups })
    }

    /// Whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.singles.is_empty()
    }

    /// Words seen when the frequencies were counted, listed or not.
    pub fn total(&self) -> u32 {
        self.total
    }

    /// Whether any listed word begins with a token. Cheaper than [`starting_with`](Self::starting_with).
    pub fn has_any(&self, first: TokenId) -> bool {
        self.singles.get(usize::from(first)).is_some_and(|&single| single != 0)
    }

    /// All listed words that begin with a token: the token alone first, if that is a word.
    pub fn starting_with(&self, first: TokenId) -> Tails<'a> {
        let single = self.singles.get(usize::from(first)).copied().unwrap_or_default();
        let rest = if single & HAS_GROUP != 0 { self.group(first) } else { &[] };
        Tails { rest, short: self.short, n_short: self.n_short, tail: Tail::default(), single: single & CODE }
    }

    /// All listed words whose path begins with `path`, which is not empty.
    pub(crate) fn below<'p>(&self, path: &'p [TokenId]) -> Below<'a, 'p> {
        match path.split_first() {
            Some((&first, rest)) => Below { tails: self.starting_with(first), rest },
            None => Below { tails: Self::default().starting_with(0), rest: path },
        }
    }

    /// The bytes from the first entry of a token's group on.
    fn group(&self, first: TokenId) -> &'a [u8] {
        let first = usize::from(first);
        let at = 4 * (first / INDEX_STEP);
        let offset = self.index.get(at..at + 4).map_or(usize::MAX, |entry| u32_at(entry, 0) as usize);
        let mut rest = tail(self.groups, offset);
        let before = tail(head(self.singles, first), first - first % INDEX_STEP);
        for _ in before.iter().filter(|&&single| single & HAS_GROUP != 0) {
            rest = self.skip_group(rest);
        }
        rest
    }

    fn skip_group(&self, mut rest: &'a [u8]) -> &'a [u8] {
        while let [header, _code, tokens @ ..] = rest {
            let mut tokens = tokens;
            for _ in 0..header & 7 {
                let long = tokens.first().is_some_and(|&byte| byte >= self.n_short);
                tokens = tail(tokens, 1 + usize::from(long));
            }
            rest = tokens;
            if header & HAS_GROUP != 0 {
                break;
            }
        }
        rest
    }
}

/// Iterator over the words of a first token; see [`WordList::starting_with`].
#[derive(Clone, Debug)]
pub struct Tails<'a> {
    rest: &'a [u8],
    short: &'a [u8],
    n_short: u8,
    tail: Tail,
    /// Frequency of the first token as a word of its own, if still to come.
    single: u8,
}

/// The words below a path; see [`WordList::below`].
#[derive(Clone, Debug)]
pub(crate) struct Below<'a, 'p> {
    tails: Tails<'a>,
    /// The path without its first token.
    rest: &'p [TokenId],
}

impl Below<'_, '_> {
    /// The tokens of the next word behind the path, and the code of its frequency.
    #[inline(never)] // called in six places
    pub(crate) fn next(&mut self) -> Option<(&[TokenId], u8)> {
        while self.tails.advance() {
            if self.tails.tail.tokens().starts_with(self.rest) {
                let tail = &self.tails.tail;
                return Some((part::tail(tail.tokens(), self.rest.len()), tail.code));
            }
        }
        None
    }

    /// Whether the path itself is a listed word.
    pub(crate) fn has_path(mut self) -> bool {
        while let Some((rest, _)) = self.next() {
            if rest.is_empty() {
                return true;
            }
        }
        false
    }
}

impl Tails<'_> {
    /// Reads the next word; whether there is one.
    fn advance(&mut self) -> bool {
        self.read().is_some()
    }

    fn read(&mut self) -> Option<()> {
        if self.single != 0 {
            self.tail = Tail { code: core::mem::take(&mut self.single), ..Tail::default() };
            return Some(());
        }
        let (&[header, code], rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        let (shared, new) = (usize::from(header >> 3 & 7), usize::from(header & 7));
        for at in shared..shared + new {
            let token = self.token()?;
            *self.tail.tokens.get_mut(at)? = token;
        }
        self.tail.len = (shared + new).min(MAX_WORD_TOKENS - 1) as u8;
        self.tail.code = code & CODE;
        if header & HAS_GROUP != 0 {
            self.rest = &[];
        }
        Some(())
    }

    /// Reads a token of one or two bytes.
    fn token(&mut self) -> Option<TokenId> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        if let Some(high) = byte.checked_sub(self.n_short) {
            let (&low, rest) = rest.split_first()?;
            self.rest = rest;
            return Some(u16::from_be_bytes([high, low]));
        }
        let at = 2 * usize::from(byte);
        self.short.get(at..at + 2).map(|entry| u16_at(entry, 0))
    }
}

impl Iterator for Tails<'_> {
    type Item = Tail;

    fn next(&mut self) -> Option<Tail> {
        self.advance().then_some(self.tail)
    }
}
