//! What can be offered as a word, and how it is written.

use super::cut::{Cut, starts_sentence};
use super::matcher::{Rule, Typed};
use crate::part::{head, tail};
use crate::text::{
    BytesIn, MAX_WORD_BYTES, Reads, Text, capitalize, capitalize_all, count_cases, decode, is_letter, is_word_char,
    split_last_char, straight, trim_end,
};

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

/// What a text asks of the words that are written into it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Style {
    pub(super) starts_sentence: bool,
    /// Writes apostrophes as the last one of the text; none where it has none.
    pub(super) apostrophe: Reads,
}

impl Style {
    /// The style of a text, which is cut before the word. Of its apostrophes those in the last 256 bytes count.
    pub(super) fn of(text: &str, cut: Cut<'_>) -> Self {
        let before = trim_end(text.as_bytes(), |c| straight(c) != '\'');
        let apostrophe: Reads = match split_last_char(before) {
            Some(('\'', _)) => Some(straight),
            Some(('\u{2019}', _)) => Some(|c| if straight(c) == '\'' { '\u{2019}' } else { c }),
            Some(('\u{2BC}', _)) => Some(|c| if straight(c) == '\'' { '\u{2BC}' } else { c }),
            _ => None,
        };
        Self { starts_sentence: starts_sentence(cut), apostrophe }
    }
}

/// A word as a phone would write it: typed capitals stay, sentences start with one, apostrophes are those of the text.
/// Of its bytes `covered` stand for what was typed. Nothing if it has no room then.
pub(super) fn write_as_typed<R: Rule>(word: &mut [u8], covered: usize, typed: &Typed<R>, style: Style) -> Text {
    let [n_capital, n_small] = count_cases(typed.letters());
    if n_capital > 1 && n_small == 0 {
        capitalize_all(word);
    } else if n_capital > 0 || style.starts_sentence {
        capitalize(word);
    }
    let start = head(word, covered);
    let start = if n_capital > 0 { typed.written(start) } else { start };
    let mut text = Text::new();
    let has_room = [start, tail(word, covered)]
        .into_iter()
        .all(|part| BytesIn::new(part, style.apostrophe).all(|byte| text.push(byte)));
    if !has_room || text.len() > MAX_WORD_BYTES {
        text.truncate(0);
    }
    text
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::super::matcher::Plain;
    use super::*;
    use std::{borrow::ToOwned, string::String};

    #[test]
    fn capitals_are_those_of_a_phone() {
        let written = |word: &str, letters: &str, starts: bool| {
            let mut keys = Text::new();
            letters.bytes().for_each(|byte| assert!(keys.push(byte)));
            let mut word = word.to_owned().into_bytes();
            let style = Style { starts_sentence: starts, apostrophe: None };
            let text = write_as_typed(&mut word, letters.len(), &Typed::<Plain>::new(keys), style);
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

    #[test]
    fn apostrophes_are_written_as_the_last_one_of_the_text() {
        let written = |word: &str, text: &str| {
            let cut = Cut::of(text);
            let mut keys = Text::new();
            cut.letters().iter().for_each(|&byte| assert!(keys.push(byte)));
            let typed = Typed::<Plain>::new(keys);
            let mut word = word.to_owned().into_bytes();
            let text = write_as_typed(&mut word, cut.letters().len(), &typed, Style::of(text, cut));
            String::from_utf8(text.to_vec()).unwrap()
        };
        assert_eq!(written("don't", "i do"), "don't");
        assert_eq!(written("don\u{2019}t", "i do"), "don\u{2019}t");
        assert_eq!(written("don't", "don\u{2019}t! i do"), "don\u{2019}t");
        assert_eq!(written("don't", "don\u{2BC}t! i do"), "don\u{2BC}t");
        assert_eq!(written("don\u{2019}t", "don't! i do"), "don't");
        assert_eq!(written("don't", "it\u{2019}s, isn't it? i do"), "don't");
        assert_eq!(written("rock'n'roll", "a rock\u{2019}"), "rock\u{2019}n\u{2019}roll");
        assert_eq!(written("o'clock", "O\u{2019}"), "O\u{2019}clock");
        let far = std::format!("don\u{2019}t {} do", "a".repeat(256));
        assert_eq!(written("don't", &far), "don't");
        assert_eq!(written("'''''''''''t", "\u{2019}"), "", "too long");
    }

    #[test]
    fn what_was_not_typed_has_the_capitals_that_were() {
        let written = |word: &str, letters: &str| {
            let mut keys = Text::new();
            letters.bytes().for_each(|byte| assert!(keys.push(byte)));
            let mut word = word.to_owned().into_bytes();
            let covered = word.len();
            let text = write_as_typed(&mut word, covered, &Typed::<Plain>::new(keys), Style::default());
            String::from_utf8(text.to_vec()).unwrap()
        };
        assert_eq!(written("don't", "Dont"), "Don't");
        assert_eq!(written("don't", "DONT"), "DON'T");
        assert_eq!(written("über", "Uber"), "Über");
        assert_eq!(written("écrire", "ECRIRE"), "ÉCRIRE");
    }
}
