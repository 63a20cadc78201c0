//! Where the word being typed starts, and which bytes belong to words.

/// A text cut before the word being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut<'t> {
    /// What the model has to have read; ends where a pre-tokenizer ends a piece, too.
    pub(super) context: &'t str,
    /// Exactly what the suggested tokens have to start with: the one space before the word, if any, and its letters.
    pub(super) typed: &'t str,
}

impl<'t> Cut<'t> {
    /// Cuts before the last word, or before the last space if the text ends in one.
    pub(super) fn of(text: &'t str) -> Self {
        let before = text.trim_end_matches(is_word_char);
        // Of several spaces only the last one belongs to the word.
        let context = before.strip_suffix(' ').unwrap_or(before);
        Self { context, typed: text.get(context.len()..).unwrap_or_default() }
    }

    /// Whether a word can stand here: a new one only at the start, after white space or after an opening
    /// bracket or quote, not straight after `hello,`.
    pub(super) fn takes_word(&self) -> bool {
        let before = self.context.chars().next_back();
        !self.typed.is_empty()
            || before.is_none_or(|c| {
                c.is_whitespace() || matches!(c, '(' | '[' | '{' | '"' | '\u{201C}' | '\u{BF}' | '\u{A1}')
            })
    }

    /// The letters of the word, without the space before it.
    pub(super) fn letters(&self) -> &'t str {
        self.typed.strip_prefix(' ').unwrap_or(self.typed)
    }
}

/// Letters, digits and apostrophes, in any script.
fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}')
}

/// Whether a token of these bytes goes on with the word before it.
pub(super) const fn continues_word(token: &[u8]) -> bool {
    match token {
        [b'\'', next, ..] => next.is_ascii_alphabetic(),
        [first, ..] => is_word_byte(*first),
        [] => false,
    }
}

/// Bytes beyond ASCII count as letters: a token may hold a part of a character.
pub(super) const fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'\'' || byte >= 0x80
}

/// Whether bytes can be offered: nothing but word characters, a letter or digit first.
pub(super) fn is_word(bytes: &[u8]) -> bool {
    core::str::from_utf8(bytes)
        .is_ok_and(|word| word.starts_with(char::is_alphanumeric) && word.chars().all(is_word_char))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> (&str, &str) {
        let cut = Cut::of(text);
        (cut.context, cut.typed)
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
    }

    #[test]
    fn no_new_word_straight_after_a_closing_sign() {
        for text in ["", "a ", "a\n", "(", "he said \"", "¿", "a b", "\t"] {
            assert!(Cut::of(text).takes_word(), "{text:?}");
        }
        for text in ["hello,", "hello.", "why?", "a)", "😀", "a-"] {
            assert!(!Cut::of(text).takes_word(), "{text:?}");
        }
    }
}
