//! The word list of a blob: which paths of tokens are words, and how often each was seen.
//!
//! `docs/format.md` specifies it.
//!
//! A path is a word as it stands in running text, with the space before it if there is one: ` don't`, `What`. Paths of
//! one token cost a byte in a table; longer ones are a tree of bits for each first token, about 18 bits a word.

use crate::TokenId;
use crate::format::blob::{u16_at, u32_at};
use crate::format::words::{
    CAPITALS_PER_BYTE, Capitals, HEADER_LEN, INDEX_STEP, LAYOUT, LAYOUT_WITH_CAPITALS, LONG_STEPS, MAX_TREE_BITS,
    MAX_WORD_TOKENS, NUMBER_BITS,
};
use crate::part::{head, tail};

/// The smallest number that each head of the code stands for.
const MIN_NUMBERS: [u16; 8] = {
    let (mut least, mut head) = ([1; 8], 1);
    while head < least.len() {
        least[head] = least[head - 1] + (1 << NUMBER_BITS[head - 1]);
        head += 1;
    }
    least
};
const HAS_TREE: u8 = 0x80;
const CODE: u8 = 0x7F;

impl Capitals {
    fn from_bits(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::None,
            1 => Self::First,
            _ => Self::All,
        }
    }
}

/// A view of a blob's `WORD` section; empty for a blob without one.
///
/// Trees are checked where they are read: a broken one has fewer words, nothing worse. No two entries of the index
/// share a tree, so that reading those of all tokens is bounded by the length of the section.
#[derive(Clone, Copy, Debug, Default)]
pub struct WordList<'a> {
    total: u32,
    /// Code of the rarest words of several tokens.
    least: u8,
    singles: &'a [u8],
    /// How words of one token are written, two bits for each; empty if the section knows of no capitals.
    capitals: &'a [u8],
    /// Tokens that words go on with, the commonest first.
    next: &'a [u8],
    index: &'a [[u8; 4]],
    trees: &'a [u8],
}

/// A listed word: the tokens after its first one, and its frequency.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tail {
    tokens: [TokenId; MAX_WORD_TOKENS - 1],
    len: u8,
    code: u8,
    capitals: Capitals,
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

    /// How the word is written, where its tokens are small letters.
    pub const fn capitals(&self) -> Capitals {
        self.capitals
    }
}

impl<'a> WordList<'a> {
    /// A view of the section of a model of `n_vocab` tokens; `None` if its tables do not fit into it, or the trees of
    /// an entry of the index do not follow those before it or have more than [`MAX_TREE_BITS`].
    pub fn parse(section: &'a [u8], n_vocab: usize) -> Option<Self> {
        let (header, rest) = section.split_at_checked(HEADER_LEN)?;
        let (singles, rest) = rest.split_at_checked(n_vocab)?;
        let has_capitals = header[7] == LAYOUT_WITH_CAPITALS;
        let capitals = if has_capitals { n_vocab.div_ceil(CAPITALS_PER_BYTE) } else { 0 };
        let (capitals, rest) = rest.split_at_checked(capitals)?;
        let (next, rest) = rest.split_at_checked(2 * usize::from(u16_at(header, 4)))?;
        let (index, trees) = rest.split_at_checked(4 * n_vocab.div_ceil(INDEX_STEP))?;
        let is_known = has_capitals || header[7] == LAYOUT;
        let (index, _) = index.as_chunks();
        let (mut start, mut are_bounded) = (0, true);
        for end in index.iter().map(|&end| u32::from_le_bytes(end) as usize).chain([8 * trees.len()]) {
            are_bounded &= end.wrapping_sub(start) <= MAX_TREE_BITS;
            start = end;
        }
        let is_sound = is_known && are_bounded && u32_at(header, 8) == 0 && u32_at(header, 12) == 0;
        is_sound.then_some(Self { total: u32_at(header, 0), least: header[6], singles, capitals, next, index, trees })
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

    /// All listed words that begin with a token. The token alone comes first, if it is a word.
    pub fn starting_with(&self, first: TokenId) -> Tails<'_> {
        let single = self.singles.get(usize::from(first)).copied().unwrap_or_default();
        let mut tails = self.nothing();
        if single & HAS_TREE != 0 {
            tails.find(first.into());
        }
        tails.at.single = single & CODE;
        let capitals = self.capitals.get(usize::from(first) / CAPITALS_PER_BYTE).copied().unwrap_or_default();
        let capitals = Capitals::from_bits(capitals >> (2 * (usize::from(first) % CAPITALS_PER_BYTE)));
        tails.at.tail = Tail { capitals, ..Tail::default() };
        tails
    }

