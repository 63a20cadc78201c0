//! Tells a blob which language its capitals follow.

use anyhow::{Context, Result, ensure};
use embedded_gpt::format::blob::{VOCABULARY, sections};
use embedded_gpt::text::Language;

use super::writer::with_section;
use crate::blob_file::BlobFile;
use crate::language::{LANGUAGE_FLAGS, flags_of, fold_alike, name_of};

/// Where the flags are in a `VOCB` section.
const FLAGS: usize = 2;

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
    section[FLAGS] = section[FLAGS] & !LANGUAGE_FLAGS | flags_of(language);
    with_section(blob, VOCABULARY, section)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDED: &[u8] = include_bytes!("../../../../models/keyboard.egpt");
    const KEPT: &[u8] = include_bytes!("../../../../models/demo.egpt");

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
}
