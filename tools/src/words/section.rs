//! The `WORD` section: listed words as paths of tokens.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::{Result, ensure};
use embedded_gpt::TokenId;
use embedded_gpt::words::{HEADER_LEN, INDEX_STEP, LAYOUT, LONG_STEPS, NUMBER_BITS, PADDING, STEPS_PER_BIT};

use super::ListedWord;

const HAS_TREE: u8 = 0x80;
/// Codes are of 7 bits.
const MOST_CODE: u8 = 127;

/// Lists words, of `total` that were seen.
///
/// # Errors
/// If the section would be longer than the format allows.
pub fn words_section(words: &[ListedWord<'_>], total: u64, n_vocab: usize) -> Result<Vec<u8>> {
    let mut paths = BTreeMap::<Vec<TokenId>, u32>::new();
    for word in words {
        *paths.entry(word.tokens.clone()).or_default() += word.count;
    }
    layout(&paths, total, n_vocab)
}

fn layout(paths: &BTreeMap<Vec<TokenId>, u32>, total: u64, n_vocab: usize) -> Result<Vec<u8>> {
    ensure!(total <= u64::from(u32::MAX), "a corpus of {total} words is too large to be counted");
    let long = || paths.iter().filter(|(path, _)| path.len() > 1);
    let next = by_use(long().map(|(path, _)| path.as_slice()));
    let rank: HashMap<TokenId, usize> = next.iter().enumerate().map(|(rank, &token)| (token, rank)).collect();
    let least = long().map(|(_, &count)| code(count)).min().unwrap_or_default();
    let mut singles = vec![0u8; n_vocab];
    let mut trees: BTreeMap<TokenId, Node> = BTreeMap::new();
    for (path, &count) in paths {
        match path[..] {
            [single] => singles[usize::from(single)] |= code(count),
            [first, ref rest @ ..] => {
                singles[usize::from(first)] |= HAS_TREE;
                let mut node = trees.entry(first).or_default();
                for token in rest {
                    node = node.edges.entry(rank[token]).or_default();
                }
                node.code = Some((code(count) - least + LONG_STEPS / 2) / LONG_STEPS);
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
            tree.write(&mut bits);
        }
    }
    ensure!(bits.len <= u32::MAX as usize, "too many words for a list");
    let mut section = (total as u32).to_le_bytes().to_vec();
    section.extend((next.len() as u16).to_le_bytes());
    section.extend([least, LAYOUT]);
    section.resize(HEADER_LEN, 0);
    section.extend(singles);
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
    /// Steps of the frequency of the word that ends here, if one does.
    code: Option<u8>,
}

impl Node {
    /// Writes all edges below, each before those of its own node.
    fn write(&self, bits: &mut Bits) {
        let mut before = None;
        for (n, (&rank, node)) in self.edges.iter().enumerate() {
            bits.push_number(before.map_or(rank + 1, |before| rank - before) as u32);
            before = Some(rank);
            let goes_on = !node.edges.is_empty();
            bits.push(goes_on.into(), 1);
            if goes_on {
                bits.push(node.code.is_some().into(), 1);
            }
            bits.push((n + 1 == self.edges.len()).into(), 1);
            if let Some(steps) = node.code {
                bits.push((1 << (steps / 2)) - 1, u32::from(steps / 2) + 1);
                bits.push(u32::from(steps % 2), 1);
            }
            node.write(bits);
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
    code.round().clamp(1.0, f64::from(MOST_CODE)) as u8
}

#[cfg(test)]
mod tests {
    use embedded_gpt::words::WordList;

    use super::*;

    const N_VOCAB: usize = 3000;

    /// Paths of one to eight tokens, some of them the start of others, with frequencies from 2 to 2²⁰.
    fn paths() -> BTreeMap<Vec<TokenId>, u32> {
        let token = |i: u32| (i.wrapping_mul(2_654_435_761) >> 16) as TokenId % N_VOCAB as TokenId;
        let path = |i: u32| -> Vec<TokenId> {
            let first = token(i % 97);
            std::iter::once(first).chain((0..i % 8).map(|k| token(i / (3 << k) + 1000 * k))).collect()
        };
        (0..4000).map(|i| (path(i), 2 + (1 << (i % 21)))).collect()
    }

    #[test]
    fn every_word_is_read_as_it_was_listed() {
        let paths = paths();
        let section = layout(&paths, 12_345, N_VOCAB).unwrap();
        let list = WordList::parse(&section, N_VOCAB).unwrap();
        assert_eq!(list.total(), 12_345);
        let mut read = BTreeMap::new();
        for first in 0..N_VOCAB as TokenId {
            for tail in list.starting_with(first) {
                let path: Vec<_> = std::iter::once(first).chain(tail.tokens().iter().copied()).collect();
                assert!(read.insert(path, tail.code()).is_none(), "a word twice");
            }
        }
        assert!(read.keys().eq(paths.keys()));
        for (path, &count) in &paths {
            let step = if path.len() == 1 { 1 } else { LONG_STEPS };
            assert!(read[path].abs_diff(code(count)) <= step / 2, "{path:?}: {} for {count}", read[path]);
        }
    }

    #[test]
    fn no_words_are_a_list_too() {
        let section = layout(&BTreeMap::new(), 0, N_VOCAB).unwrap();
        let list = WordList::parse(&section, N_VOCAB).unwrap();
        assert!((0..N_VOCAB as TokenId).all(|first| list.starting_with(first).next().is_none()));
    }
}
