//! Text to learn from: the default corpus or own files, as documents in three splits.
//!
//! A document is what belongs together (a conversation, a paragraph), one message or line of it
//! per line. Valid is for choosing while training, test for figures that are told.

pub mod chatterbot;
pub mod chitchat;
pub mod files;
mod sample;
mod wheel;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::replace_file::replace_file;

pub use sample::sample;

/// Bytes of each document in the sample of the test split.
const SAMPLE_BYTES: usize = 1100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Split {
    Train,
    Valid,
    Test,
}

/// Documents by split, in the order of their source, each without a line end at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corpus {
    /// What it is, for reports.
    pub name: String,
    /// The licence of the text, where it is known.
    pub licence: Option<String>,
    /// Documents to learn from.
    pub train: Vec<String>,
    /// Documents to choose by while training.
    pub valid: Vec<String>,
    /// Held out for evaluation.
    pub test: Vec<String>,
}

impl Corpus {
    /// Loads the corpus that `specs` name: `chitchat` for the default corpus, files, directories,
    /// and `-` for standard input. The default corpus with files beside it is both, split by split.
    ///
    /// # Errors
    /// If something cannot be read; the message says what to do.
    pub fn load(specs: &[String]) -> Result<Self> {
        ensure!(!specs.is_empty(), "name a corpus: {}, or files with text", chitchat::NAME);
        let own: Vec<String> = specs.iter().filter(|spec| *spec != chitchat::NAME).cloned().collect();
        if own.is_empty() {
            return chitchat::load();
        }
        let files = files::load(&own)?;
        if own.len() == specs.len() {
            return Ok(files);
        }
        Ok(chitchat::load()?.with(files))
    }

    /// Joins two corpora, split by split. The licence says which part it is of.
    fn with(mut self, other: Self) -> Self {
        self.licence = self.licence.map(|licence| format!("{licence} ({})", self.name));
        self.name = format!("{} and {}", self.name, other.name);
        self.train.extend(other.train);
        self.valid.extend(other.valid);
        self.test.extend(other.test);
        self
    }

    fn documents_mut(&mut self, split: Split) -> &mut Vec<String> {
        match split {
            Split::Train => &mut self.train,
            Split::Valid => &mut self.valid,
            Split::Test => &mut self.test,
        }
    }

    /// The splits with their names: train, valid, test.
    pub fn splits(&self) -> [(&'static str, &[String]); 3] {
        [("train", &self.train), ("valid", &self.valid), ("test", &self.test)]
    }

    /// A part of the test split, for measurements that take long; [`sample()`] says which.
    pub fn test_sample(&self) -> Vec<String> {
        sample(&self.test, &self.train, SAMPLE_BYTES)
    }

    /// Writes `train.txt`, `valid.txt`, `test.txt` and `test-sample.txt` into `dir`, as [`text_of`] joins them.
    ///
    /// # Errors
    /// If the directory cannot be made or a file not be written.
    pub fn write_text(&self, dir: &Path) -> Result<()> {
        fs::create_dir_all(dir).with_context(|| format!("cannot make the directory {}", dir.display()))?;
        let sample = self.test_sample();
        for (name, documents) in self.splits().into_iter().chain([("test-sample", &sample[..])]) {
            let path = dir.join(format!("{name}.txt"));
            replace_file(&path, text_of(documents).as_bytes())
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}

/// The documents as one text: a blank line between them, a line end at the end.
pub fn text_of(documents: &[String]) -> String {
    let mut text = documents.join("\n\n");
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// The length in bytes of [`text_of`] of the documents.
pub fn text_len(documents: &[String]) -> usize {
    let separators = (2 * documents.len()).saturating_sub(1);
    documents.iter().map(String::len).sum::<usize>() + separators
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_blank_lines_between_documents_and_a_known_length() {
        for (documents, text) in [(&[][..], ""), (&["a"], "a\n"), (&["a\nb", "c"], "a\nb\n\nc\n")] {
            let documents: Vec<String> = documents.iter().map(ToString::to_string).collect();
            assert_eq!(text_of(&documents), text);
            assert_eq!(text_len(&documents), text.len());
        }
    }

    #[test]
    fn asks_for_a_corpus_where_none_is_named() {
        let error = Corpus::load(&[]).unwrap_err().to_string();
        assert!(error.contains("chitchat"), "{error}");
    }

    #[test]
    fn puts_two_corpora_together_split_by_split() {
        let corpus = |name: &str| Corpus {
            name: name.into(),
            licence: (name == "a").then(|| "MIT".into()),
            train: vec![format!("{name} train")],
            valid: vec![format!("{name} valid")],
            test: vec![],
        };
        let both = corpus("a").with(corpus("b"));
        assert_eq!(both.name, "a and b");
        assert_eq!(both.licence.as_deref(), Some("MIT (a)"));
        assert_eq!(both.train, ["a train", "b train"]);
        assert_eq!(both.valid, ["a valid", "b valid"]);
    }
}
