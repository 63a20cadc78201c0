//! Words that a table offers.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::ops::Range;

use super::counts::{START, WordId};
use super::quantized::Prob;
use super::sentences::sentences;
use super::table::{Row, Table};
use crate::eval::folding::folded;

/// Words that are considered for their own frequency, whatever came before.
const MAX_FREQUENT: usize = 12;

/// Offers words of a table; remembers the most frequent words by prefix.
#[derive(Debug)]
pub struct Predictor<'t> {
    table: &'t Table,
    frequent: HashMap<String, Vec<WordId>>,
}

impl<'t> Predictor<'t> {
    /// A predictor of a table's words.
    pub fn new(table: &'t Table) -> Self {
        Self { table, frequent: HashMap::new() }
    }

    /// The most probable words after `context` that begin with `prefix`, in whatever case: at most `k`, best first,
    /// [folded].
    pub fn suggest(&mut self, context: &str, prefix: &str, k: usize) -> Vec<String> {
        let prefix = folded(prefix);
        let table = self.table;
        let history = table.history(context);
        let range = table.range(&prefix);
        let frequent = self.frequent.entry(prefix).or_insert_with(|| table.most_frequent(range.clone()));
        let mut words = frequent.clone();
        for row in table.rows(history) {
            words.extend(row.within(&range).iter().map(|&(word, _)| word));
        }
        words.sort_unstable();
        words.dedup();
        let mut ranked: Vec<_> = words.into_iter().map(|word| (table.prob(history, word), word)).collect();
        // Of equally probable words the more frequent ones.
        ranked.sort_by(|a, b| {
            let frequency = |word: WordId| table.singles[word as usize];
            b.0.total_cmp(&a.0).then(frequency(b.1).cmp(&frequency(a.1)))
        });
        ranked.iter().take(k).map(|&(_, word)| table.words[word as usize].clone()).collect()
    }
}

impl Table {
    /// The words that begin with a prefix.
    fn range(&self, prefix: &str) -> Range<WordId> {
        let start = self.words.partition_point(|word| word.as_str() < prefix);
        let len = self.words[start..].partition_point(|word| word.starts_with(prefix));
        start as WordId..(start + len) as WordId
    }

    fn most_frequent(&self, range: Range<WordId>) -> Vec<WordId> {
        let mut words: Vec<WordId> = range.collect();
        words.sort_by_key(|&word| Reverse(self.singles[word as usize]));
        words.truncate(MAX_FREQUENT);
        words
    }

    /// What follows two words, and one, as far as that is known.
    fn rows(&self, history: [WordId; 2]) -> impl Iterator<Item = &Row> {
        [self.after_two.get(&history), self.after_one.get(&history[1])].into_iter().flatten()
    }

    /// The last two words of the sentence that a context ends in: its start is one; a word that is not known is none.
    fn history(&self, context: &str) -> [WordId; 2] {
        let line = context.rsplit('\n').next().unwrap_or_default();
        let sentence = sentences(line).last().unwrap_or_default();
        let id = |word: &String| self.ids.get(word).copied().unwrap_or(UNKNOWN);
        match sentence.as_slice() {
            [] => [UNKNOWN, START],
            [word] => [START, id(word)],
            [.., before, last] => [id(before), id(last)],
        }
    }

    /// Probability of a word after a history.
    pub(super) fn prob(&self, history: [WordId; 2], word: WordId) -> f64 {
        let mut weight = 1.0;
        for row in self.rows(history) {
            if let Some(prob) = row.prob(word) {
                return weight * prob.value();
            }
            weight *= row.backoff.value();
        }
        weight * self.singles.get(word as usize).copied().map_or(0.0, Prob::value)
    }
}

/// No word, and no history of any.
const UNKNOWN: WordId = START - 1;
