//! Languages whose capitals have rules of their own, by their codes in ISO 639-1.

use embedded_gpt::text::Language;

/// The languages that have rules of their own, by their codes.
pub const CODES: [(&str, Language); 4] =
    [("tr", Language::Turkic), ("az", Language::Turkic), ("el", Language::Greek), ("vi", Language::Vietnamese)];

/// The lowest bit of the language in the flags of a vocabulary.
const SHIFT: u8 = 4;
/// All bits of the language there.
pub(crate) const LANGUAGE_FLAGS: u8 = 3 << SHIFT;

/// The language of a code; `None` for one that has no rules of its own.
pub fn language_of(code: &str) -> Option<Language> {
    CODES.iter().find(|(known, _)| *known == code).map(|&(_, language)| language)
}

/// The code of a language; of Turkish for Azeri, too. `None` for any language.
pub fn code_of(language: Language) -> Option<&'static str> {
    CODES.iter().find(|&&(_, known)| known == language).map(|&(code, _)| code)
}

/// The bits that stand for a language in the flags of a vocabulary.
pub(crate) fn flags_of(language: Language) -> u8 {
    let number = Language::ALL.iter().position(|&known| known == language).unwrap_or_default();
    (number as u8) << SHIFT
}

/// Whether vocabularies of small letters make the same letters of all capitals in both languages.
pub fn fold_alike(one: Language, other: Language) -> bool {
    let folds_as = |language| if language == Language::Greek { Language::Any } else { language };
    folds_as(one) == folds_as(other)
}

/// A language in words.
pub fn name_of(language: Language) -> &'static str {
    match language {
        Language::Turkic => "Turkish and Azeri",
        Language::Greek => "Greek",
        Language::Vietnamese => "Vietnamese",
        _ => "any language",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_languages() {
        assert_eq!(["tr", "az", "el", "vi", "de"].map(language_of), {
            let [any, turkic, greek, vietnamese] = Language::ALL;
            assert_eq!(code_of(any), None);
            [Some(turkic), Some(turkic), Some(greek), Some(vietnamese), None]
        });
        assert_eq!(Language::ALL.map(flags_of), [0, 0x10, 0x20, 0x30]);
        assert_eq!(code_of(Language::Turkic), Some("tr"));
    }
}
