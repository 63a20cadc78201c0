//! `egpt complete`: the words that the device would suggest.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use embedded_gpt::{Suggester, Suggestion};
use serde_json::json;

use crate::blob_file::BlobFile;
use crate::session_memory::SessionMemory;

const EXAMPLES: &str = "\
Examples:
  egpt complete m.egpt --text \"see you tom\" -k 3
  egpt complete m.egpt --text \"how are \" -k 5 --budget 32
  egpt complete m.egpt --text \"good mor\" --json";

/// Suggest words for a text: completions of its last word, or next words after a space.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CompleteArgs {
    /// The blob.
    blob: PathBuf,
    /// The text so far.
    #[arg(long)]
    text: String,
    /// Number of suggestions.
    #[arg(short, default_value_t = 3)]
    k: usize,
    /// Decode steps that the search may take.
    #[arg(long, default_value_t = Suggester::DEFAULT_BUDGET)]
    budget: usize,
    /// Context in tokens; what the model was trained for unless given.
    #[arg(long)]
    context: Option<usize>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Prints suggestions, best first.
///
/// # Errors
/// If the blob cannot be read or is not sound, or the context does not suit it.
pub fn run(args: &CompleteArgs) -> Result<()> {
    ensure!((1..=100).contains(&args.k), "-k must be 1 to 100");
    let file = BlobFile::read(&args.blob)?;
    let model = file.model()?;
    let mut memory = SessionMemory::new(model.config(), args.context);
    let mut suggester = Suggester::new(memory.session(&model)?).with_budget(args.budget);
    let mut slots = vec![Suggestion::EMPTY; args.k];
    let found = suggester.suggest(&args.text, &mut slots)?;
    let mut stdout = io::stdout().lock();
    if args.json {
        let words: Vec<&str> = found.iter().map(Suggestion::as_str).collect();
        writeln!(stdout, "{}", json!({ "suggestions": words }))?;
        return Ok(());
    }
    for suggestion in found {
        writeln!(stdout, "{:<20} {:5.1} %", suggestion.as_str(), 100.0 * suggestion.log_prob().exp())?;
    }
    if found.is_empty() {
        writeln!(io::stderr(), "no word found; a larger --budget searches longer")?;
    }
    Ok(())
}
