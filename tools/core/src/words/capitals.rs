//! Words of a vocabulary that knows small letters only: counted in all their spellings, with the capitals that they
//! are due.

use std::cmp::Reverse;
use std::collections::HashMap;

use embedded_gpt::format::words::Capitals;
use embedded_gpt::text::MAX_WORD_BYTES;
use embedded_gpt::{TokenId, Vocab};

use super::WordCounts;

/// Share of a word's spellings within sentences that must have a capital for it to be due one. Less than a half:
/// who types in haste leaves capitals out far more often than he adds needless ones (`sunday`, `italian`).
pub(super) const CAPITAL_SHARE: f64 = 0.4;

/// A word as it was counted.
#[derive(Clone, Copy, Debug)]
pub struct Listable<'c> {
    /// The word, with the space before it, if there is one.
    pub text: &'c str,
    pub count: u32,
    /// Capitals of the word, in a vocabulary that knows small letters only.
    pub capitals: Capitals,
}

/// Counts of one word in all its spellings.
struct Spellings<'c> {
    /// The commonest one.
    text: &'c str,
    count: u32,
    /// How many of them have a capital.
    n_capital: u32,
    /// The capitals of the commonest of these.
    capitals: Capitals,
}

impl Spellings<'_> {
    fn due(&self) -> Capitals {
        let is_due = f64::from(self.n_capital) >= CAPITAL_SHARE * f64::from(self.count);
        if is_due { self.capitals } else { Capitals::None }
    }
}

/// The words in all their spellings, most frequent first, each with the capitals it is due.
///
/// Where a word stands after a space tells how it is written: at the start of a line or a sentence any has a capital.
pub fn in_all_spellings<'c>(counts: &'c WordCounts, vocab: &Vocab<'_>) -> Vec<Listable<'c>> {
    let mut words = HashMap::<Vec<TokenId>, Spellings<'c>>::new();
    for (text, count) in &counts.words {
        let Some(path) = path_of(text, vocab) else { continue };
        // The commonest spelling comes first.
        let none = Spellings { text, count: 0, n_capital: 0, capitals: Capitals::None };
        let word = words.entry(path).or_insert(none);
        word.count += count;
        let capitals = capitals_of(text);
        if capitals != Capitals::None {
            word.n_capital += count;
            if word.capitals == Capitals::None {
                word.capitals = capitals;
            }
        }
    }
    let capitals = |word: &Spellings<'_>| match words.get(&path_of(&format!(" {}", word.text.trim_start()), vocab)?) {
        Some(spaced) => Some(spaced.due()),
        None => Some(word.due()).filter(|&capitals| capitals == Capitals::All),
    };
    let listable = |word: &Spellings<'c>| Listable {
        text: word.text,
        count: word.count,
        capitals: capitals(word).unwrap_or_default(),
    };
    let mut listable: Vec<_> = words.values().map(listable).collect();
    listable.sort_by_key(|word| (Reverse(word.count), word.text));
    listable
}

/// The tokens of a word; `None` for one that is too long to be listed.
pub fn path_of(text: &str, vocab: &Vocab<'_>) -> Option<Vec<TokenId>> {
    let mut room = [0; MAX_WORD_BYTES + 1];
    vocab.encode_continuation(text, &mut room).ok().map(|path| path.to_vec())
}

/// How a word is written.
fn capitals_of(text: &str) -> Capitals {
    let letters: Vec<char> = text.trim_start().chars().filter(|c| c.is_alphabetic()).collect();
    match text.trim_start().chars().next() {
        Some(first) if first.is_uppercase() => {
            let has_small = letters.iter().any(|c| c.is_lowercase());
            if letters.len() > 1 && !has_small { Capitals::All } else { Capitals::First }
        }
        _ => Capitals::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob_file::BlobFile;
    use crate::words::count_words;

    #[test]
    fn most_decide_how_a_word_is_written() {
        for (text, expected) in [
            (" what", Capitals::None),
            (" Utah", Capitals::First),
            (" USA", Capitals::All),
            ("I", Capitals::First),
            (" I'm", Capitals::First),
            (" Über", Capitals::First),
            (" iPhone", Capitals::None),
            (" 2nd", Capitals::None),
            ("", Capitals::None),
        ] {
            assert_eq!(capitals_of(text), expected, "{text:?}");
        }
    }

    #[test]
    fn two_capitals_of_five_are_enough() {
        let file = BlobFile::new(include_bytes!("../../../../models/keyboard.egpt"));
        let model = file.model().unwrap();
        let text =
            "on sunday or Sunday, Sunday or sunday, sunday. However it was in march, march, March. However, however";
        let counts = count_words([text]);
        let words = in_all_spellings(&counts, &model.vocab());
        let capitals =
            |text: &str| words.iter().find(|word| word.text.trim_start().eq_ignore_ascii_case(text)).unwrap().capitals;
        assert_eq!(capitals("sunday"), Capitals::First);
        assert_eq!(capitals("march"), Capitals::None);
        assert_eq!(capitals("however"), Capitals::None, "at the start of a sentence a capital says nothing");
    }
}
