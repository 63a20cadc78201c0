//! What a phrase beside the words saves: one more place, with the best word and the words that follow it.

use anyhow::Result;
use embedded_gpt::{Model, Phrase, PhraseOptions, SuggestOptions, Suggester, Suggestion};

use super::folding::folded;
use super::ksr::MAX_SLOTS;
use super::percent::percent;
use super::suggestions::{Settings, StableStart};
use super::typed_text::{TypedText, Word};
use crate::progress::Progress;
use crate::session_memory::SessionMemory;

/// What was offered before a keystroke.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// Whole words, best first.
    pub words: Vec<String>,
    /// Two words or more; empty if there is no phrase.
    pub phrase: String,
}

/// What typing a text with words and a phrase came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phrases {
    /// Keystrokes saved.
    pub saved: usize,
    /// How often something was asked for.
    pub n_query: usize,
    /// How often there was a phrase.
    pub n_shown: usize,
    /// How often it was what comes next.
    pub n_right: usize,
}

impl Phrases {
    /// Keystrokes saved in percent of the `n_keys` that the text takes without help.
    pub fn ksr(&self, n_keys: usize) -> f64 {
        percent(self.saved, n_keys)
    }

    /// Queries with a phrase, in percent.
    pub fn shown(&self) -> f64 {
        percent(self.n_shown, self.n_query)
    }

    /// Right ones among the phrases shown, in percent.
    pub fn right(&self) -> f64 {
        percent(self.n_right, self.n_shown)
    }
}

/// Types a text with three words and a phrase that is at least so probable.
///
/// # Errors
/// If a session with this context cannot be had.
pub fn type_text(model: &Model<'_>, text: &TypedText, settings: Settings, min_percent: u8) -> Result<Phrases> {
    let mut memory = SessionMemory::new(model.config(), settings.context);
    let options = SuggestOptions { budget: settings.budget, ..SuggestOptions::DEFAULT };
    let mut suggester = Suggester::new(memory.session(model)?, options);
    let phrase_options = PhraseOptions { min_percent, ..PhraseOptions::DEFAULT };
    let mut start = StableStart::default();
    count(text, |context, prefix| {
        let mut slots = [Suggestion::EMPTY; MAX_SLOTS];
        let typed = format!("{}{prefix}", start.cut(context));
        let found = suggester.suggest(&typed, &mut slots);
        let Some(mut phrase) = found.first().map(|word| Phrase::after(word, phrase_options)) else {
            return Ok(Offer::default());
        };
        let words = found.iter().map(|word| word.as_str().to_owned()).collect();
        while phrase.poll(&mut suggester) == embedded_gpt::Progress::Working {}
        Ok(Offer { words, phrase: phrase.as_str().to_owned() })
    })
}

/// The typist takes a phrase as soon as all of it is right, else a word as soon as it is shown; either takes one
/// keystroke and brings its space.
fn count(text: &TypedText, mut offer: impl FnMut(&str, &str) -> Result<Offer>) -> Result<Phrases> {
    let words: Vec<Word<'_>> = text.words(0..text.n_words()).collect();
    let progress = Progress::new("typing with phrases", words.len());
    let mut total = Phrases::default();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let (mut n_word, mut saved) = (1, 0);
        for (typed, (end, _)) in word.core.char_indices().enumerate() {
            let offer = offer(word.context, &word.core[..end])?;
            let n_right = words_right(&words[at..], &offer.phrase);
            total.n_query += 1;
            total.n_shown += usize::from(!offer.phrase.is_empty());
            total.n_right += usize::from(n_right > 0);
            let is_shown = offer.words.iter().any(|shown| folded(shown) == folded(word.core));
            if n_right > 0 || is_shown {
                n_word = n_right.max(1);
                saved = keys(&words[at..at + n_word]) - typed - 1;
                break;
            }
        }
        total.saved += saved;
        at += n_word;
        progress.advance(n_word);
    }
    Ok(total)
}

/// How many words a phrase has, if they are the next ones with a single space between them; 0 if not.
fn words_right(words: &[Word<'_>], phrase: &str) -> usize {
    let mut n = 0;
    for (i, offered) in phrase.split(' ').enumerate() {
        let Some(word) = words.get(i) else { return 0 };
        let follows = i == 0 || {
            let before = words[i - 1];
            word.line == before.line && word.context.strip_suffix(' ').is_some_and(|c| c.ends_with(before.core))
        };
        if !follows || folded(word.core) != folded(offered) {
            return 0;
        }
        n += 1;
    }
    n
}

/// Keystrokes of words with single spaces between them, and the one that accepting brings after the last.
fn keys(words: &[Word<'_>]) -> usize {
    let letters: usize = words.iter().map(|word| word.core.chars().count()).sum();
    let space = words.last().is_some_and(|word| !word.ends_line && !word.has_trail);
    letters + words.len() - 1 + usize::from(space)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str, phrase: &'static str, word: &'static str) -> Phrases {
        let offer = |_: &str, prefix: &str| {
            let starts = |text: &'static str| if text.starts_with(prefix) { text } else { "" };
            Ok(Offer { words: vec![starts(word).to_owned()], phrase: starts(phrase).to_owned() })
        };
        count(&TypedText::new(text, None), offer).unwrap()
    }

    #[test]
    fn a_right_phrase_takes_one_keystroke() {
        // All 12 keystrokes but one; the last word has no space after it.
        let phrases = counted("how are you", "how are you", "");
        assert_eq!(phrases, Phrases { saved: 10, n_query: 1, n_shown: 1, n_right: 1 });
        // With a space: "how are " for one of 8 keystrokes.
        assert_eq!(counted("how are we", "how are", "").saved, 7);
        assert_eq!(counted("Как у вас", "как у", "").saved, 5);
    }

    #[test]
    fn without_a_phrase_words_are_taken_as_ever() {
        assert_eq!(counted("how are", "", "how").saved, 3);
        assert_eq!(counted("how are", "how is", "how").saved, 3, "a wrong phrase beside it changes nothing");
    }

    #[test]
    fn what_stands_between_words_has_to_be_a_space() {
        for text in ["how, are", "how \"are", "how\nare", "how", "how area"] {
            assert_eq!(counted(text, "how are", "").n_right, 0, "{text:?}");
        }
    }

    #[test]
    fn rates_are_shares_of_what_was_asked_and_shown() {
        let phrases = Phrases { saved: 5, n_query: 40, n_shown: 10, n_right: 4 };
        assert_eq!((phrases.ksr(20), phrases.shown(), phrases.right()), (25.0, 25.0, 40.0));
        assert_eq!(Phrases::default().right(), 0.0);
    }
}
