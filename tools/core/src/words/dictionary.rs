//! Right words of a language, from lists of the user's own, such as `/usr/share/dict/words`.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::text_file;

/// Words that are right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary {
    words: HashSet<String>,
}

impl Dictionary {
    /// Words, one per line.
    pub fn of(lines: &str) -> Self {
        Self { words: lines.lines().map(plain).filter(|word| !word.is_empty()).collect() }
    }

    /// Reads files with one word per line.
    ///
    /// # Errors
    /// If a file cannot be read, or no words are in it.
    pub fn read<P: AsRef<Path>>(paths: &[P]) -> Result<Self> {
        let mut all = Self::default();
        for path in paths {
            let path = path.as_ref();
            let some = Self::of(&text_file::read(path)?);
            ensure!(!some.words.is_empty(), "{} has no words in it, one per line", path.display());
            all.words.extend(some.words);
        }
        Ok(all)
    }

    /// Whether a word is right, in whatever letter case. So are words with a digit, and compounds with hyphens whose
    /// parts are.
    pub fn has(&self, word: &str) -> bool {
        let word = plain(word);
        let is_right = |part: &str| self.words.contains(part) || part.contains(|c: char| c.is_ascii_digit());
        is_right(&word) || word.contains('-') && word.split('-').all(is_right)
    }
}

/// A word as it is compared: in small letters, with typewriter apostrophes.
pub(crate) fn plain(word: &str) -> String {
    word.trim().to_lowercase().replace(['\u{2019}', '\u{2BC}'], "'")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn right_words_are_right_in_any_case_and_in_compounds() {
        let dictionary = Dictionary::of("well\r\nKnown\n\ndon\u{2019}t\n");
        for word in ["well", "WELL", "known", "don't", "Don\u{2019}t", "well-known", "2nd", "well-2"] {
            assert!(dictionary.has(word), "{word}");
        }
        for word in ["dont", "wellknown", "well-knwon", "well-", ""] {
            assert!(!dictionary.has(word), "{word}");
        }
    }

    #[test]
    fn files_are_read_together_and_empty_ones_refused() {
        let dir = tempfile::tempdir().unwrap();
        let paths = ["a", "b"].map(|name| dir.path().join(name));
        fs::write(&paths[0], "one\n").unwrap();
        fs::write(&paths[1], "two\n").unwrap();
        let dictionary = Dictionary::read(&paths).unwrap();
        assert!(dictionary.has("one") && dictionary.has("two"));
        fs::write(&paths[1], " \n").unwrap();
        assert!(Dictionary::read(&paths).unwrap_err().to_string().contains("no words"));
    }
}
