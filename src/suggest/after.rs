//! What stands behind the caret.

use crate::format::ngrams::{LINE_START, word_hash};
use crate::part::{head, tail};
use crate::text::{decode, is_letter, is_word_char};

/// What suggestions need to know of the text behind the caret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct After {
    /// Hash of the next word of the line.
    word: u32,
    /// Whether a letter follows at once, perhaps behind an apostrophe or a hyphen.
    goes_on: bool,
    /// Whether a word before it needs a space.
    takes_space: bool,
}

impl After {
    /// The caret stands at the end of the text.
    pub(super) const NOTHING: Self = Self { word: LINE_START, goes_on: false, takes_space: true };

    pub(super) fn of(text: &str) -> Self {
        let text = text.as_bytes();
        let (Some(first), _) = decode(text) else { return Self::NOTHING };
        let n_space = text.iter().take_while(|&&byte| byte == b' ').count();
        let rest = tail(text, n_space);
        let word = head(rest, word_len(rest));
        Self {
            word: if word.is_empty() { LINE_START } else { word_hash(word) },
            goes_on: n_space == 0 && !word.is_empty(),
            takes_space: is_letter(first) || matches!(first, '(' | '[' | '{'),
        }
    }

    /// Whether a word is the next one, by its hash.
    pub(super) fn begins_with(&self, word: u32) -> bool {
        self.word == word
    }

    /// Whether the word before the caret goes on behind it.
    pub(super) fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// Whether a word that is put before it needs a space behind it.
    pub(super) fn takes_space(&self) -> bool {
        self.takes_space
    }
}

/// Bytes of the word that a text begins with, with signs before it but not behind.
fn word_len(text: &[u8]) -> usize {
    let (mut at, mut end) = (0, 0);
    while let (Some(c), len) = decode(tail(text, at))
        && is_word_char(c)
    {
        at += len;
        if is_letter(c) {
            end = at;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_behind_the_caret_is_told_apart() {
        for (text, word, goes_on, takes_space) in [
            ("", None, false, true),
            (" tomorrow.", Some("tomorrow"), false, false),
            ("orrow", Some("orrow"), true, true),
            ("'t know", Some("'t"), true, false),
            ("- so", None, false, false),
            ("  Größe", Some("größe"), false, false),
            (", tom", None, false, false),
            ("\nnext", None, false, false),
            ("(see", None, false, true),
            ("'", None, false, false),
        ] {
            let after = After::of(text);
            assert_eq!((after.goes_on(), after.takes_space()), (goes_on, takes_space), "{text:?}");
            assert!(after.begins_with(word.map_or(LINE_START, |word| word_hash(word.as_bytes()))), "{text:?}");
        }
        assert_eq!(After::of(""), After::NOTHING);
    }
}
