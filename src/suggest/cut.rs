//! Where the word being typed starts, and what stands before it.

use crate::part::{sides, tail};
use crate::text::{ends_sentence, is_space, is_word_char, split_last_char, trim_end};

/// A text cut before the word being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut<'t> {
    /// What the model has to have read; ends where a piece of a pre-tokenizer does, but in words of over 256 bytes.
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

/// Whether a sentence begins with the word: nothing before it, a line end, or a full stop and the like and then a
/// space, so that neither `e.g` nor `www.example` has a capital.
pub(super) fn starts_sentence(cut: Cut<'_>) -> bool {
    let before = trim_end(cut.context, |c| c != '\n' && (is_space(c) || matches!(c, '"' | '(' | '\u{BF}' | '\u{A1}')));
    let is_apart = before.len() < cut.context.len() || cut.typed.starts_with(b" ");
    split_last_char(before).is_none_or(|(c, _)| c == '\n' || is_apart && ends_sentence(c))
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

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
