//! Texts letter by letter, as a model or a person reads them.

use super::case::{small, straight};
use super::language::Language;
use super::utf8::{decode, utf8_word};
use crate::part::tail;

/// How the letters of a text are read or written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// What apostrophes of all forms become.
    pub(crate) apostrophe: Option<char>,
    /// By whose rules capitals become small letters.
    pub(crate) small: Option<Language>,
}

impl Reads {
    /// All letters stay.
    pub(crate) const AS_WRITTEN: Self = Self { apostrophe: None, small: None };

    /// What a letter becomes.
    #[inline(never)]
    pub(crate) fn letter(self, c: char) -> char {
        let c = self.apostrophe.filter(|_| straight(c) == '\'').unwrap_or(c);
        match (self.small, c) {
            (None, _) => c,
            (Some(Language::Turkic), 'I') => 'ı',
            // What a vocabulary folds does not change.
            (Some(language), 'Ơ' | 'Ư') if language != Language::Vietnamese => c,
            _ => small(c),
        }
    }
}

/// A text's bytes, letter by letter as they are read.
#[derive(Clone, Debug)]
pub(crate) struct BytesIn<'t> {
    rest: &'t [u8],
    /// Bytes of the last letter that are still to come, the next one lowest; none of them is 0.
    pending: u32,
    reads: Reads,
}

impl<'t> BytesIn<'t> {
    /// The bytes of a text.
    pub(crate) fn new(text: &'t [u8], reads: Reads) -> Self {
        Self { rest: text, pending: 0, reads }
    }

    /// Bytes of the text that are left, once all of a letter was read.
    pub(crate) fn n_left(&self) -> Option<usize> {
        (self.pending == 0).then_some(self.rest.len())
    }
}

impl Iterator for BytesIn<'_> {
    type Item = u8;

    #[inline(never)] // called in five places
    fn next(&mut self) -> Option<u8> {
        if self.pending == 0 {
            self.pending = u32::from(*self.rest.first()?);
            let (c, len) = decode(self.rest);
            if let Some(c) = c {
                self.pending = utf8_word(self.reads.letter(c).into());
            }
            self.rest = tail(self.rest, len);
        }
        let byte = self.pending as u8;
        self.pending >>= 8;
        Some(byte)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    #[test]
    fn letters_are_read_by_the_rules_of_a_language() {
        let small = |language, c| Reads { small: Some(language), ..Reads::AS_WRITTEN }.letter(c);
        assert_eq!(['I', 'İ', 'ı', 'i', 'Ü'].map(|c| small(Language::Turkic, c)), ['ı', 'i', 'ı', 'i', 'ü']);
        assert_eq!(['I', 'İ', 'Ơ', 'Ư'].map(|c| small(Language::Any, c)), ['i', 'i', 'Ơ', 'Ư']);
        assert_eq!(['I', 'Đ', 'Ơ', 'Ư'].map(|c| small(Language::Vietnamese, c)), ['i', 'đ', 'ơ', 'ư']);
        let typographic = Reads { apostrophe: Some('\u{2019}'), small: None };
        assert_eq!(['\'', '\u{2BC}', 'I'].map(|c| typographic.letter(c)), ['\u{2019}', '\u{2019}', 'I']);
        assert_eq!(['\u{2019}', 'I'].map(|c| Reads::AS_WRITTEN.letter(c)), ['\u{2019}', 'I']);
    }

    #[test]
    fn letters_of_any_length_become_small_ones() {
        let reads = Reads { small: Some(Language::Any), ..Reads::AS_WRITTEN };
        let small_bytes = |text: &str| String::from_utf8(BytesIn::new(text.as_bytes(), reads).collect()).unwrap();
        assert_eq!(small_bytes("VIỆT Nam, STRAẞE, İzmir"), "việt nam, straße, izmir");
        let mut bytes = BytesIn::new("\u{212A}ẞ".as_bytes(), reads);
        let lefts: Vec<_> = core::iter::from_fn(|| bytes.next().map(|_| bytes.n_left())).collect();
        assert_eq!(lefts, [Some(3), None, Some(0)]);
        assert_eq!(BytesIn::new(&[b'A', 0xC3, 0, b'B'], reads).collect::<Vec<_>>(), [b'a', 0xC3, 0, b'b']);
        assert!(BytesIn::new("ÄB".as_bytes(), Reads::AS_WRITTEN).eq("ÄB".bytes()));
    }
}
