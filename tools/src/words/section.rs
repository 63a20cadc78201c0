//! The `WORD` section: listed words as paths of tokens.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Result, ensure};
use embedded_gpt::words::{HEADER_LEN, INDEX_STEP, MAX_WORD_TOKENS, STEPS_PER_BIT};
use embedded_gpt::{MAX_WORD_BYTES, TokenId, Vocab};

use super::WordCounts;

const LAST: u8 = 0x80;
const HAS_GROUP: u8 = 0x80;

/// Lists the `n_words` most frequent words that have at least two occurrences.
///
/// # Errors
/// If the section would be longer than the format allows.
pub fn words_section(counts: &WordCounts, n_words: usize, vocab: &Vocab<'_>) -> Result<Vec<u8>> {
    let mut paths = BTreeMap::<Vec<TokenId>, u32>::new();
    for (word, count) in counts.words.iter().filter(|(_, count)| *count > 1) {
        if paths.len() == n_words {
            break;
        }
        let mut room = [0; MAX_WORD_BYTES + 1];
        let Ok(tokens) = vocab.encode_continuation(word, &mut room) else { continue };
        if tokens.len() <= MAX_WORD_TOKENS {
            *paths.entry(tokens.to_vec()).or_default() += count;
        }
    }
    layout(&paths, counts.total, vocab.len())
}

fn layout(paths: &BTreeMap<Vec<TokenId>, u32>, total: u64, n_vocab: usize) -> Result<Vec<u8>> {
    let n_short = 256 - n_vocab.div_ceil(256);
    let short = shortest_codes(paths, n_short);
    let mut singles = vec![0u8; n_vocab];
    let mut groups = Vec::new();
    let mut index = Vec::new();
    let mut starts: Vec<Option<usize>> = vec![None; n_vocab];
    let mut before: Option<(&[TokenId], usize)> = None;
    for (path, &count) in paths {
        let first = usize::from(path[0]);
        if path.len() == 1 {
            singles[first] |= code(count);
            continue;
        }
        let same_group = before.filter(|(other, _)| other[0] == path[0]);
        let shared = same_group.map_or(0, |(other, _)| common(&other[1..], &path[1..]));
        let at = groups.len();
        if same_group.is_none() {
            if let Some((_, at)) = before {
                groups[at] |= LAST;
            }
            starts[first] = Some(at);
            singles[first] |= HAS_GROUP;
        }
        groups.push((shared as u8) << 3 | (path.len() - 1 - shared) as u8);
        groups.push(code(count));
        for &token in &path[1 + shared..] {
            match short.get(&token) {
                Some(&byte) => groups.push(byte),
                None => {
                    let [high, low] = token.to_be_bytes();
                    groups.extend([n_short as u8 + high, low]);
                }
            }
        }
        before = Some((path, at));
    }
    if let Some((_, at)) = before {
        groups[at] |= LAST;
    }
    let mut next = groups.len();
    for first in (0..n_vocab).rev() {
        next = starts[first].unwrap_or(next);
        if first % INDEX_STEP == 0 {
            index.push(next as u32);
        }
    }
    index.reverse();
    ensure!(total <= u64::from(u32::MAX), "a corpus of {total} words is too large to be counted");
    let mut section = (total as u32).to_le_bytes().to_vec();
    section.push(n_short as u8);
    section.resize(HEADER_LEN, 0);
    section.extend(singles);
    let mut by_code = vec![0u16; n_short];
    for (&token, &byte) in &short {
        by_code[usize::from(byte)] = token;
    }
    section.extend(by_code.iter().flat_map(|token| token.to_le_bytes()));
    section.extend(index.iter().flat_map(|offset| offset.to_le_bytes()));
    section.extend(groups);
    Ok(section)
}

/// One byte each for the tokens that follow others most often.
fn shortest_codes(paths: &BTreeMap<Vec<TokenId>, u32>, n: usize) -> HashMap<TokenId, u8> {
    let mut uses = BTreeMap::<TokenId, usize>::new();
    for path in paths.keys() {
        for &token in &path[1..] {
            *uses.entry(token).or_default() += 1;
        }
    }
    let mut tokens: Vec<_> = uses.into_iter().collect();
    tokens.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    tokens.iter().take(n).enumerate().map(|(byte, &(token, _))| (token, byte as u8)).collect()
}

fn common(a: &[TokenId], b: &[TokenId]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

/// `6·log2(count)`, and at least 1.
fn code(count: u32) -> u8 {
    let code = f64::from(STEPS_PER_BIT) * f64::from(count.max(1)).log2();
    code.round().clamp(1.0, 127.0) as u8
}