    /// All listed words whose path begins with `path`, which is not empty.
    pub(crate) fn below<'p>(&'p self, path: &'p [TokenId]) -> Below<'p> {
        match path.split_first() {
            Some((&first, rest)) => Below { tails: self.starting_with(first), rest },
            None => Below { tails: self.nothing(), rest: path },
        }
    }

    fn nothing(&self) -> Tails<'_> {
        Tails { words: self, at: Place::default() }
    }

    /// The 25 bits or more from a place in the trees on; `None` behind their end.
    fn bits(&self, at: usize) -> Option<u32> {
        let bytes = self.trees.get(at / 8..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes) >> (at % 8))
    }
}

/// Iterator over the words of a first token; see [`WordList::starting_with`].
#[derive(Clone, Debug)]
pub struct Tails<'a> {
    words: &'a WordList<'a>,
    at: Place,
}

/// Work, where reading an edge is 1. Trees that share an entry of the index have not so many edges.
pub(crate) type Work = u16;

/// Where the reading of words stands.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)] // what is cleared is at a multiple of four
pub(crate) struct Place {
    tree: Tree,
    tail: Tail,
    /// Edges of trees that were read on the way here, and what was done with the words.
    pub(crate) work: Work,
    /// Frequency of the first token as a word of its own, if still to come.
    single: u8,
    /// Tokens of the last word that were not read again since it was returned.
    n_shared: u8,
    /// Whether a word below a path was returned. All of them stand together.
    has_begun: bool,
}

/// The point at which the reading of a tree stands.
#[derive(Clone, Copy, Debug, Default)]
struct Tree {
    /// Position in the trees, in bits.
    at: usize,
    /// Where the trees of the next entry of the index begin.
    end: usize,
    /// Depth of the next edge, counted with the edges above it; 0 when the tree is at its end.
    depth: u8,
    /// Whether the edge read last is the last one of its node, for each level.
    is_last: u8,
    /// The rank of the edge read last plus one, for each level.
    ranks: [u16; MAX_WORD_TOKENS - 1],
}

/// The words below a path; see [`WordList::below`].
#[derive(Clone, Debug)]
pub(crate) struct Below<'p> {
    tails: Tails<'p>,
    /// The path without its first token.
    rest: &'p [TokenId],
}

/// A word below a path.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WordBelow<'w> {
    /// The tokens behind the path.
    pub(crate) tokens: &'w [TokenId],
    /// How many of these tokens the word before it has at its start, too.
    pub(crate) n_shared: usize,
    /// The code of its frequency.
    pub(crate) code: u8,
    pub(crate) capitals: Capitals,
}

/// What the list knows of a word.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listed {
    /// The code of its frequency.
    pub(crate) code: u8,
    pub(crate) capitals: Capitals,
}

impl Below<'_> {
    /// The next word.
    #[inline(never)] // called in six places
    pub(crate) fn next(&mut self) -> Option<WordBelow<'_>> {
        self.tails.at.n_shared = MAX_WORD_TOKENS as u8;
        while self.tails.advance() {
            if self.tails.at.tail.tokens().starts_with(self.rest) {
                let n_shared = usize::from(self.tails.at.n_shared).saturating_sub(self.rest.len());
                let n_shared = if self.tails.at.has_begun { n_shared } else { 0 };
                self.tails.at.has_begun = true;
                let Tail { code, capitals, .. } = self.tails.at.tail;
                return Some(WordBelow {
                    tokens: tail(self.tails.at.tail.tokens(), self.rest.len()),
                    n_shared,
                    code,
                    capitals,
                });
            }
            if self.tails.at.has_begun {
                break;
            }
        }
        None
    }

    /// Where the reading stands. Whoever keeps it can go on from there later.
    pub(crate) fn place(&mut self) -> &mut Place {
        &mut self.tails.at
    }

    /// The path itself, if it is a listed word.
    pub(crate) fn path_itself(mut self) -> Option<Listed> {
        // It stands before all that go on with it.
        let word = self.next().filter(|word| word.tokens.is_empty())?;
        Some(Listed { code: word.code, capitals: word.capitals })
    }
}

