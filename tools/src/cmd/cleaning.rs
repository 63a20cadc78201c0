//! `--dictionary` and `--keep-misspelt`: which words of a text are not listed.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use egpt_core::words::dictionary::Dictionary;
use egpt_core::words::{Misspelt, WordStatistics};

/// Misspelt words that are told.
const N_EXAMPLES: usize = 8;

/// Which words are taken for misspelt.
#[derive(Args, Debug)]
pub(super) struct CleaningArgs {
    /// Right words, one per line, such as /usr/share/dict/words: these are listed in any case, and more of the others
    /// are taken for misspelt.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    dictionary: Vec<PathBuf>,
    /// List words that are taken for misspelt, too.
    #[arg(long, conflicts_with = "dictionary")]
    keep_misspelt: bool,
}

/// Words that were left out.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    pub n_words: usize,
    /// The commonest, each with what it means.
    pub examples: Vec<(String, Option<String>)>,
}

impl CleaningArgs {
    /// The statistics without misspelt words, and what was left out.
    ///
    /// # Errors
    /// If a dictionary cannot be read.
    pub(super) fn clean(&self, statistics: WordStatistics) -> Result<(WordStatistics, LeftOut)> {
        let dictionary = if self.dictionary.is_empty() { None } else { Some(Dictionary::read(&self.dictionary)?) };
        if self.keep_misspelt {
            return Ok((statistics, LeftOut::default()));
        }
        let misspelt = Misspelt::of(&statistics, dictionary.as_ref());
        let left_out = LeftOut { n_words: misspelt.len(), examples: misspelt.commonest(&statistics, N_EXAMPLES) };
        Ok((statistics.without(&misspelt), left_out))
    }
}

impl LeftOut {
    /// A line about them; `None` if nothing was left out.
    pub(super) fn line(&self) -> Option<String> {
        let example = |(word, meaning): &(String, Option<String>)| match meaning {
            Some(meaning) => format!("{word} ({meaning})"),
            None => word.clone(),
        };
        let examples: Vec<_> = self.examples.iter().map(example).collect();
        let more = if self.n_words > self.examples.len() { ", \u{2026}" } else { "" };
        let line = || format!("{} misspelt words left out: {}{more}", self.n_words, examples.join(", "));
        (self.n_words > 0).then(line)
    }
}
