//! The `WORD` section: listed words as paths of tokens.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Result, ensure};
use embedded_gpt::format::words::{
    CAPITALS_PER_BYTE, Capitals, HEADER_LEN, INDEX_STEP, LAYOUT, LAYOUT_WITH_CAPITALS, LONG_STEPS, MAX_TREE_BITS,
    NUMBER_BITS, PADDING, STEPS_PER_BIT,
};
use embedded_gpt::{TokenId, Vocab};

use super::ListedWord;

const HAS_TREE: u8 = 0x80;
/// Codes are of 7 bits.
const MAX_CODE: u8 = 127;

/// Lists words, of `total` that were seen.
///
/// # Errors
/// If the section would be longer than the format allows.
pub fn words_section(words: &[ListedWord<'_>], total: u64, vocab: &Vocab<'_>) -> Result<Vec<u8>> {
    let mut paths = Paths::new();
    for word in words {
        let entry = paths.entry(word.tokens.clone()).or_insert((0, word.capitals));
        entry.0 += word.count;
    }
    layout(&paths, total, vocab.len(), vocab.folds_case())
}

/// How often the word of a path was seen, and how it is written.
type Paths = BTreeMap<Vec<TokenId>, (u32, Capitals)>;

fn layout(paths: &Paths, total: u64, n_vocab: usize, has_capitals: bool) -> Result<Vec<u8>> {
    ensure!(total <= u64::from(u32::MAX), "a corpus of {total} words is too large to be counted");
    let long = || paths.iter().filter(|(path, _)| path.len() > 1);
    let next = by_use(long().map(|(path, _)| path.as_slice()));
    let rank: HashMap<TokenId, usize> = next.iter().enumerate().map(|(rank, &token)| (token, rank)).collect();
    let least = long().map(|(_, &(count, _))| code(count)).min().unwrap_or_default();
    let mut singles = vec![0u8; n_vocab];
    let mut written = vec![0u8; if has_capitals { n_vocab.div_ceil(CAPITALS_PER_BYTE) } else { 0 }];
    let mut trees: BTreeMap<TokenId, Node> = BTreeMap::new();
    for (path, &(count, capitals)) in paths {
        match path[..] {
            [single] => {
                let single = usize::from(single);
                singles[single] |= code(count);
                if has_capitals {
                    written[single / CAPITALS_PER_BYTE] |= (capitals as u8) << (2 * (single % CAPITALS_PER_BYTE));
                }
            }
            [first, ref rest @ ..] => {
                singles[usize::from(first)] |= HAS_TREE;
                let mut node = trees.entry(first).or_default();
                for token in rest {
                    node = node.edges.entry(rank[token]).or_default();
                }
                node.word = Some(((code(count) - least + LONG_STEPS / 2) / LONG_STEPS, capitals));
            }
            [] => {}
        }
    }
    let mut bits = Bits::default();
    let mut index = Vec::new();
    for first in 0..n_vocab {
        if first % INDEX_STEP == 0 {
            index.push(bits.len as u32);
        }
        if let Some(tree) = trees.get(&(first as TokenId)) {
            tree.write(&mut bits, has_capitals);
        }
    }
    ensure!(bits.len <= u32::MAX as usize, "too many words for a list");
    ensure!(
        index.windows(2).all(|starts| (starts[1] - starts[0]) as usize <= MAX_TREE_BITS)
            && index.last().is_none_or(|&start| 8 * (bits.bytes.len() + PADDING) - start as usize <= MAX_TREE_BITS),
        "too many words of the list begin with the same tokens; list fewer words, or train a larger vocabulary"
    );
    let mut section = (total as u32).to_le_bytes().to_vec();
    section.extend((next.len() as u16).to_le_bytes());
    section.extend([least, if has_capitals { LAYOUT_WITH_CAPITALS } else { LAYOUT }]);
    section.resize(HEADER_LEN, 0);
    section.extend(singles);
    section.extend(written);
    section.extend(next.iter().flat_map(|token| token.to_le_bytes()));
    section.extend(index.iter().flat_map(|offset: &u32| offset.to_le_bytes()));
    section.extend(bits.bytes);
    section.extend([0; PADDING]);
    Ok(section)
}

/// What goes on with a path, by the rank of the next token.
#[derive(Debug, Default)]
struct Node {
    edges: BTreeMap<usize, Node>,
    /// Steps of the frequency of the word that ends here, if one does, and how it is written.
    word: Option<(u8, Capitals)>,
}

impl Node {
    /// Writes all edges below, each before those of its own node.
    fn write(&self, bits: &mut Bits, has_capitals: bool) {
        let mut before = None;
        for (n, (&rank, node)) in self.edges.iter().enumerate() {
            bits.push_number(before.map_or(rank + 1, |before| rank - before) as u32);
            before = Some(rank);
            let goes_on = !node.edges.is_empty();
            bits.push(goes_on.into(), 1);
            if goes_on {
                bits.push(node.word.is_some().into(), 1);
            }
            bits.push((n + 1 == self.edges.len()).into(), 1);
            if let Some((steps, capitals)) = node.word {
                bits.push((1 << (steps / 2)) - 1, u32::from(steps / 2) + 1);
                bits.push(u32::from(steps % 2), 1);
                if has_capitals {
                    match capitals {
                        Capitals::None => bits.push(0, 1),
                        some => bits.push(1 | (some as u32 - 1) << 1, 2),
                    }
                }
            }
            node.write(bits, has_capitals);
        }
    }
}

/// Bits, the lowest of a byte first.
#[derive(Debug, Default)]
struct Bits {
    bytes: Vec<u8>,
    len: usize,
}

impl Bits {
    fn push(&mut self, value: u32, n: u32) {
        for bit in 0..n {
            if self.len.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.len() - 1;
            self.bytes[last] |= ((value >> bit & 1) as u8) << (self.len % 8);
            self.len += 1;
        }
    }

    /// A number from 1 on: three bits that say how many follow, and those.
    fn push_number(&mut self, number: u32) {
        let mut base = 1;
        for (head, bits) in NUMBER_BITS.into_iter().enumerate() {
            let next = base + (1 << bits);
            if number < next || head + 1 == NUMBER_BITS.len() {
                self.push(head as u32, 3);
                return self.push(number - base, bits.into());
            }
            base = next;
        }
    }
}

/// Tokens after the first ones, those that stand on most edges first.
fn by_use<'p>(paths: impl Iterator<Item = &'p [TokenId]>) -> Vec<TokenId> {
    let edges: BTreeSet<&[TokenId]> = paths.flat_map(|path| (2..=path.len()).map(|len| &path[..len])).collect();
    let mut uses = BTreeMap::<TokenId, usize>::new();
    for edge in edges {
        *uses.entry(edge[edge.len() - 1]).or_default() += 1;
    }
    let mut tokens: Vec<_> = uses.into_iter().collect();
    tokens.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    tokens.into_iter().map(|(token, _)| token).collect()
}

