//! What can be offered as a word, and how it is written.

use super::matcher::{Rule, Typed};
use crate::part::{head, tail};
use crate::text::{MAX_WORD_BYTES, Text, capitalize, capitalize_all, count_cases, decode, is_letter, is_word_char};

/// Bytes beyond ASCII count as letters: a token may hold a part of a character.
pub(super) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'\'' || byte >= 0x80
}

/// Whether bytes can be offered: nothing but word characters, letters or digits at both ends.
pub(super) fn is_word(mut bytes: &[u8]) -> bool {
    // At the start and wherever it may end.
    let mut is_at_letter = false;
    let mut is_start = true;
    while let (Some(c), len) = decode(bytes) {
        is_at_letter = is_letter(c);
        if !is_at_letter && (is_start || !is_word_char(c)) {
            return false;
        }
        is_start = false;
        bytes = tail(bytes, len);
    }
    is_at_letter && bytes.is_empty()
}

/// A word as a phone would write it: typed capitals stay, sentences start with one. Of its bytes `covered` stand
/// for what was typed. Nothing if it has no room then.
pub(super) fn write_as_typed<R: Rule>(
    word: &mut [u8],
    covered: usize,
    typed: &Typed<R>,
    starts_sentence: bool,
) -> Text {
    let [n_capital, n_small] = count_cases(typed.letters());
    if n_capital > 1 && n_small == 0 {
        capitalize_all(word);
    } else if n_capital == 0 && starts_sentence {
        capitalize(word);
    }
    let start = head(word, covered);
    let start = if n_capital > 0 { typed.written(start) } else { start };
    let mut text = Text::new();
    let has_room = start.iter().chain(tail(word, covered)).all(|&byte| text.push(byte));
    if !has_room || text.len() > MAX_WORD_BYTES {
        text.truncate(0);
    }
    text
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::super::matcher::Exact;
    use super::*;
    use std::{borrow::ToOwned, string::String};

    #[test]
    fn capitals_are_those_of_a_phone() {
        let written = |word: &str, letters: &str, starts: bool| {
            let mut keys = Text::new();
            letters.bytes().for_each(|byte| assert!(keys.push(byte)));
            let mut word = word.to_owned().into_bytes();
            let text = write_as_typed(&mut word, letters.len(), &Typed::<Exact>::new(keys), starts);
            String::from_utf8(text.to_vec()).unwrap()
        };
        assert_eq!(written("tom", "T", false), "Tom");
        assert_eq!(written("Tom", "t", false), "Tom");
        assert_eq!(written("I'm", "i'", false), "I'm");
        assert_eq!(written("hello", "HE", false), "HELLO");
        assert_eq!(written("iphone", "iP", true), "iPhone");
        assert_eq!(written("what", "", true), "What");
        assert_eq!(written("über", "", true), "Über");
        assert_eq!(written("über", "Ü", false), "Über");
        assert_eq!(written("größe", "GRÖ", false), "GRÖßE");
        assert_eq!(written("привет", "ПР", false), "ПРИВЕТ");
    }
}
