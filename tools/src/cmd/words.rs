//! `egpt words`: puts a word list of another text into a blob.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use egpt_core::blob_file::BlobFile;
use egpt_core::corpus::Corpus;
use egpt_core::export::with_language;
use egpt_core::replace_file::replace_file;
use egpt_core::words::{BlockedWords, USUAL_WORDS, WordSections, WordStatistics};
use embedded_gpt::text::Language;
use serde_json::json;

use super::blocked::{self, BlockedArgs};
use super::cleaning::CleaningArgs;
use super::ensure_writable;
use super::language::language;

const EXAMPLES: &str = "\
The list guides the search for suggestions, and is mixed with the model's own probabilities; about 2.5
bytes per word. Words are counted in the part of the corpus that models are trained on. Misspelt ones are left out: what
looks like a much commoner word and stands where that one does, and what has a letter three times in a row. egpt export has put those of the
training text into the blob already; this is for words of another text, or models from elsewhere.

Examples:
  egpt words m.egpt --corpus chitchat --out m.egpt
  egpt words m.egpt --corpus chitchat --dictionary /usr/share/dict/words --out m.egpt
  egpt words m.egpt --corpus chitchat --blocked strict our-words.txt --out m.egpt
  egpt words m.egpt --corpus notes/ --n-words 5000 --out m5000.egpt";

/// Put the words of another text into a blob, in the place of those that it has.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct WordsArgs {
    /// The blob.
    blob: PathBuf,
    /// Text to count words in: `chitchat`, files, directories.
    #[arg(long, required = true, num_args = 1..)]
    corpus: Vec<String>,
    /// Words to list, the most frequent ones.
    #[arg(long, default_value_t = USUAL_WORDS)]
    n_words: usize,
    /// Language whose capitals have rules of their own, if the blob is not told yet.
    #[arg(long, value_parser = language())]
    language: Option<Language>,
    #[command(flatten)]
    cleaning: CleaningArgs,
    #[command(flatten)]
    blocked: BlockedArgs,
    /// Bytes for a table of which words follow which; none if 0.
    #[arg(long, default_value_t = 0)]
    ngram_bytes: usize,
    /// The blob to write.
    #[arg(long)]
    out: PathBuf,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Counts, lists and writes.
///
/// # Errors
/// If corpus or blob cannot be read, or the new blob not be written.
pub fn run(args: &WordsArgs) -> Result<()> {
    ensure_writable(&args.out)?;
    let mut file = BlobFile::read(&args.blob)?;
    if let Some(language) = args.language {
        file = BlobFile::new(&with_language(file.bytes(), language)?);
    }
    let model = file.model()?;
    let blocked = args.blocked.given()?;
    let corpus = Corpus::load(&args.corpus)?;
    let (statistics, left_out) = args.cleaning.clean(WordStatistics::of(&corpus.train))?;
    let sections = WordSections::new(&statistics, &model.vocab(), args.n_words, usize::MAX)?;
    let sections = sections.with_ngrams(&statistics, args.ngram_bytes);
    let ([section_bytes, _], n_words) = (sections.section_bytes(), sections.n_words());
    let mut whole = sections.put_into(file.bytes())?;
    // A list that the product has chosen is not lost with the words.
    let mild = || if model.blocked().is_empty() { BlockedWords::mild().map(Some) } else { Ok(None) };
    if let Some(list) = blocked.map_or_else(mild, |list| Ok(Some(list)))? {
        whole = list.put_into(&whole)?;
    }
    let n_blocked = BlobFile::new(&whole).model()?.blocked().len();
    replace_file(&args.out, &whole).with_context(|| format!("cannot write {}", args.out.display()))?;
    let mut stdout = io::stdout().lock();
    if args.json {
        let result = json!({
            "out": args.out, "blob_bytes": whole.len(), "word_list_bytes": section_bytes, "words": n_words,
            "misspelt": left_out.n_words, "blocked": n_blocked,
        });
        writeln!(stdout, "{result}")?;
    } else {
        left_out.line().map_or(Ok(()), |line| writeln!(stdout, "{line}"))?;
        writeln!(stdout, "{}: {} bytes, {section_bytes} of them for {n_words} words", args.out.display(), whole.len())?;
        writeln!(stdout, "{}", blocked::line(n_blocked))?;
    }
    Ok(())
}
