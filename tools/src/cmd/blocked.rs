//! `--blocked`: which words are not offered before they are typed out.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use clap::Args;
use egpt_core::words::BlockedWords;

/// Which words a blob lists as blocked.
#[derive(Args, Debug)]
pub(super) struct BlockedArgs {
    /// Words that are not offered before they are typed out: `off`, `mild` (slurs, strong insults, explicit sexual
    /// terms, harm), `strict` (also mild profanity, insults, drugs, violence), or files with one word or phrase per
    /// line; several add up. The lists are English [default: mild, or what the blob has].
    #[arg(long, value_name = "off|mild|strict|FILE", num_args = 1..)]
    blocked: Vec<String>,
}

impl BlockedArgs {
    /// The list that was asked for; `None` if nothing was said.
    ///
    /// # Errors
    /// If a file cannot be read or has no words, or `off` is not alone.
    pub(super) fn given(&self) -> Result<Option<BlockedWords>> {
        if self.blocked.is_empty() {
            return Ok(None);
        }
        let mut all = BlockedWords::default();
        for name in &self.blocked {
            ensure!(name != "off" || self.blocked.len() == 1, "--blocked off is no list that others can be added to");
            all.extend(list(name)?);
        }
        Ok(Some(all))
    }
}

fn list(name: &str) -> Result<BlockedWords> {
    match name {
        "off" => Ok(BlockedWords::default()),
        "mild" => BlockedWords::mild(),
        "strict" => BlockedWords::strict(),
        _ if !Path::new(name).exists() => {
            bail!("--blocked {name}: there is no such file; give off, mild, strict, or a file of words")
        }
        _ => BlockedWords::read(Path::new(name)),
    }
}

/// A line about a blob's list.
pub(super) fn line(n_entries: usize) -> String {
    match n_entries {
        0 => "no words are blocked".to_owned(),
        n => format!("{n} words and phrases are not offered before they are typed out"),
    }
}
