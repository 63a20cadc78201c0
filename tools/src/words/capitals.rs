//! Words of a vocabulary that knows small letters only: counted in all their spellings, with the capitals that most of them have.

use std::cmp::Reverse;
use std::collections::HashMap;

use embedded_gpt::words::Capitals;
use embedded_gpt::{MAX_WORD_BYTES, TokenId, Vocab};

use super::WordCounts;

/// A word as it was counted.
#[derive(Clone, Copy, Debug)]
pub struct Listable<'c> {
    /// With the space before it, if there is one.
    pub text: &'c str,
    pub count: u32,
    /// Of a vocabulary that knows small letters only.
    pub capitals: Capitals,
}

/// The words in all their spellings, most frequent first, each with its commonest one.
///
/// Where a word stands after a space tells how it is written: at the start of a line any has a capital.
pub fn in_all_spellings<'c>(counts: &'c WordCounts, vocab: &Vocab<'_>) -> Vec<Listable<'c>> {
    let mut words = HashMap::<Vec<TokenId>, Listable<'c>>::new();
    for (text, count) in &counts.words {
        let Some(path) = path_of(text, vocab) else { continue };
        // The commonest spelling comes first.
        words.entry(path).or_insert(Listable { text, count: 0, capitals: Capitals::None }).count += count;
    }
    let capitals = |text: &str| match words.get(&path_of(&format!(" {}", text.trim_start()), vocab)?) {
        Some(spaced) => Some(capitals_of(spaced.text)),
        None => Some(capitals_of(text)).filter(|&capitals| capitals == Capitals::All),
    };
    let mut listable: Vec<_> =
        words.values().map(|word| Listable { capitals: capitals(word.text).unwrap_or_default(), ..*word }).collect();
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
}
