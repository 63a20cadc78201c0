//! Typing a text on all threads, with a tally per line.

use std::ops::Range;

use anyhow::Result;
use rayon::prelude::*;

use super::ksr::{MAX_SLOTS, Predict, Rates, SLOTS, Tally};
use super::steps::Steps;
use super::typed_text::TypedText;
use crate::progress::Progress;

/// What typing a text came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typing {
    /// Tallies, one per line of the text that is not empty.
    pub lines: Vec<Tally>,
    /// Decode steps of the queries.
    pub steps: Steps,
}

impl Typing {
    fn nothing_of(text: &TypedText) -> Self {
        Self { lines: vec![Tally::default(); text.lines().len()], steps: Steps::default() }
    }

    /// All lines together.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.lines.iter().for_each(|tally| total += tally);
        total
    }

    /// The rates, in percent, of the text that was typed.
    pub fn rates(&self, text: &TypedText) -> Rates {
        self.total().rates(text.n_keys())
    }
}

/// Parts that threads type a text in. Results may depend on where parts begin, so it is not the number of threads.
pub const N_PARTS: usize = 16;

/// What the parts of a text come to, in order, of which `type_part` types a range of the words. Threads share them.
///
/// # Errors
/// Those of `type_part`.
pub fn parts<T: Send>(
    text: &TypedText,
    n_part: usize,
    type_part: impl Fn(Range<usize>, &Progress) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let progress = Progress::new("typing", text.n_words());
    let borders: Vec<usize> = (0..=n_part).map(|i| text.document_start(text.n_words() * i / n_part)).collect();
    borders.par_windows(2).map(|words| type_part(words[0]..words[1], &progress)).collect()
}

/// Types a text in `n_part` parts and adds up what they come to, line by line.
///
/// # Errors
/// Those of `type_part`.
pub fn in_parts(
    text: &TypedText,
    n_part: usize,
    type_part: impl Fn(Part<'_>) -> Result<Typing> + Sync,
) -> Result<Typing> {
    let mut whole = Typing::nothing_of(text);
    for part in parts(text, n_part, |words, progress| type_part(Part { text, words, progress }))? {
        whole.lines.iter_mut().zip(&part.lines).for_each(|(line, part)| *line += part);
        whole.steps += &part.steps;
    }
    Ok(whole)
}

/// Types a text as [`in_parts`] does, where words that were shown and not taken are not offered again. What is shown
/// depends on the number of slots then: `type_part` types once for each, and gets it.
///
/// # Errors
/// Those of `type_part`.
pub fn for_each_slots(mut type_all: impl FnMut(usize) -> Result<Typing>) -> Result<Typing> {
    let mut typing = type_all(MAX_SLOTS)?;
    for (i, slots) in SLOTS.into_iter().enumerate().filter(|&(_, slots)| slots != MAX_SLOTS) {
        let fewer = type_all(slots)?;
        let lines = typing.lines.into_iter().zip(&fewer.lines).map(|(line, fewer)| line.with_slots_of(fewer, i));
        typing.lines = lines.collect();
    }
    Ok(typing)
}

/// Consecutive words of a text.
#[derive(Debug)]
pub struct Part<'a> {
    text: &'a TypedText,
    words: Range<usize>,
    progress: &'a Progress,
}

impl Part<'_> {
    /// Types the words with at most `most_shown` suggestions; no steps are counted.
    ///
    /// # Errors
    /// Those of `predict`.
    pub fn type_words(self, most_shown: usize, predict: &mut impl Predict) -> Result<Typing> {
        let mut typing = Typing::nothing_of(self.text);
        for word in self.text.words(self.words) {
            typing.lines[word.line].type_word(word, most_shown, predict)?;
            self.progress.advance(1);
        }
        Ok(typing)
    }
}

/// A predictor that does not offer a word again that was shown for the same word when it had fewer letters.
pub fn new_only(mut predict: impl Predict) -> impl Predict {
    let mut shown: Vec<String> = Vec::new();
    move |context: &str, prefix: &str, k: usize| {
        if prefix.is_empty() {
            shown.clear();
        }
        let mut words = predict(context, prefix, k + shown.len())?;
        words.retain(|word| !shown.contains(word));
        words.truncate(k);
        shown.extend_from_slice(&words);
        Ok(words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 4] = ["hotel", "hot", "how", "hover"];

    fn by_prefix(_: &str, prefix: &str, k: usize) -> Result<Vec<String>> {
        Ok(WORDS.iter().filter(|word| word.starts_with(prefix)).take(k).map(|&word| word.to_owned()).collect())
    }

    #[test]
    fn a_word_is_not_shown_twice() {
        let mut predict = new_only(by_prefix);
        assert_eq!(predict("", "", 2).unwrap(), ["hotel", "hot"]);
        assert_eq!(predict("", "h", 2).unwrap(), ["how", "hover"]);
        assert!(predict("", "ho", 2).unwrap().is_empty());
        assert_eq!(predict("hover ", "", 1).unwrap(), ["hotel"], "another word");
    }

    #[test]
    fn fewer_slots_show_fewer_words_before_each_letter() {
        let text = TypedText::new("how", None);
        let typing = for_each_slots(|most_shown| {
            in_parts(&text, 1, |part| part.type_words(most_shown, &mut new_only(by_prefix)))
        })
        .unwrap();
        // One slot: hotel, hot, how (after two letters: accepting costs what typing does). Three: at once.
        assert_eq!(typing.total().saved(), [0, 2]);
        assert_eq!(typing.rates(&text).next_word, [0.0, 100.0]);
    }

    #[test]
    fn parts_and_lines_add_up() {
        let text = TypedText::new("how hot, hotel\nhover\n\nhot how how", None);
        let whole = in_parts(&text, 1, |part| part.type_words(3, &mut by_prefix)).unwrap();
        assert_eq!(whole.lines.iter().map(Tally::words).collect::<Vec<_>>(), [3, 1, 3]);
        for n_part in [3, N_PARTS] {
            assert_eq!(in_parts(&text, n_part, |part| part.type_words(3, &mut by_prefix)).unwrap(), whole);
        }
    }
}
