//! Where the word being typed starts, which bytes belong to words, and how letters agree.

use crate::part::{sides, tail};
use crate::text::{
    capitalize, capitalize_all, count_cases, decode, ends_sentence, is_letter, is_space, is_word_char, may_fit,
    split_last_char, trim_end,
};

/// A text cut before the word being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut<'t> {
    /// What the model has to have read; ends where a pre-tokenizer ends a piece, too.
    pub(super) context: &'t [u8],
    /// Exactly what the suggested tokens have to start with: the one space before the word, if any, and its letters.
    pub(super) typed: &'t [u8],
}

impl<'t> Cut<'t> {
    /// Cuts before the last word, or before the last space if the text ends in one.
    #[inline(never)]
    pub(super) fn of(text: &'t str) -> Self {
        let text = text.as_bytes();
        let before = trim_end(text, is_word_char);
        // A dash is no part of the word after it.
        let word = tail(text, before.len());
        let dashes = word.iter().take_while(|&&byte| byte == b'-').count();
        // Of several spaces only the last one belongs to the word.
        let space = usize::from(dashes == 0 && before.ends_with(b" "));
        let (context, typed) = sides(text, before.len() + dashes - space);
        Self { context, typed }
    }

    /// Whether a word can stand here: a new one only at the start, after white space or after an opening
    /// bracket or quote, not straight after `hello,`.
    pub(super) fn takes_word(&self) -> bool {
        let opens = |c| is_space(c) || matches!(c, '(' | '[' | '{' | '"' | '\u{201C}' | '\u{BF}' | '\u{A1}');
        !self.typed.is_empty() || split_last_char(self.context).is_none_or(|(c, _)| opens(c))
    }

    /// The letters of the word, without the space before it.
    pub(super) fn letters(&self) -> &'t [u8] {
        self.typed.strip_prefix(b" ").unwrap_or(self.typed)
    }
}

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

/// Whether a text that starts with two bytes, or the first one alone if the second is 0, may fit the typed ones.
pub(super) fn could_fit(start: [u8; 2], typed: &[u8]) -> bool {
    let differs = |(a, b): (&u8, &u8)| *a != 0 && !may_fit(*a, *b);
    start[0] != 0 && !start.iter().zip(typed).any(differs)
}

/// Whether a sentence begins with the word: nothing before it, a line end, or a full stop and the like and then a space, so
/// that neither `e.g` nor `www.example` has a capital.
pub(super) fn starts_sentence(cut: Cut<'_>) -> bool {
    let before = trim_end(cut.context, |c| c != '\n' && (is_space(c) || matches!(c, '"' | '(' | '\u{BF}' | '\u{A1}')));
    let is_apart = before.len() < cut.context.len() || cut.typed.starts_with(b" ");
    split_last_char(before).is_none_or(|(c, _)| c == '\n' || is_apart && ends_sentence(c))
}

/// Writes a word as a phone would: typed capitals stay, sentences start with one.
pub(super) fn write_as_typed(word: &mut [u8], letters: &[u8], starts_sentence: bool) {
    let [n_capital, n_small] = count_cases(letters);
    if n_capital > 1 && n_small == 0 {
        capitalize_all(word);
    }
    if n_capital > 0 {
        for (byte, &letter) in word.iter_mut().zip(letters) {
            *byte = letter;
        }
    } else if starts_sentence {
        capitalize(word);
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::{borrow::ToOwned, string::String};

    fn cut(text: &str) -> (&str, &str) {
        let cut = Cut::of(text);
        let text_of = |bytes| core::str::from_utf8(bytes).unwrap();
        (text_of(cut.context), text_of(cut.typed))
    }

    #[test]
    fn the_space_before_a_word_belongs_to_it() {
        assert_eq!(cut("see you tom"), ("see you", " tom"));
        assert_eq!(cut("see you "), ("see you", " "));
        assert_eq!(cut("see  tom"), ("see ", " tom"));
        assert_eq!(cut("see you"), ("see", " you"));
    }

    #[test]
    fn line_starts_quotes_and_apostrophes() {
        assert_eq!(cut(""), ("", ""));
        assert_eq!(cut("tom"), ("", "tom"));
        assert_eq!(cut("hi\ntom"), ("hi\n", "tom"));
        assert_eq!(cut("he said \"tom"), ("he said \"", "tom"));
        assert_eq!(cut("i don't"), ("i", " don't"));
        assert_eq!(cut("why? "), ("why?", " "));
        assert_eq!(cut("größe über"), ("größe", " über"));
        assert_eq!(cut("don\u{2019}t"), ("", "don\u{2019}t"));
        assert_eq!(cut("my well-kn"), ("my", " well-kn"));
        assert_eq!(cut("well --kn"), ("well --", "kn"));
    }

    #[test]
    fn capitals_are_those_of_a_phone() {
        let written = |word: &str, letters: &str, starts: bool| {
            let mut word = word.to_owned().into_bytes();
            write_as_typed(&mut word, letters.as_bytes(), starts);
            String::from_utf8(word).unwrap()
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
    fn sentences_start_after_a_full_stop_and_a_space() {
        for text in
            ["", "wh", "Hi\n", "Hi\nwh", "Hello. ", "Hello. wh", "Hello.  wh", "Hello. \"wh", "why? ", "\u{BF}qu"]
        {
            assert!(starts_sentence(Cut::of(text)), "{text:?}");
        }
        for text in ["hello ", "hello, wh", "hello (wh", "3.5 x", "e.g", "www.exa", "3.f"] {
            assert!(!starts_sentence(Cut::of(text)), "{text:?}");
        }
    }

    #[test]
    fn no_new_word_straight_after_a_closing_sign() {
        for text in ["", "a ", "a\n", "(", "he said \"", "¿", "a b", "\t"] {
            assert!(Cut::of(text).takes_word(), "{text:?}");
        }
        for text in ["hello,", "hello.", "why?", "a)", "😀"] {
            assert!(!Cut::of(text).takes_word(), "{text:?}");
        }
    }
}
