//! What can be offered as a word, and how it is written.

use super::cut::{Cut, starts_sentence};
use super::matcher::{Rule, Typed};
use crate::format::words::Capitals;
use crate::lexicon::Spelling;
use crate::part::{head, tail};
use crate::text::{
    Language, MAX_WORD_BYTES, Text, count_cases, decode, is_letter, is_word_char, split_last_char, straight, trim_end,
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
    /// Whether the words before are in capitals.
    pub(super) is_in_capitals: bool,
    /// Whose capitals words have.
    pub(super) language: Language,
    /// The last apostrophe of the text, which words have, too.
    pub(super) apostrophe: Option<char>,
}

impl Style {
    /// The style of a text, which is cut before the word. Of its apostrophes those in the last 256 bytes count.
    pub(super) fn of(text: &str, cut: Cut<'_>) -> Self {
        let before = trim_end(text.as_bytes(), |c| straight(c) != '\'');
        let apostrophe = split_last_char(before).map(|(c, _)| c).filter(|&c| straight(c) == '\'');
        Self { starts_sentence: starts_sentence(cut), apostrophe, ..Self::default() }
    }

    /// Leaves out the capitals that nobody typed.
    pub(super) fn drop_capitals(&mut self) {
        (self.starts_sentence, self.is_in_capitals) = (false, false);
    }
}

/// A word as a phone would write it: typed capitals stay, sentences start with one, apostrophes are those of the text.
/// It comes with its own capitals. Of its bytes `covered` stand for what was typed. Nothing if it has no room then.
pub(super) fn write_as_typed<R: Rule>(
    (word, capitals): (&[u8], Capitals),
    covered: usize,
    typed: &Typed<R>,
    Style { starts_sentence, is_in_capitals, language, apostrophe }: Style,
) -> Text {
    let [n_capital, n_small] = count_cases(typed.letters());
    let asked = match n_capital {
        _ if n_small == 0 && (n_capital > 1 || is_in_capitals) => Capitals::All,
        0 if !starts_sentence => Capitals::None,
        _ => Capitals::First,
    };
    let mut text = Text::new();
    let start = head(word, covered);
    let as_typed = if n_capital > 0 { typed.written(start) } else { start };
    let is_as_typed = !core::ptr::eq(as_typed, start);
    if is_as_typed {
        as_typed.iter().for_each(|&byte| _ = text.push(byte));
    }
    let spelling = Spelling { capitals: capitals.max(asked), language, apostrophe };
    let has_room = spelling.write(word, if is_as_typed { covered } else { 0 }, &mut text);
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
    use std::string::String;

    #[test]
    fn capitals_are_those_of_a_phone() {
        let written = |word: &str, letters: &str, starts: bool| {
            let mut keys = Text::new();
            letters.bytes().for_each(|byte| assert!(keys.push(byte)));
            let style = Style { starts_sentence: starts, ..Style::default() };
            let text =
                write_as_typed((word.as_bytes(), Capitals::None), letters.len(), &Typed::<Exact>::new(keys), style);
            String::from_utf8(text.to_vec()).unwrap()
        };
        assert_eq!(written("tom", "T", false), "Tom");
        assert_eq!(written("Tom", "t", false), "Tom");
        assert_eq!(written("I'm", "i'", false), "I'm");
        assert_eq!(written("hello", "HE", false), "HELLO");
        assert_eq!(written("iphone", "iP", true), "iPhone");
        assert_eq!(written("what", "", true), "What");
        let after_capitals = |word: &str, letters: &str| {
            let mut keys = Text::new();
            letters.bytes().for_each(|byte| assert!(keys.push(byte)));
            let style = Style { is_in_capitals: true, ..Style::default() };
            let word = (word.as_bytes(), Capitals::None);
            String::from_utf8(write_as_typed(word, letters.len(), &Typed::<Exact>::new(keys), style).to_vec()).unwrap()
        };
        assert_eq!(after_capitals("what", ""), "WHAT");
        assert_eq!(after_capitals("what", "W"), "WHAT");
        assert_eq!(after_capitals("what", "w"), "what", "small letters that were typed end it");
        assert_eq!(written("über", "", true), "Über");
        assert_eq!(written("über", "Ü", false), "Über");
        assert_eq!(written("größe", "GRÖ", false), "GRÖSSE");
        assert_eq!(written("größe", "GRÖß", false), "GRÖßE");
        assert_eq!(written("привет", "ПР", false), "ПРИВЕТ");
    }

    #[test]
    fn apostrophes_are_written_as_the_last_one_of_the_text() {
        let written = |word: &str, text: &str| {
            let cut = Cut::of(text);
            let mut keys = Text::new();
            cut.letters().iter().for_each(|&byte| assert!(keys.push(byte)));
            let typed = Typed::<Exact>::new(keys);
            let text =
                write_as_typed((word.as_bytes(), Capitals::None), cut.letters().len(), &typed, Style::of(text, cut));
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
            let covered = word.len();
            let text = write_as_typed(
                (word.as_bytes(), Capitals::None),
                covered,
                &Typed::<Exact>::new(keys),
                Style::default(),
            );
            String::from_utf8(text.to_vec()).unwrap()
        };
        assert_eq!(written("don't", "Dont"), "Don't");
        assert_eq!(written("don't", "DONT"), "DON'T");
        assert_eq!(written("über", "Uber"), "Über");
        assert_eq!(written("écrire", "ECRIRE"), "ÉCRIRE");
    }
}
