//! Which words are listed first when there is not room for all.

use std::cmp::Reverse;
use std::collections::HashSet;

use embedded_gpt::format::words::{Capitals, MAX_WORD_TOKENS};
use embedded_gpt::{TokenId, Vocab};

use super::WordCounts;
use super::capitals::{Listable, in_all_spellings, path_of};

/// Letters that are typed before a list of words is of much use.
const LETTERS_TYPED: usize = 2;

/// A word that can be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedWord<'c> {
    /// The word, with the space before it, if there is one.
    pub text: &'c str,
    pub tokens: Vec<TokenId>,
    pub count: u32,
    /// How the word is written, where its tokens are of small letters.
    pub capitals: Capitals,
}

impl<'c> ListedWord<'c> {
    fn new(word: &Listable<'c>, vocab: &Vocab<'_>) -> Option<Self> {
        let Listable { text, count, capitals } = *word;
        let tokens = path_of(text, vocab)?;
        (tokens.len() <= MAX_WORD_TOKENS).then_some(Self { text, tokens, count, capitals })
    }

    /// What listing it saves, about: often typed words save often, long ones much.
    fn worth(&self) -> u32 {
        let letters = self.text.trim_start().chars().count().saturating_sub(LETTERS_TYPED);
        (f64::from(self.count) * (letters as f64).max(0.3).sqrt() * 16.0) as u32
    }
}

/// The words seen more than once that a list can hold, those that save most first.
///
/// A word of several tokens is there in its commonest spelling only: the runtime finds the others, with a capital
/// or at the start of a line, by it. Those of one token cost nothing.
pub fn by_worth<'c>(counts: &'c WordCounts, vocab: &Vocab<'_>) -> Vec<ListedWord<'c>> {
    let as_counted = || {
        let all = counts.words.iter();
        all.map(|(text, count)| Listable { text, count: *count, capitals: Capitals::None }).collect()
    };
    let words = if vocab.folds_case() { in_all_spellings(counts, vocab) } else { as_counted() };
    let mut spelled = HashSet::new();
    let mut listed: Vec<_> = words
        .iter()
        .filter(|word| word.count > 1)
        .filter_map(|word| {
            let is_new = spelled.insert(word.text.trim_start().to_lowercase());
            ListedWord::new(word, vocab).filter(|word| is_new || word.tokens.len() == 1)
        })
        .collect();
    listed.sort_by_key(|word| Reverse(word.worth()));
    listed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob_file::BlobFile;
    use crate::words::count_words;

    #[test]
    fn long_words_come_before_short_ones_and_spellings_of_a_listed_one_not_at_all() {
        let file = BlobFile::new(include_bytes!("../../../../models/demo.egpt"));
        let model = file.model().unwrap();
        let counts = count_words([&*"a Zdenka is Zdenka, zdenka qxv qxv qxv\nZdenka\n".repeat(2)]);
        let listed = by_worth(&counts, &model.vocab());
        let long: Vec<_> = listed.iter().filter(|word| word.tokens.len() > 1).map(|word| word.text).collect();
        assert_eq!(long, [" Zdenka", " qxv"]);
        assert!(listed.iter().all(|word| word.count > 1));
    }
}