/// `6·log2(count)`, and at least 1.
fn code(count: u32) -> u8 {
    let code = f64::from(STEPS_PER_BIT) * f64::from(count.max(1)).log2();
    code.round().clamp(1.0, f64::from(MAX_CODE)) as u8
}

#[cfg(test)]
mod tests {
    use embedded_gpt::lexicon::WordList;

    use super::*;

    const N_VOCAB: usize = 3000;

    /// Paths of one to eight tokens, some of them the start of others, with frequencies from 2 to 2²⁰.
    fn paths() -> Paths {
        let token = |i: u32| (i.wrapping_mul(2_654_435_761) >> 16) as TokenId % N_VOCAB as TokenId;
        let path = |i: u32| -> Vec<TokenId> {
            let first = token(i % 97);
            std::iter::once(first).chain((0..i % 8).map(|k| token(i / (3 << k) + 1000 * k))).collect()
        };
        let capitals = |i: u32| [Capitals::None, Capitals::First, Capitals::All][(i / 3 % 3) as usize];
        (0..4000).map(|i| (path(i), (2 + (1 << (i % 21)), capitals(i)))).collect()
    }

    #[test]
    fn every_word_is_read_as_it_was_listed() {
        check_all_words(false);
        check_all_words(true);
    }

    fn check_all_words(has_capitals: bool) {
        let paths = paths();
        let section = layout(&paths, 12_345, N_VOCAB, has_capitals).unwrap();
        let list = WordList::parse(&section, N_VOCAB).unwrap();
        assert_eq!(list.total(), 12_345);
        let mut read = BTreeMap::new();
        for first in 0..N_VOCAB as TokenId {
            for tail in list.starting_with(first) {
                let path: Vec<_> = std::iter::once(first).chain(tail.tokens().iter().copied()).collect();
                assert!(read.insert(path, (tail.code(), tail.capitals())).is_none(), "a word twice");
            }
        }
        assert!(read.keys().eq(paths.keys()));
        for (path, &(count, capitals)) in &paths {
            let (read, written) = read[path];
            assert_eq!(written, if has_capitals { capitals } else { Capitals::None }, "{path:?}");
            let step = if path.len() == 1 { 1 } else { LONG_STEPS };
            assert!(read.abs_diff(code(count)) <= step / 2, "{path:?}: {read} for {count}");
        }
    }

    #[test]
    fn no_words_are_a_list_too() {
        let section = layout(&BTreeMap::new(), 0, N_VOCAB, true).unwrap();
        let list = WordList::parse(&section, N_VOCAB).unwrap();
        assert!((0..N_VOCAB as TokenId).all(|first| list.starting_with(first).next().is_none()));
    }
}
