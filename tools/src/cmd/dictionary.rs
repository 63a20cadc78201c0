//! `egpt dictionary`: the words of a person, to be read and changed by people.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::json;

use crate::typing::DictionaryFile;

const EXAMPLES: &str = "\
A word is offered after two uses, and one that differs from a word of the model by one slip after four. A word that is
added is offered at once. Words have at most 31 bytes, and no digits.

Examples:
  egpt dictionary me.words                                # a word per line, with how often it was used
  egpt dictionary me.words --add Zdenka --add Kirchplatz
  egpt dictionary me.words --forget teh
  egpt dictionary new.words --add Zdenka --bytes 1024     # a new one, for firmware";

/// List the words of a user dictionary; add some, or forget some.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct DictionaryArgs {
    /// The file that `egpt type --user-dictionary` keeps, or bytes that a device has saved.
    file: PathBuf,
    /// Add a word; it makes the file if there is none.
    #[arg(long, value_name = "WORD")]
    add: Vec<String>,
    /// Forget a word, in whatever letter case.
    #[arg(long, value_name = "WORD")]
    forget: Vec<String>,
    /// Size of a new file.
    #[arg(long, default_value_t = 4096)]
    bytes: usize,
    /// Print a JSON object per word.
    #[arg(long)]
    json: bool,
}

/// Changes what is asked for, then lists the words.
///
/// # Errors
/// If the file holds no user dictionary, a word can't be learned, or is not there to be forgotten. Nothing is changed
/// then.
pub fn run(args: &DictionaryArgs) -> Result<()> {
    ensure!(!args.add.is_empty() || args.file.exists(), "there is no {}: --add makes it", args.file.display());
    let mut file = DictionaryFile::open(Some(&args.file), args.bytes)?;
    let changed = {
        let mut dictionary = file.dictionary().context("a dictionary that was read just now")?;
        for word in &args.forget {
            ensure!(dictionary.forget_word(word), "there is no {word:?} to forget");
        }
        for word in &args.add {
            ensure!(dictionary.add(word), "{word:?} can't be learned: words have at most 31 bytes, and no digits");
        }
        let mut out = io::stdout().lock();
        let mut entries: Vec<_> = dictionary.entries().collect();
        entries.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        for (word, uses) in entries {
            match args.json {
                true => writeln!(out, "{}", json!({ "word": word, "uses": uses }))?,
                false => writeln!(out, "{uses}\t{word}")?,
            }
        }
        dictionary.save().to_vec()
    };
    if !args.add.is_empty() || !args.forget.is_empty() {
        file.set(changed);
        file.save()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(file: &std::path::Path, add: &[&str], forget: &[&str]) -> DictionaryArgs {
        let [add, forget] = [add, forget].map(|words| words.iter().map(|&word| word.to_owned()).collect());
        DictionaryArgs { file: file.to_owned(), add, forget, bytes: 1024, json: false }
    }

    fn words(file: &std::path::Path) -> Vec<String> {
        let mut file = DictionaryFile::open(Some(file), 1024).unwrap();
        file.dictionary().unwrap().words().map(str::to_owned).collect()
    }

    #[test]
    fn words_are_added_and_forgotten_all_or_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("me.words");
        assert!(run(&args(&path, &[], &[])).unwrap_err().to_string().contains("--add makes it"));
        assert!(!path.exists());
        run(&args(&path, &["Zdenka", "Kirchplatz"], &[])).unwrap();
        assert_eq!(words(&path), ["Zdenka", "Kirchplatz"]);
        let error = run(&args(&path, &["Brno", "a1"], &["zdenka"])).unwrap_err().to_string();
        assert!(error.contains("\"a1\" can't be learned"), "{error}");
        assert!(run(&args(&path, &["Brno"], &["Prague"])).unwrap_err().to_string().contains("no \"Prague\""));
        assert_eq!(words(&path), ["Zdenka", "Kirchplatz"], "nothing was changed");
        run(&args(&path, &["Brno"], &["zdenka"])).unwrap();
        let mut left = words(&path);
        left.sort_unstable();
        assert_eq!(left, ["Brno", "Kirchplatz"]);
    }
}
