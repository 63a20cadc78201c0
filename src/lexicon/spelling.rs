//! Words written with capitals, as a language has them.

use crate::format::words::Capitals;
use crate::part::tail;
use crate::text::{Language, Reads, Text, decode, utf8_word, without_accent};

/// How a word is written: which of its letters are capitals, by whose rules, and which apostrophes it has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spelling {
    pub(crate) capitals: Capitals,
    pub(crate) language: Language,
    /// What apostrophes of all forms become.
    pub(crate) apostrophe: Option<char>,
}

impl Spelling {
    /// Appends a word, but for its first `skip` bytes; `false` if there was no room for all of it.
    ///
    /// Letters may be longer than they were, or several: the capitals of `ß` are `SS`. Of words in capitals those of
    /// Greek have no accents, if there are several letters.
    #[inline(never)] // called in four places
    pub(crate) fn write(&self, word: &[u8], skip: usize, text: &mut Text) -> bool {
        let (mut at, mut is_first, mut lost_accent) = (0, true, false);
        while let rest = tail(word, at)
            && let Some(&first) = rest.first()
        {
            let (c, len) = decode(rest);
            let mut letter = u32::from(first);
            if let Some(c) = c {
                let c = Reads { apostrophe: self.apostrophe, small: None }.letter(c);
                let is_all = self.capitals == Capitals::All && word.len() > len;
                let shown = if is_all && self.language == Language::Greek { bare(c, &mut lost_accent) } else { c };
                let is_capital = is_all || is_first && self.capitals != Capitals::None;
                letter = match shown {
                    'ß' if is_all => u32::from_le_bytes(*b"SS\0\0"),
                    _ if is_capital => utf8_word(self.language.capital(shown).into()),
                    _ => utf8_word(shown.into()),
                };
                is_first &= matches!(c, '\'' | '-');
            }
            at += len;
            if at > skip {
                loop {
                    if !text.push(letter as u8) {
                        return false;
                    }
                    letter >>= 8;
                    if letter == 0 {
                        break;
                    }
                }
            }
        }
        true
    }
}

/// A small letter of Greek as it is in a word of capitals: a dieresis stays, and comes to the second of two vowels
/// where the first has lost its accent and would not stand for itself without.
fn bare(c: char, lost_accent: &mut bool) -> char {
    let bare = without_accent(c);
    let stood_after_accent = core::mem::replace(lost_accent, bare != c);
    match bare {
        'ι' if c != 'ί' && (bare != c || stood_after_accent) => 'ϊ',
        'υ' if c != 'ύ' && (bare != c || stood_after_accent) => 'ϋ',
        _ => bare,
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::String;

    fn written(word: &str, capitals: Capitals, language: Language) -> String {
        let mut text = Text::new();
        assert!(Spelling { capitals, language, apostrophe: None }.write(word.as_bytes(), 0, &mut text));
        String::from_utf8(text.to_vec()).unwrap()
    }

    #[test]
    fn first_letters_are_capitals_of_any_length() {
        let first = |word| written(word, Capitals::First, Language::Any);
        for (word, expected) in [
            ("über", "Über"),
            ("ёлка", "Ёлка"),
            ("a", "A"),
            ("'tis", "'Tis"),
            ("日本", "日本"),
            ("", ""),
            ("ß", "ß"),
            ("ı", "I"),
            ("ệ", "Ệ"),
            ("ước", "Ước"),
            ("όνομα", "Όνομα"),
            ("iPhone", "IPhone"),
        ] {
            assert_eq!(first(word), expected);
            assert_eq!(written(word, Capitals::None, Language::Turkic), word);
        }
    }

    #[test]
    fn capitals_are_those_of_the_language() {
        for (language, word, all, first) in [
            (Language::Any, "straße", "STRASSE", "Straße"),
            (Language::Any, "ırmak", "IRMAK", "Irmak"),
            (Language::Any, "in", "IN", "In"),
            (Language::Any, "όνομας", "ΌΝΟΜΑΣ", "Όνομας"),
            (Language::Turkic, "istanbul", "İSTANBUL", "İstanbul"),
            (Language::Turkic, "ışıklı", "IŞIKLI", "Işıklı"),
            (Language::Greek, "ονομασίες", "ΟΝΟΜΑΣΙΕΣ", "Ονομασίες"),
            (Language::Greek, "μάιος", "ΜΑΪΟΣ", "Μάιος"),
            (Language::Greek, "άυλος", "ΑΫΛΟΣ", "Άυλος"),
            (Language::Greek, "ρολόι", "ΡΟΛΟΪ", "Ρολόι"),
            (Language::Greek, "ταΐζω", "ΤΑΪΖΩ", "Ταΐζω"),
            (Language::Greek, "αιώνια", "ΑΙΩΝΙΑ", "Αιώνια"),
            (Language::Greek, "ή", "Ή", "Ή"),
            (Language::Vietnamese, "đường", "ĐƯỜNG", "Đường"),
            (Language::Vietnamese, "ơn", "ƠN", "Ơn"),
        ] {
            assert_eq!(written(word, Capitals::All, language), all);
            assert_eq!(written(word, Capitals::First, language), first);
        }
    }

    #[test]
    fn a_part_is_left_out_and_bytes_that_are_no_letter_stay() {
        let spelling = Spelling { capitals: Capitals::All, language: Language::Greek, apostrophe: None };
        let mut text = Text::new();
        assert!(spelling.write("μάιος".as_bytes(), "μά".len(), &mut text));
        assert_eq!(*text, *"ΪΟΣ".as_bytes());
        let mut text = Text::new();
        assert!(spelling.write(&[b'a', 0xC3, b'b'], 0, &mut text));
        assert_eq!(*text, [b'A', 0xC3, b'B']);
        let turkic = Spelling { language: Language::Turkic, ..spelling };
        assert!(turkic.write("iiiiiiiiiiiiiiii".as_bytes(), 0, &mut Text::new()));
        assert!(!turkic.write("iiiiiiiiiiiiiiiii".as_bytes(), 0, &mut Text::new()), "no room");
    }
}
