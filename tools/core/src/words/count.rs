//! How often each word occurs in a corpus, as it stands in the text: with the space before it, in its own case. At
//! the start of a sentence, where any word may have a capital, it is counted as at that of a line, without the
//! space.

use std::collections::HashMap;

use embedded_gpt::text::{ends_sentence, is_letter, is_word_char};

/// Words with the space before them if there is one, and how often each was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordCounts {
    /// Words and their counts, most frequent first; equals in alphabetical order.
    pub words: Vec<(String, u32)>,
    /// All words seen.
    pub total: u64,
}

/// Counts the words of documents.
pub fn count_words<'t>(documents: impl IntoIterator<Item = &'t str>) -> WordCounts {
    let mut counts = HashMap::<&str, u32>::new();
    let mut total = 0;
    for document in documents {
        for_each_word(document, |word| {
            *counts.entry(word).or_default() += 1;
            total += 1;
        });
    }
    WordCounts::new(counts.into_iter().map(|(word, count)| (word.to_owned(), count)), total)
}

impl WordCounts {
    pub(super) fn new(words: impl IntoIterator<Item = (String, u32)>, total: u64) -> Self {
        let mut words: Vec<_> = words.into_iter().collect();
        words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        Self { words, total }
    }
}

/// Words by the rule of the runtime's suggestions: letters, digits and apostrophes, a letter or digit first.
fn for_each_word<'t>(text: &'t str, mut take: impl FnMut(&'t str)) {
    let mut at = 0;
    while let Some(found) = text[at..].find(is_letter) {
        let start = at + found;
        let len = text[start..].find(|c| !is_word_char(c)).unwrap_or(text.len() - start);
        let word = text[start..start + len].trim_end_matches(|c| !is_letter(c));
        let space = usize::from(text[..start].ends_with(' ') && !text[..start].trim_end().ends_with(ends_sentence));
        take(&text[start - space..start + word.len()]);
        at = start + len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_keep_their_space_and_case() {
        let counts = count_words(["Tom's \"here\", isn't he?\nhe is-- tom's well-known"]);
        let words: Vec<_> = counts.words.iter().map(|(word, _)| word.as_str()).collect();
        assert_eq!(words, [" he", " is", " isn't", " tom's", " well-known", "Tom's", "he", "here"]);
        assert_eq!(counts.total, 8);
    }

    #[test]
    fn a_sentence_starts_as_a_line_does() {
        let counts = count_words(["Hi there! What is  new? Well, nothing"]);
        let words: Vec<_> = counts.words.iter().map(|(word, _)| word.as_str()).collect();
        assert_eq!(words, [" is", " new", " nothing", " there", "Hi", "Well", "What"]);
    }
}
