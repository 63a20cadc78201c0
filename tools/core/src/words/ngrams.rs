//! The `NGRM` section: the pairs and triples of words that tell most about the last one.

use std::collections::{HashMap, HashSet};

use embedded_gpt::format::ngrams::{
    BUCKET_ENTRIES, BUCKET_LEN, HEADER_LEN, LINE_START, fingerprint, home, key, word_hash,
};
use embedded_gpt::lexicon::split_last_word;

/// Taken off each count: part of the probability is left to words not seen there.
const DISCOUNT: f64 = 0.7;
/// Share of the entries that are used.
const LOAD: f64 = 0.9;
/// Fewest occurrences.
const MIN_COUNT: u32 = 3;
/// Stands for the start of a line.
pub(super) const START: &str = "<s>";

/// Counts of words after others, by hash.
#[derive(Debug, Default)]
struct Counts {
    text: HashMap<u32, String>,
    word: HashMap<u32, u32>,
    total: f64,
    /// After one word, after two.
    after: [HashMap<[u32; 3], u32>; 2],
    history: [HashMap<[u32; 2], u32>; 2],
}

/// Words in a row that say something about the last one.
#[derive(Clone, Debug, PartialEq)]
pub struct Ngram {
    /// Two or three, in lower case where they are ASCII; `<s>` is the start of a line.
    pub words: Vec<String>,
    /// How often they stand in the text.
    pub count: u32,
    /// How probable the last one is after the others.
    pub prob: f32,
}

/// The pairs and triples that are worth it, best first.
pub fn ngrams<'t>(documents: impl IntoIterator<Item = &'t str>) -> Vec<Ngram> {
    let counts = count(documents);
    let mut found = Vec::new();
    for (n, after) in counts.after.iter().enumerate() {
        for (&[last, before, word], &count) in after.iter().filter(|(_, count)| **count >= MIN_COUNT) {
            let prob = (f64::from(count) - DISCOUNT) / f64::from(counts.history[n][&[last, before]]);
            // What it is compared with: a triple with its pair, a pair with the word alone.
            let known = match n {
                0 => f64::from(counts.word[&word]) / counts.total,
                _ => f64::from(counts.after[0][&[last, 0, word]]) / f64::from(counts.history[0][&[last, 0]]),
            };
            let gain = f64::from(count) * (prob / known).ln();
            if gain > 0.0 {
                let hashes = if n == 0 { &[last, word][..] } else { &[before, last, word] };
                let words: Vec<_> = hashes.iter().map(|hash| counts.text[hash].clone()).collect();
                found.push((gain, Ngram { words, count, prob: prob as f32 }));
            }
        }
    }
    found.sort_by(|(a, one), (b, other)| b.total_cmp(a).then_with(|| one.words.cmp(&other.words)));
    found.into_iter().map(|(_, ngram)| ngram).collect()
}

/// A table of about `n_bytes` of the best of `ngrams` that end in one of the `listed` words.
pub fn ngrams_section<'t>(ngrams: &[Ngram], listed: impl IntoIterator<Item = &'t str>, n_bytes: usize) -> Vec<u8> {
    let listed: HashSet<u32> = listed.into_iter().map(|word| word_hash(word.trim_start().as_bytes())).collect();
    let n_bucket = (n_bytes.saturating_sub(HEADER_LEN) / BUCKET_LEN).clamp(1, 65_535);
    let most = (n_bucket as f64 * BUCKET_ENTRIES as f64 * LOAD) as usize;
    let entries: Vec<_> = ngrams.iter().filter_map(|ngram| entry(ngram, &listed)).take(most).collect();
    layout(&entries, n_bucket)
}

struct Entry {
    key: u32,
    code: u8,
}

/// `None` for a word that is not listed, or too improbable for the table.
fn entry(ngram: &Ngram, listed: &HashSet<u32>) -> Option<Entry> {
    let mut hashes = ngram.words.iter().rev().map(|word| hash_of(word));
    let word = hashes.next().filter(|word| listed.contains(word))?;
    let history: Vec<u32> = hashes.collect();
    let code = (-2.0 * f64::from(ngram.prob).ln() - 0.5).round();
    (code <= 15.0).then(|| Entry { key: key(&history, word), code: code.max(0.0) as u8 })
}

fn hash_of(word: &str) -> u32 {
    if word == START { LINE_START } else { word_hash(word.as_bytes()) }
}

fn count<'t>(documents: impl IntoIterator<Item = &'t str>) -> Counts {
    let mut counts = Counts::default();
    counts.text.insert(LINE_START, START.to_owned());
    for line in documents.into_iter().flat_map(str::lines) {
        let mut words = Vec::new();
        let mut rest = line.as_bytes();
        loop {
            let (before, word) = split_last_word(rest);
            if word.is_empty() {
                break;
            }
            let hash = word_hash(word);
            counts.text.entry(hash).or_insert_with(|| String::from_utf8_lossy(word).to_ascii_lowercase());
            words.push(hash);
            rest = before;
        }
        let mut last = [LINE_START; 2];
        for &word in words.iter().rev() {
            *counts.word.entry(word).or_default() += 1;
            counts.total += 1.0;
            for (n, history) in [[last[0], 0], last].into_iter().enumerate() {
                *counts.after[n].entry([history[0], history[1], word]).or_default() += 1;
                *counts.history[n].entry(history).or_default() += 1;
            }
            last = [word, last[0]];
        }
    }
    counts
}

/// Best entries first; one that finds its bucket and the next full is left out.
fn layout(entries: &[Entry], n_bucket: usize) -> Vec<u8> {
    let mut section = (n_bucket as u32).to_le_bytes().to_vec();
    section.resize(HEADER_LEN + n_bucket * BUCKET_LEN, 0);
    let mut used = vec![0usize; n_bucket];
    for entry in entries {
        let home = home(entry.key, n_bucket);
        let Some(bucket) = (home..n_bucket.min(home + 2)).find(|&bucket| used[bucket] < BUCKET_ENTRIES) else {
            continue;
        };
        let at = used[bucket];
        used[bucket] += 1;
        let bytes = &mut section[HEADER_LEN + bucket * BUCKET_LEN..][..BUCKET_LEN];
        bytes[2 * at..2 * at + 2].copy_from_slice(&fingerprint(entry.key).to_le_bytes());
        bytes[2 * BUCKET_ENTRIES + at / 2] |= entry.code << (4 * (at % 2));
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_gpt::lexicon::{Ngrams, last_words};

    #[test]
    fn the_table_knows_what_often_follows() {
        let text = "how are you\nhow are they\nhow are you\nwho are you\nyou see\nyou do\n".repeat(5);
        let section = ngrams_section(&ngrams([&text[..]]), [" you", "they", "are", " how"], 400);
        let table = Ngrams::parse(&section).unwrap();
        let code = |context: &str, n: usize, word: &str| {
            table.code(key(&last_words(context.as_bytes())[..n], word_hash(word.as_bytes())))
        };
        // 20 of 20 after "are", of which 15 are "you".
        let you = code("how are ", 1, "You").unwrap();
        let they = code("how are ", 1, "they").unwrap();
        assert!(you < 2 && they > you, "{you} {they}");
        assert_eq!(code("how are ", 1, "how"), None);
        assert_eq!(code("you ", 1, "see"), None, "not listed");
        assert!(code("", 1, "how").is_some(), "first words of lines count, too");
    }
}
