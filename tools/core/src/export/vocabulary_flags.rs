//! Tells a blob which language its capitals follow, and what its words are made of.

use anyhow::{Context, Result, ensure};
use embedded_gpt::format::blob::{VOCABULARY, sections};
use embedded_gpt::text::{Language, WordRule};

use super::writer::with_section;
use crate::blob_file::BlobFile;
use crate::language::{self, LANGUAGE_FLAGS, fold_alike, name_of};
use crate::word_rule::{self, WORD_RULE_FLAGS};

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
    with_flags(blob, LANGUAGE_FLAGS, language::flags_of(language))
}

/// A blob whose words are made of what a rule says.
///
/// # Errors
/// If it has no vocabulary.
pub fn with_word_rule(blob: &[u8], rule: WordRule) -> Result<Vec<u8>> {
    with_flags(blob, WORD_RULE_FLAGS, word_rule::flags_of(rule))
}

/// A blob with some of the flags of its vocabulary set anew.
fn with_flags(blob: &[u8], mask: u8, flags: u8) -> Result<Vec<u8>> {
    let (_, section) = sections(blob)?.find(|&(name, _)| name == VOCABULARY).context("the blob has no vocabulary")?;
    let mut section = section.to_vec();
    section[FLAGS] = section[FLAGS] & !mask | flags;
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
            assert!(by_name(&back) == by_name(blob), "{language:?}");
        }
    }

    /// The sections of a blob, which may stand in any order.
    fn by_name(blob: &[u8]) -> Vec<([u8; 4], Vec<u8>)> {
        let mut all: Vec<_> = sections(blob).unwrap().map(|(name, bytes)| (name, bytes.to_vec())).collect();
        all.sort();
        all
    }

    #[test]
    fn a_language_that_the_tokenizer_does_not_fold_is_refused() {
        for language in [Language::Turkic, Language::Vietnamese] {
            let error = with_language(FOLDED, language).unwrap_err().to_string();
            assert!(error.contains("as in any language, not as in"), "{error}");
        }
    }

    #[test]
    fn a_blob_is_told_what_words_are_made_of() {
        for rule in WordRule::ALL {
            let told = with_word_rule(KEPT, rule).unwrap();
            let file = BlobFile::new(&told);
            assert_eq!(file.model().unwrap().vocab().word_rule(), rule);
            let back = with_word_rule(&told, WordRule::Letters).unwrap();
            assert!(by_name(&back) == by_name(KEPT), "{rule:?}");
        }
        let unknown = with_flags(KEPT, WORD_RULE_FLAGS, WORD_RULE_FLAGS).unwrap();
        assert!(BlobFile::new(&unknown).model().is_err(), "a rule that no reader knows");
    }
}
