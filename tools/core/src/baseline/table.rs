//! The table itself: words in alphabetical order, and which follow which.

use std::collections::HashMap;
use std::ops::Range;

use super::counts::{Counts, START, WordId};
use super::prune::{Kept, prune};
use super::quantized::Prob;

/// Words kept in tables of so many KiB. Between them they are interpolated, below the first in proportion.
const VOCABULARY: [(f64, f64); 6] =
    [(64.0, 2500.0), (128.0, 5000.0), (256.0, 10_000.0), (512.0, 15_000.0), (1024.0, 20_000.0), (4096.0, 40_000.0)];
/// Words between two restarts of the front coding.
const RESTART: usize = 16;
/// Letters that a word can share with the one before it.
const MAX_SHARED: usize = 15;
/// Least mass that is left, or left out, when a back-off weight is computed.
const MIN_MASS: f64 = 1e-6;

/// What follows a history, and what the rest is multiplied by.
#[derive(Debug)]
pub(super) struct Row {
    pub backoff: Prob,
    /// Probabilities by word, in alphabetical order.
    pub probs: Vec<(WordId, Prob)>,
}

impl Row {
    /// The part of it whose words are in a range.
    pub fn within(&self, words: &Range<WordId>) -> &[(WordId, Prob)] {
        let start = self.probs.partition_point(|&(word, _)| word < words.start);
        let len = self.probs[start..].partition_point(|&(word, _)| word < words.end);
        &self.probs[start..start + len]
    }

    /// Probability of a word that is in it.
    pub fn prob(&self, word: WordId) -> Option<Prob> {
        self.probs.binary_search_by_key(&word, |&(word, _)| word).ok().map(|at| self.probs[at].1)
    }
}

/// A trigram table with Katz back-off, its probabilities in 8 bits.
///
/// Its size is that of its data laid out compactly: words front-coded, two bytes for a word that follows, one for a
/// probability; `prune` says what pairs and triples take.
#[derive(Debug)]
pub struct Table {
    /// All words in alphabetical order; a word's number is its place here.
    pub(super) words: Vec<String>,
    pub(super) ids: HashMap<String, WordId>,
    pub(super) singles: Vec<Prob>,
    pub(super) after_one: HashMap<WordId, Row>,
    pub(super) after_two: HashMap<[WordId; 2], Row>,
    n_bytes: usize,
}

impl Table {
    /// The best table of at most `n_bytes`; of a text with few words it is smaller.
    pub fn new(counts: &Counts, n_bytes: usize) -> Self {
        let vocab = most_frequent(counts, vocabulary(n_bytes));
        let n_word = counts.n_word().max(1) as f64;
        let single = |word: WordId| f64::from(counts.singles[word as usize]) / n_word;
        let words: Vec<String> = vocab.iter().map(|&word| counts.words[word as usize].clone()).collect();
        let word_bytes = word_bytes(&words);
        let left = n_bytes as f64 - word_bytes as f64;
        let kept = prune(counts, &vocab.iter().copied().collect(), single, left);
        let bytes = word_bytes + kept.bytes.ceil() as usize;

        let single: Vec<f64> = vocab.iter().map(|&word| single(word)).collect();
        let places: HashMap<WordId, WordId> =
            vocab.iter().enumerate().map(|(place, &word)| (word, place as WordId)).chain([(START, START)]).collect();
        let (after_one, after_two) = rows(&kept, &places, &single);
        Self {
            ids: words.iter().enumerate().map(|(id, word)| (word.clone(), id as WordId)).collect(),
            words,
            singles: single.into_iter().map(Prob::nearest).collect(),
            after_one,
            after_two,
            n_bytes: bytes,
        }
    }

    /// What the table takes.
    pub fn n_bytes(&self) -> usize {
        self.n_bytes
    }

    /// Words, pairs and triples in it.
    pub fn lens(&self) -> [usize; 3] {
        let len = |row: &Row| row.probs.len();
        [self.words.len(), self.after_one.values().map(len).sum(), self.after_two.values().map(len).sum()]
    }
}

