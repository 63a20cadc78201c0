//! How often words follow each other in a text.

use std::collections::HashMap;

use super::sentences::sentences;

/// A word by number, in the order of first occurrence.
pub type WordId = u32;
/// Stands before the first word of a sentence.
pub const START: WordId = WordId::MAX;

/// Counts of words, pairs and triples; pairs and triples may begin with the start of a sentence.
#[derive(Debug, Default)]
pub struct Counts {
    pub(super) words: Vec<String>,
    pub(super) singles: Vec<u32>,
    pub(super) pairs: HashMap<[WordId; 2], u32>,
    pub(super) triples: HashMap<[WordId; 3], u32>,
}

/// What follows a history: occurrences, and different words among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Followers {
    pub n_occurrence: u32,
    pub n_different: u32,
}

impl Counts {
    /// Counts the words of documents, line by line.
    pub fn of<'t>(documents: impl IntoIterator<Item = &'t str>) -> Self {
        let mut counts = Self::default();
        let mut ids = HashMap::new();
        for line in documents.into_iter().flat_map(|document| document.split('\n')) {
            for sentence in sentences(line) {
                counts.add(sentence, &mut ids);
            }
        }
        counts
    }

    fn add(&mut self, sentence: Vec<String>, ids: &mut HashMap<String, WordId>) {
        let mut before = [None, Some(START)];
        for word in sentence {
            let id = *ids.entry(word).or_insert_with_key(|word| {
                self.words.push(word.clone());
                self.singles.push(0);
                self.singles.len() as WordId - 1
            });
            self.singles[id as usize] += 1;
            if let [first, Some(second)] = before {
                *self.pairs.entry([second, id]).or_default() += 1;
                if let Some(first) = first {
                    *self.triples.entry([first, second, id]).or_default() += 1;
                }
            }
            before = [before[1], Some(id)];
        }
    }

    /// All words counted.
    pub fn n_word(&self) -> u64 {
        self.singles.iter().map(|&count| u64::from(count)).sum()
    }

    /// What follows one word.
    pub(super) fn after_one(&self) -> HashMap<WordId, Followers> {
        followers(self.pairs.iter().map(|(&[first, _], &count)| (first, count)))
    }

    /// What follows two words.
    pub(super) fn after_two(&self) -> HashMap<[WordId; 2], Followers> {
        followers(self.triples.iter().map(|(&[first, second, _], &count)| ([first, second], count)))
    }
}

fn followers<H: Eq + std::hash::Hash>(ngrams: impl Iterator<Item = (H, u32)>) -> HashMap<H, Followers> {
    let mut all = HashMap::<H, Followers>::new();
    for (history, count) in ngrams {
        let followers = all.entry(history).or_default();
        followers.n_occurrence += count;
        followers.n_different += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_begin_at_the_start_of_a_sentence_and_end_with_it() {
        let counts = Counts::of(["How are you? Are you\nhow are we"]);
        let id = |word: &str| counts.words.iter().position(|other| other == word).unwrap() as WordId;
        let [how, are, you] = ["how", "are", "you"].map(id);
        assert_eq!(counts.n_word(), 8);
        assert_eq!(counts.singles[are as usize], 3);
        assert_eq!(counts.pairs[&[START, how]], 2);
        assert_eq!(counts.pairs[&[are, you]], 2);
        assert_eq!(counts.triples[&[START, how, are]], 2);
        assert_eq!(counts.pairs.get(&[you, are]), None);
        assert_eq!(counts.after_one()[&are], Followers { n_occurrence: 3, n_different: 2 });
        assert_eq!(counts.after_two()[&[how, are]], Followers { n_occurrence: 2, n_different: 2 });
    }
}