impl Tails<'_> {
    /// Goes to the tree of a token, over those of tokens before it that share its entry of the index.
    fn find(&mut self, first: usize) {
        let start =
            |entry: usize| self.words.index.get(entry).map_or(usize::MAX, |&start| u32::from_le_bytes(start) as usize);
        (self.at.tree.at, self.at.tree.end) = (start(first / INDEX_STEP), start(first / INDEX_STEP + 1));
        self.at.tree.depth = 1;
        let before = tail(head(self.words.singles, first), first - first % INDEX_STEP);
        for _ in before.iter().filter(|&&single| single & HAS_TREE != 0) {
            while self.read_edge().is_some() {}
            self.at.tree = Tree { at: self.at.tree.at, end: self.at.tree.end, depth: 1, ..Tree::default() };
        }
    }

    /// Reads the next word; `false` if there is none.
    fn advance(&mut self) -> bool {
        if self.at.single != 0 {
            self.at.tail.code = core::mem::take(&mut self.at.single);
            return true;
        }
        loop {
            match self.read_edge() {
                Some(true) => return true,
                Some(false) => {}
                None => return false,
            }
        }
    }

    /// Reads the next edge of the tree; `true` if a word ends with it.
    #[inline(never)]
    fn read_edge(&mut self) -> Option<bool> {
        let level = usize::from(self.at.tree.depth.checked_sub(1)?);
        let mut bits = self.words.bits(self.at.tree.at).filter(|_| self.at.tree.at < self.at.tree.end)?;
        let head = (bits & 7) as usize;
        let n = u32::from(NUMBER_BITS[head]);
        bits >>= 3;
        let gap = u32::from(MIN_NUMBERS[head]) + (bits & ((1 << n) - 1));
        bits >>= n;
        let goes_on = bits & 1 != 0;
        let is_word = !goes_on || bits & 2 != 0;
        bits >>= 1 + u32::from(goes_on);
        let is_last = bits & 1 != 0;
        self.at.tree.at += 5 + n as usize + usize::from(goes_on);

        self.at.work += 1;
        self.at.n_shared = self.at.n_shared.min(level as u8);
        let rank = self.at.tree.ranks.get_mut(level)?;
        *rank = u16::try_from(u32::from(*rank) + gap).ok()?;
        let entry = 2 * usize::from(*rank - 1);
        *self.at.tail.tokens.get_mut(level)? = u16_at(self.words.next.get(entry..entry + 2)?, 0);
        self.at.tree.is_last = self.at.tree.is_last & !(1 << level) | u8::from(is_last) << level;
        if is_word {
            self.at.tail.len = self.at.tree.depth;
            self.at.tail.code = self.read_code()?;
            self.at.tail.capitals = self.read_capitals()?;
        }
        self.at.tree.go_on(goes_on);
        Some(is_word)
    }

    /// Reads the frequency of a word.
    fn read_code(&mut self) -> Option<u8> {
        let bits = self.words.bits(self.at.tree.at)?;
        let (mut n, mut rest) = (0, bits);
        while rest & 1 != 0 && n < 15 {
            n += 1;
            rest >>= 1;
        }
        self.at.tree.at += 2 + usize::from(n);
        let steps = 2 * n + (rest >> 1 & 1) as u8;
        Some(self.words.least.saturating_add(LONG_STEPS * steps).min(CODE))
    }

    /// Reads how a word is written.
    fn read_capitals(&mut self) -> Option<Capitals> {
        if self.words.capitals.is_empty() {
            return Some(Capitals::None);
        }
        let bits = self.words.bits(self.at.tree.at)?;
        let has_capitals = bits & 1 != 0;
        self.at.tree.at += 1 + usize::from(has_capitals);
        Some(if has_capitals { Capitals::from_bits(1 + (bits >> 1 & 1) as u8) } else { Capitals::None })
    }
}

impl Tree {
    /// Goes to the next edge: below the edge read last if it `goes_on`, else in the nearest node that has more
    /// edges.
    fn go_on(&mut self, goes_on: bool) {
        if goes_on {
            if let Some(rank) = self.ranks.get_mut(usize::from(self.depth)) {
                *rank = 0;
            }
            self.depth += 1;
            return;
        }
        while let Some(level) = self.depth.checked_sub(1)
            && self.is_last >> level & 1 != 0
        {
            self.depth = level;
        }
    }
}

impl Iterator for Tails<'_> {
    type Item = Tail;

    fn next(&mut self) -> Option<Tail> {
        self.advance().then_some(self.at.tail)
    }
}
