//! `egpt words`: puts a word list with frequencies into a blob.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use embedded_gpt::blob;
use serde_json::json;

use crate::blob_file::BlobFile;
use crate::corpus::Corpus;
use crate::export::with_section;
use crate::replace_file::replace_file;
use crate::words::{count_words, ngrams_section, words_section};

const EXAMPLES: &str = "\
The list guides the search for suggestions, and is mixed with the model's own probabilities; about 4
bytes per word. Words are counted in the part of the corpus that models are trained on.

Examples:
  egpt words m.egpt --corpus chitchat --out m.egpt
  egpt words m.egpt --corpus notes/ --n-words 5000 --out m5000.egpt";

/// Put a word list with frequencies into a blob.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct WordsArgs {
    /// The blob.
    blob: PathBuf,
    /// Text to count words in: `chitchat`, files, directories; several with commas.
    #[arg(long, value_delimiter = ',', required = true)]
    corpus: Vec<String>,
    /// Words to list, the most frequent ones.
    #[arg(long, default_value_t = 8000)]
    n_words: usize,
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
    let file = BlobFile::read(&args.blob)?;
    let model = file.model()?;
    let corpus = Corpus::load(&args.corpus)?;
    let counts = count_words(corpus.train.iter().map(String::as_str));
    let section = words_section(&counts, args.n_words, &model.vocab())?;
    let section_bytes = section.len();
    let mut whole = with_section(file.bytes(), blob::WORDS, section)?;
    if args.ngram_bytes > 0 {
        let listed = counts.words.iter().take(args.n_words).map(|(word, _)| word.as_str());
        let section = ngrams_section(corpus.train.iter().map(String::as_str), listed, args.ngram_bytes);
        whole = with_section(&whole, blob::NGRAMS, section)?;
    }
    replace_file(&args.out, &whole).with_context(|| format!("cannot write {}", args.out.display()))?;
    let mut stdout = io::stdout().lock();
    if args.json {
        let result = json!({ "out": args.out, "blob_bytes": whole.len(), "word_list_bytes": section_bytes });
        writeln!(stdout, "{result}")?;
    } else {
        writeln!(stdout, "{}: {} bytes, {section_bytes} of them for words", args.out.display(), whole.len())?;
    }
    Ok(())
}
