//! Whose rules capital and small letters follow.

use super::case::{capital, small, straight};

/// The language whose rules of capital and small letters a model follows, where they are not those that Unicode has
/// for any language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Language {
    /// Any language: the rules are those of Unicode, letter by letter.
    #[default]
    Any,
    /// Turkish and Azeri: `ı` is the small letter of `I`, and `İ` the capital of `i`.
    Turkic,
    /// Greek: words in capitals have no accents.
    Greek,
    /// Vietnamese: a vocabulary of small letters knows `ơ` and `ư` as those of `Ơ` and `Ư`, too.
    Vietnamese,
}

impl Language {
    /// The languages in the order of their numbers in a blob.
    pub const ALL: [Self; 4] = [Self::Any, Self::Turkic, Self::Greek, Self::Vietnamese];

    /// The capital of a small letter; anything else stays.
    pub(crate) fn capital(self, c: char) -> char {
        if c == 'i' && self == Self::Turkic { 'İ' } else { capital(c) }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
