//! Typing on a telephone's keys, each of which stands for several letters.

use std::ops::Range;

use anyhow::{Context as _, Result};
use embedded_gpt::{Keys, Model, SuggestOptions, Suggester, Suggestion};
use unicode_normalization::UnicodeNormalization;

use super::folding::folded;
use super::suggestions::StableStart;
use super::typed_text::{TypedText, Word};
use super::typing::{self, N_PARTS};
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
    let parts = typing::parts(text, N_PARTS, |words, progress| {
        let mut memory = SessionMemory::new(model.config(), context);
        let session = memory.session(model).context("no session of this context")?;
        let suggester = Suggester::with_keyboard(session, options, Keys::groups(&GROUPS));
        Ok(type_part(suggester, text, words, progress))
    })?;
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
    let keys: String = word.core.chars().filter_map(|c| Press::of(c).key).collect();
    let is_meant = |other: &str| folded(other) == folded(word.core);
    let mut slots = [Suggestion::EMPTY; N_SHOWN];
    let mut taken = None;
    let mut right = false;
    let ends = keys.char_indices().map(|(end, _)| end).chain([keys.len()]);
    for (n, end) in ends.enumerate() {
        let typed = format!("{context}{}", &keys[..end]);
        let is_shown = suggester.suggest(&typed, &mut slots).iter().any(|shown| is_meant(shown.as_str()));
        taken = taken.or(is_shown.then_some(n + 1));
        right = suggester.correction().map_or(is_meant(&keys[..end]), |word| is_meant(word.as_str()));
    }
    let space = usize::from(!word.ends_line && !word.has_trail);
    let anew = || word.core.chars().map(|c| Press::of(c).taps).sum::<usize>();
    let all = keys.chars().count() + space;
    let untaken = if right { all } else { all + anew() };
    Outcome {
        words: 1,
        right: right.into(),
        keys: taken.map_or(untaken, |taken| taken.min(untaken)),
        characters: word.core.chars().count() + space,
    }
}

/// How a character is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Press {
    /// What its key types; apostrophes and accents of their own need none.
    key: Option<char>,
    /// How often keys are pressed for this character alone.
    taps: usize,
}

impl Press {
    /// A letter with an accent has the key of the one without it, and the accent is one press more. What is on no key
    /// has one of its own.
    fn of(c: char) -> Self {
        let letter = c.to_lowercase().nfd().next().unwrap_or(c);
        let is_composed = c.nfd().nth(1).is_some();
        let on_key = |group: &&str| Some((group.chars().next()?, group.chars().skip(1).position(|c| c == letter)? + 1));
        match c {
            '\'' | '\u{2019}' | '\u{2BC}' => Self { key: None, taps: 0 },
            '\u{300}'..='\u{36F}' => Self { key: None, taps: 1 },
            _ => match GROUPS.iter().find_map(on_key) {
                Some((key, place)) => Self { key: Some(key), taps: place + usize::from(is_composed) },
                None => Self { key: Some(c.to_ascii_lowercase()), taps: 1 },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob_file::BlobFile;

    fn keys(text: &str) -> String {
        text.chars().filter_map(|c| Press::of(c).key).collect()
    }

    fn taps(text: &str) -> usize {
        text.chars().map(|c| Press::of(c).taps).sum()
    }

    #[test]
    fn letters_have_keys() {
        assert_eq!(keys("Don't 5s"), "3668 57");
        assert_eq!(["a", "S", "-", "'"].map(taps), [1, 4, 1, 0]);
    }

    #[test]
    fn accents_need_no_keys_but_presses() {
        assert_eq!(
            (keys("École"), keys("e\u{301}cole"), keys("l\u{2019}été")),
            ("32653".into(), "32653".into(), "5383".into())
        );
        assert_eq!((taps("é"), taps("e\u{301}")), (3, 3));
        assert_eq!((keys("größe"), taps("ß")), ("476ß3".into(), 1), "a letter of its own");
        assert_eq!((keys("йод"), taps("йод")), ("йод".into(), 3), "no letters of these keys");
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
        let accented = measure("qxvź\n");
        assert_eq!(accented, Outcome { words: 1, right: 0, keys: 4 + 2 + 2 + 3 + 5, characters: 4 });
    }
}
