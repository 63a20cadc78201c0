//! Where the word being typed starts, and what stands before it.

use crate::format::ngrams::{FNV_START, fnv, word_hash};
use crate::part::{sides, tail};
use crate::text::{decode, ends_sentence, is_letter, is_space, is_word_char, split_last_char, trim_end};

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
        // A dash or a quote is no part of the word after it.
        let mut word = tail(text, before.len());
        while let (Some('-' | '\'' | '\u{2019}'), len) = decode(word) {
            word = tail(word, len);
        }
        let start = text.len() - word.len();
        // Of several spaces only the last one belongs to the word.
        let space = usize::from(start == before.len() && before.ends_with(b" "));
        let (context, typed) = sides(text, start - space);
        Self { context, typed }
    }

    /// Whether a word can stand here: a new one only at the start, after white space, a dash, a slash or an opening
    /// bracket or quote, not straight after `hello,`. There are no words in an address such as `tom@example.org` or
    /// `https://example.org/`.
    pub(super) fn takes_word(&self) -> bool {
        let is_begun = !self.typed.is_empty();
        (is_begun || split_last_char(self.context).is_none_or(|(c, _)| is_before_word(c))) && !self.is_in_address()
    }

    /// Whether what stands before the word without a space has a sign of addresses.
    fn is_in_address(&self) -> bool {
        // The last bytes of what has no space in it.
        let (mut seen, mut is_found) = (0, false);
        for &byte in tail(self.context, self.context.len().saturating_sub(MAX_ADDRESS)) {
            seen = seen << 8 | u32::from(byte);
            is_found |=
                byte == b'@' || seen == u32::from_be_bytes(*b"www.") || seen << 8 == u32::from_be_bytes(*b"://\0");
            is_found &= byte > b' ';
        }
        is_found && !self.typed.starts_with(b" ")
    }

    /// The letters of the word, without the space before it.
    pub(super) fn letters(&self) -> &'t [u8] {
        self.typed.strip_prefix(b" ").unwrap_or(self.typed)
    }
}

/// Bytes before a word in which an address is looked for.
const MAX_ADDRESS: usize = 64;

/// Signs that open something, dashes and slashes; quotes open in some languages that close in others.
const OPENING: [u16; 11] = [0x22, 0x27, 0x28, 0x2D, 0x2F, 0x5B, 0x7B, 0xA1, 0xAB, 0xBB, 0xBF];

/// Whether a word may begin behind a character: white space, an opening bracket or quote, a dash or a slash.
fn is_before_word(c: char) -> bool {
    OPENING.iter().any(|&sign| u32::from(sign) == c.into()) || matches!(c, '\u{2018}'..='\u{201E}') || is_space(c)
}

/// Whether a sentence begins with the word: nothing before it, a line end, or a full stop and the like and then a
/// space, so that neither `e.g` nor `www.example` has a capital. Abbreviations end no sentence.
pub(super) fn starts_sentence(cut: Cut<'_>) -> bool {
    let before = trim_end(cut.context, |c| c != '\n' && is_before_word(c));
    let is_apart = before.len() < cut.context.len() || cut.typed.starts_with(b" ");
    split_last_char(before).is_none_or(|(c, sentence)| {
        c == '\n' || is_apart && ends_sentence(c) && !(c == '.' && is_abbreviation(sentence))
    })
}

/// Hashes of abbreviations of several letters without a dot within.
const ABBREVIATIONS: [u32; 8] = [
    hash_of(b"mr"),
    hash_of(b"mrs"),
    hash_of(b"ms"),
    hash_of(b"dr"),
    hash_of(b"prof"),
    hash_of(b"st"),
    hash_of(b"vs"),
    hash_of(b"etc"),
];

/// [`word_hash`] while compiling, of small letters of ASCII.
const fn hash_of(word: &[u8]) -> u32 {
    let (mut hash, mut at) = (FNV_START, 0);
    while at < word.len() {
        hash = fnv(hash, word[at]);
        at += 1;
    }
    hash
}

/// Whether a full stop behind a text is that of an abbreviation: of one letter, as in `J.` and `e.g.`, or a known one.
fn is_abbreviation(text: &[u8]) -> bool {
    let before = trim_end(text, is_letter);
    let word = tail(text, before.len());
    let is_one = decode(word).1 == word.len() && !word.first().is_none_or(u8::is_ascii_digit);
    let is_alone = split_last_char(before).is_none_or(|(c, _)| !is_word_char(c));
    is_alone && (is_one || ABBREVIATIONS.contains(&word_hash(word)))
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
        assert_eq!(cut("he said 'he"), ("he said '", "he"));
        assert_eq!(cut("he said \u{2019}"), ("he said \u{2019}", ""));
        assert_eq!(cut("dogs' t"), ("dogs'", " t"));
    }

    #[test]
    fn sentences_start_after_a_full_stop_and_a_space() {
        for text in [
            "",
            "wh",
            "Hi\n",
            "Hi\nwh",
            "Hello. ",
            "Hello. wh",
            "Hello.  wh",
            "Hello. \"wh",
            "why? ",
            "\u{BF}qu",
            "«qu",
            "Hallo. „wh",
            "Hello. 'wh",
            "He is 5. ",
            "I can't. ",
            "to-b. ",
            "so... ",
            "a? ",
            "Dr.\n",
            "Gästr. ",
            "Öl. ",
        ] {
            assert!(starts_sentence(Cut::of(text)), "{text:?}");
        }
        for text in ["hello ", "hello, wh", "hello (wh", "hello «wh", "3.5 x", "e.g", "www.exa", "3.f"] {
            assert!(!starts_sentence(Cut::of(text)), "{text:?}");
        }
    }

    #[test]
    fn abbreviations_end_no_sentence() {
        for text in [
            "e.g. ",
            "fruit, e.g. app",
            "i.e. ",
            "at 5 p.m. ",
            "a.m. ",
            "Mr. ",
            "MRS. Sm",
            "(Dr. ",
            "vs. ",
            "etc. ",
            "U.S. ",
            "J. R. ",
            "z. B. ",
            "Ö. ",
            "т.е. ",
        ] {
            assert!(!starts_sentence(Cut::of(text)), "{text:?}");
        }
    }

    #[test]
    fn no_new_word_straight_after_a_closing_sign() {
        for text in
            ["", "a ", "a\n", "(", "he said \"", "¿", "a b", "\t", "„", "« ", "‘", "a '", "a ’", "and/", "-", "{"]
        {
            assert!(Cut::of(text).takes_word(), "{text:?}");
        }
        for text in ["hello,", "hello.", "why?", "a)", "😀"] {
            assert!(!Cut::of(text).takes_word(), "{text:?}");
        }
    }

    #[test]
    fn there_are_no_words_in_addresses() {
        for text in
            ["tom@exa", "see tom@example.or", "(tom@", "@to", "https://exa", "http://a.b/", "at www.exa", "www.a/b-c"]
        {
            assert!(!Cut::of(text).takes_word(), "{text:?}");
        }
        for text in ["tom@example.org is", "https://a.b c", "a: b", "and/or", "e.g", "www ", "x@ ", "sch\u{F6}n"] {
            assert!(Cut::of(text).takes_word(), "{text:?}");
        }
    }
}