/// How many words a table of this size lists.
fn vocabulary(n_bytes: usize) -> usize {
    let kib = n_bytes as f64 / 1024.0;
    let (mut last, mut words) = ((0.0, 0.0), None);
    for (size, n) in VOCABULARY {
        if kib <= size && words.is_none() {
            words = Some(last.1 + (n - last.1) * (kib - last.0) / (size - last.0));
        }
        last = (size, n);
    }
    words.unwrap_or(last.1).round() as usize
}

/// The `n` most frequent words in alphabetical order; of equals those that came first.
fn most_frequent(counts: &Counts, n: usize) -> Vec<WordId> {
    let mut ids: Vec<WordId> = (0..counts.words.len() as WordId).collect();
    ids.sort_by_key(|&id| (std::cmp::Reverse(counts.singles[id as usize]), id));
    ids.truncate(n);
    ids.sort_by_key(|&id| &counts.words[id as usize]);
    ids
}

/// Bytes of the list of words: each front-coded (one byte for both lengths) with a probability, a back-off weight and
/// two bytes to find its row; three bytes per restart and four per 64 rows.
fn word_bytes(words: &[String]) -> usize {
    let mut bytes = 4 * words.len() + words.len() / 64 * 4 + words.len().div_ceil(RESTART) * 3;
    for (i, word) in words.iter().enumerate() {
        let before = if i % RESTART == 0 { "" } else { &words[i - 1] };
        let shared = before.bytes().zip(word.bytes()).take_while(|(a, b)| a == b).count();
        bytes += 1 + word.len() - shared.min(MAX_SHARED);
    }
    bytes
}

type Rows = (HashMap<WordId, Row>, HashMap<[WordId; 2], Row>);

/// Rows by history, with the back-off weights that make each history's probabilities add up to 1.
fn rows(kept: &Kept, places: &HashMap<WordId, WordId>, single: &[f64]) -> Rows {
    let mut exact_one = HashMap::<WordId, HashMap<WordId, f64>>::new();
    for ([first, second], &prob) in &kept.pairs {
        exact_one.entry(places[first]).or_default().insert(places[second], prob);
    }
    let mut exact_two = HashMap::<[WordId; 2], HashMap<WordId, f64>>::new();
    for ([first, second, third], &prob) in &kept.triples {
        exact_two.entry([places[first], places[second]]).or_default().insert(places[third], prob);
    }
    let after_one: HashMap<_, _> =
        exact_one.iter().map(|(&word, exact)| (word, row(exact, |next| single[next as usize]))).collect();
    let after_pair = |word: WordId, next: WordId| {
        let single = single[next as usize];
        let Some(exact) = exact_one.get(&word) else { return single };
        exact.get(&next).copied().unwrap_or_else(|| after_one[&word].backoff.value() * single)
    };
    let after_two =
        exact_two.iter().map(|(&history, exact)| (history, row(exact, |next| after_pair(history[1], next)))).collect();
    (after_one, after_two)
}

/// A row whose other words have `shorter` times the back-off weight.
fn row(exact: &HashMap<WordId, f64>, shorter: impl Fn(WordId) -> f64) -> Row {
    // In a fixed order, so that sums of floats are the same every time.
    let mut words: Vec<_> = exact.iter().map(|(&word, &prob)| (word, prob)).collect();
    words.sort_unstable_by_key(|&(word, _)| word);
    let left = 1.0 - words.iter().map(|&(_, prob)| prob).sum::<f64>();
    let left_out = 1.0 - words.iter().map(|&(word, _)| shorter(word)).sum::<f64>();
    Row {
        backoff: Prob::nearest(left.max(MIN_MASS) / left_out.max(MIN_MASS)),
        probs: words.into_iter().map(|(word, prob)| (word, Prob::nearest(prob))).collect(),
    }
}
