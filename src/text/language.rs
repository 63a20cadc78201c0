//! Whose rules capital and small letters follow.

use super::case::capital;

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
