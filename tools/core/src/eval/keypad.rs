//! Typing on a telephone's keys, each of which stands for several letters.

use std::ops::Range;

use anyhow::{Context as _, Result};
use embedded_gpt::{Keys, Model, SuggestOptions, Suggester, Suggestion};
use rayon::prelude::*;

use super::suggestions::StableStart;
use super::typed_text::{TypedText, Word};
use super::typing::N_PARTS;
use crate::progress::Progress;
use crate::session_memory::SessionMemory;

/// What each key types, and the letters that it stands for.
const GROUPS: [&str; 8] = ["2abc", "3def", "4ghi", "5jkl", "6mno", "7pqrs", "8tuv", "9wxyz"];
/// Words shown.
const N_SHOWN: usize = 3;

/// What typing came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Words typed.
    pub words: usize,
    /// Words that the space bar writes once all their keys are typed.
    pub right: usize,
    /// Keys pressed for the words and the spaces behind them.
    pub keys: usize,
    /// Characters of these.
    pub characters: usize,
}

impl Outcome {
    fn add(mut self, other: Self) -> Self {
        self.words += other.words;
        self.right += other.right;
        self.keys += other.keys;
        self.characters += other.characters;
        self
    }
}

/// Types the words of a text on nine keys, with three words shown. A word is taken as soon as it is shown. If it is
/// still not there when all its keys are typed, its letters are typed anew one by one, each by pressing its key so
/// often as is its place on it.
///
/// # Errors
/// If a session with this context cannot be had.
pub fn type_text(
    model: &Model<'_>,
    text: &TypedText,
    context: Option<usize>,
    options: SuggestOptions<'static>,
) -> Result<Outcome> {
    let progress = Progress::new("typing", text.n_words());
    let borders: Vec<usize> = (0..=N_PARTS).map(|i| text.document_start(text.n_words() * i / N_PARTS)).collect();
    let parts = borders.par_windows(2).map(|words| {
        let mut memory = SessionMemory::new(model.config(), context);
        let session = memory.session(model).context("no session of this context")?;
        let suggester = Suggester::with_keyboard(session, options, Keys::groups(&GROUPS));
        Ok(type_part(suggester, text, words[0]..words[1], &progress))
    });
    let parts: Vec<Outcome> = parts.collect::<Result<_>>()?;
    Ok(parts.into_iter().fold(Outcome::default(), Outcome::add))
}

fn type_part(
    mut suggester: Suggester<'_, Keys<'static>>,
    text: &TypedText,
    words: Range<usize>,
    progress: &Progress,
) -> Outcome {
    let mut start = StableStart::default();
    let mut outcome = Outcome::default();
    for word in text.words(words) {
        let context = start.cut(word.context).to_owned();
        outcome = outcome.add(type_word(&mut suggester, &context, word));
        progress.advance(1);
    }
    outcome
}

fn type_word(suggester: &mut Suggester<'_, Keys<'static>>, context: &str, word: Word<'_>) -> Outcome {
    let keys: String = word.core.chars().filter_map(key_of).map(|(key, _)| key).collect();
    let is_meant = |other: &str| other.to_lowercase() == word.core.to_lowercase();
    let mut slots = [Suggestion::EMPTY; N_SHOWN];
    let mut taken = None;
    let mut right = false;
    for n in 0..=keys.len() {
        let typed = format!("{context}{}", &keys[..n]);
        let is_shown = suggester.suggest(&typed, &mut slots).iter().any(|shown| is_meant(shown.as_str()));
        taken = taken.or(is_shown.then_some(n + 1));
        right = suggester.correction().map_or(is_meant(&keys[..n]), |word| is_meant(word.as_str()));
    }
    let space = usize::from(!word.ends_line && !word.has_trail);
    let anew = || word.core.chars().filter_map(key_of).map(|(_, taps)| taps).sum::<usize>();
    let all = keys.len() + space;
    let untaken = if right { all } else { all + anew() };
    Outcome {
        words: 1,
        right: right.into(),
        keys: taken.map_or(untaken, |taken| taken.min(untaken)),
        characters: word.core.chars().count() + space,
    }
}

/// The key of a character, and how often it is pressed for this character alone. Apostrophes need none.
fn key_of(c: char) -> Option<(char, usize)> {
    let c = c.to_ascii_lowercase();
    let on_key =
        |group: &&str| Some((group.chars().next()?, group.chars().skip(1).position(|letter| letter == c)? + 1));
    match c {
        '\'' => None,
        _ => Some(GROUPS.iter().find_map(on_key).unwrap_or((c, 1))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob_file::BlobFile;

    #[test]
    fn letters_have_keys() {
        assert_eq!("Don't 5s".chars().filter_map(key_of).map(|(key, _)| key).collect::<String>(), "3668 57");
        assert_eq!([key_of('a'), key_of('S'), key_of('-')], [Some(('2', 1)), Some(('7', 4)), Some(('-', 1))]);
    }

    #[test]
    fn words_that_are_shown_take_few_keys_and_unknown_ones_many() {
        let file = BlobFile::new(include_bytes!("../../../../models/demo.egpt"));
        let model = file.model().unwrap();
        let measure =
            |text: &str| type_text(&model, &TypedText::new(text, None), None, SuggestOptions::DEFAULT).unwrap();
        let known = measure("how are you\nthank you\n");
        assert_eq!((known.words, known.right, known.characters), (5, 5, 20));
        assert!(known.keys < known.characters, "{known:?}");
        let unknown = measure("qxvz\n");
        // All its keys, and each letter again: 7 twice, 9 twice, 8 three times, 9 four times.
        assert_eq!(unknown, Outcome { words: 1, right: 0, keys: 4 + 2 + 2 + 3 + 4, characters: 4 });
    }
}
