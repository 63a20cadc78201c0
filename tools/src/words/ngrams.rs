//! The `NGRM` section: the pairs and triples of words that tell most about the last one.

use std::collections::{HashMap, HashSet};

use embedded_gpt::ngrams::{
    BUCKET_ENTRIES, BUCKET_LEN, HEADER_LEN, LINE_START, fingerprint, home, key, split_last_word, word_hash,
};

/// Taken off each count: part of the probability is left to words not seen there.
const DISCOUNT: f64 = 0.7;
/// Share of the entries that are used.
const LOAD: f64 = 0.9;
/// Fewest occurrences.
const LEAST_COUNT: u32 = 3;

/// Counts of words after others, by hash.
#[derive(Debug, Default)]
struct Counts {
    word: HashMap<u32, u32>,
    total: f64,
    /// After one word, after two.
    after: [HashMap<[u32; 3], u32>; 2],
    history: [HashMap<[u32; 2], u32>; 2],
}

/// A table of about `n_bytes` of the pairs and triples that end in one of the `listed` words and are best worth it.
pub fn ngrams_section<'t>(
    documents: impl IntoIterator<Item = &'t str>,
    listed: impl IntoIterator<Item = &'t str>,
    n_bytes: usize,
) -> Vec<u8> {
    let listed: HashSet<u32> = listed.into_iter().map(|word| word_hash(word.trim_start().as_bytes())).collect();
    let counts = count(documents);
    let mut entries = entries(&counts, &listed);
    entries.sort_by(|a, b| b.gain.total_cmp(&a.gain).then(a.key.cmp(&b.key)));
    let n_bucket = (n_bytes.saturating_sub(HEADER_LEN) / BUCKET_LEN).clamp(1, 65_535);
    let most = (n_bucket as f64 * BUCKET_ENTRIES as f64 * LOAD) as usize;
    layout(&entries[..entries.len().min(most)], n_bucket)
}

fn count<'t>(documents: impl IntoIterator<Item = &'t str>) -> Counts {
    let mut counts = Counts::default();
    for line in documents.into_iter().flat_map(str::lines) {
        let mut words = Vec::new();
        let mut rest = line.as_bytes();
        loop {
            let (before, word) = split_last_word(rest);
            if word.is_empty() {
                break;
            }
            words.push(word_hash(word));
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

struct Entry {
    key: u32,
    code: u8,
    gain: f64,
}

fn entries(counts: &Counts, listed: &HashSet<u32>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (n, after) in counts.after.iter().enumerate() {
        for (&[last, before, word], &count) in after.iter().filter(|(_, count)| **count >= LEAST_COUNT) {
            if !listed.contains(&word) {
                continue;
            }
            let prob = (f64::from(count) - DISCOUNT) / f64::from(counts.history[n][&[last, before]]);
            // What it is compared with: a triple with its pair, a pair with the word alone.
            let known = match n {
                0 => f64::from(counts.word[&word]) / counts.total,
                _ => f64::from(counts.after[0][&[last, 0, word]]) / f64::from(counts.history[0][&[last, 0]]),
            };
            let gain = f64::from(count) * (prob / known).ln();
            let code = (-2.0 * prob.ln() - 0.5).round();
            if gain > 0.0 && code <= 15.0 {
                let history = [last, before];
                entries.push(Entry { key: key(&history[..=n], word), code: code.max(0.0) as u8, gain });
            }
        }
    }
    entries
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
    use embedded_gpt::ngrams::{Ngrams, last_words};

    #[test]
    fn the_table_knows_what_often_follows() {
        let text = "how are you\nhow are they\nhow are you\nwho are you\nyou see\nyou do\n".repeat(5);
        let section = ngrams_section([&text[..]], [" you", "they", "are", " how"], 400);
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
