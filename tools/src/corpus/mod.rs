//! Text to learn from: the default corpus or own files, as documents in three splits.
//!
//! A document is what belongs together (a conversation, a paragraph), one message or line of it
//! per line. Valid is for choosing while training, test for figures that are told.

pub mod chitchat;

use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

use crate::replace_file::replace_file;

/// Documents by split, in the order of their source, each without a line end at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corpus {
    /// What it is, for reports.
    pub name: String,
    /// The licence of the text, where it is known.
    pub licence: Option<String>,
    /// To learn from.
    pub train: Vec<String>,
    /// To choose by while training.
    pub valid: Vec<String>,
    /// Held out for evaluation.
    pub test: Vec<String>,
}

impl Corpus {
    /// Loads the corpus that `specs` name: `chitchat` is the default corpus.
    ///
    /// # Errors
    /// If something cannot be read; the message says what to do.
    pub fn load(specs: &[String]) -> Result<Self> {
        match specs {
            [name] if name == chitchat::NAME => chitchat::load(),
            _ => bail!("name the corpus: {}", chitchat::NAME),
        }
    }

    /// The splits with their names: train, valid, test.
    pub fn splits(&self) -> [(&'static str, &[String]); 3] {
        [("train", &self.train), ("valid", &self.valid), ("test", &self.test)]
    }

    /// Writes `train.txt`, `valid.txt` and `test.txt` into `dir`, as [`text_of`] joins them.
    ///
    /// # Errors
    /// If the directory cannot be made or a file not be written.
    pub fn write_text(&self, dir: &Path) -> Result<()> {
        fs::create_dir_all(dir).with_context(|| format!("cannot make the directory {}", dir.display()))?;
        for (name, documents) in self.splits() {
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
