//! Languages whose capitals have rules of their own, by their codes in ISO 639-1, and how a blob is told of one.

use anyhow::{Context, Result, ensure};
use embedded_gpt::format::blob::{VOCABULARY, sections};
use embedded_gpt::text::Language;

use crate::blob_file::BlobFile;
use crate::export::with_section;

/// The languages that have rules of their own, by their codes.
pub const CODES: [(&str, Language); 4] =
    [("tr", Language::Turkic), ("az", Language::Turkic), ("el", Language::Greek), ("vi", Language::Vietnamese)];

/// Where the flags are in a `VOCB` section, and the lowest bit of the language in them.
const FLAGS: usize = 2;
const SHIFT: u8 = 4;

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

/// A blob whose capitals follow the rules of a language.
///
/// # Errors
/// If its vocabulary is of small letters, and was made from text in which capitals became other letters.
pub fn with_language(blob: &[u8], language: Language) -> Result<Vec<u8>> {
    let file = BlobFile::new(blob);
    let vocab = file.model()?.vocab();
    ensure!(
        !vocab.folds_case() || fold_alike(vocab.language(), language),
        "the tokenizer of this model makes small letters of capitals as in {}, not as in {}: train it with the language \
         that it is for",
        name_of(vocab.language()),
        name_of(language)
    );
    let (_, section) = sections(blob)?.find(|&(name, _)| name == VOCABULARY).context("the blob has no vocabulary")?;
    let mut section = section.to_vec();
    section[FLAGS] = section[FLAGS] & ((1 << SHIFT) - 1) | flags_of(language);
    with_section(blob, VOCABULARY, section)
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

    const FOLDED: &[u8] = include_bytes!("../../../models/keyboard.egpt");
    const KEPT: &[u8] = include_bytes!("../../../models/demo.egpt");

    #[test]
    fn a_blob_is_told_its_language_and_nothing_else_changes() {
        for (blob, language) in [(KEPT, Language::Turkic), (KEPT, Language::Vietnamese), (FOLDED, Language::Greek)] {
            let told = with_language(blob, language).unwrap();
            let file = BlobFile::new(&told);
            assert_eq!(file.model().unwrap().vocab().language(), language);
            let back = with_language(&told, Language::Any).unwrap();
            let by_name = |blob| {
                let mut all: Vec<_> = sections(blob).unwrap().map(|(name, bytes)| (name, bytes.to_vec())).collect();
                all.sort();
                all
            };
            assert!(by_name(&back) == by_name(blob), "{language:?}");
        }
    }

    #[test]
    fn a_language_that_the_tokenizer_does_not_fold_is_refused() {
        for language in [Language::Turkic, Language::Vietnamese] {
            let error = with_language(FOLDED, language).unwrap_err().to_string();
            assert!(error.contains("as in any language, not as in"), "{error}");
        }
    }

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
