//! `egpt complete`: the words that the device would suggest.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use egpt_core::blob_file::BlobFile;
use egpt_core::session_memory::SessionMemory;
use embedded_gpt::text::WordRule;
use embedded_gpt::{Keyboard, Model, Pieces, Shell, SuggestOptions, Suggester, Suggestion};
use serde_json::json;

const EXAMPLES: &str = "\
Examples:
  egpt complete m.egpt --text \"see you tom\" -k 3
  egpt complete m.egpt --text \"how are \" -k 5 --budget 32
  egpt complete m.egpt --text \"good mor\" --json";

/// A search that found nothing is tried again with so many times the budget, up to a limit.
const LARGER: u16 = 8;
const MAX_TRIED: u16 = 1000;

/// Suggest words for a text: completions of its last word, or next words after a space.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CompleteArgs {
    /// The blob.
    blob: PathBuf,
    /// The text so far.
    #[arg(long, allow_hyphen_values = true)]
    text: String,
    /// Number of suggestions.
    #[arg(short, default_value_t = 3)]
    k: usize,
    /// Decode steps that the search may take.
    #[arg(long, default_value_t = SuggestOptions::DEFAULT.budget)]
    budget: u16,
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
    let words = suggest(args, &model, &args.text, args.budget)?;
    let mut stdout = io::stdout().lock();
    if args.json {
        writeln!(stdout, "{}", json!({ "suggestions": words }))?;
        return Ok(());
    }
    for word in &words {
        writeln!(stdout, "{word}")?;
    }
    if words.is_empty() {
        writeln!(io::stderr(), "{}", why_none(args, &model)?)?;
    }
    Ok(())
}

fn suggest(args: &CompleteArgs, model: &Model<'_>, text: &str, budget: u16) -> Result<Vec<String>> {
    let mut memory = SessionMemory::new(model.config(), args.context);
    let options = SuggestOptions { budget, ..SuggestOptions::DEFAULT };
    let session = memory.session(model)?;
    Ok(match model.vocab().word_rule() {
        WordRule::Letters => found(Suggester::new(session, options), text, args.k),
        WordRule::Shell => found(Suggester::with_keyboard(session, options, Shell::ANY), text, args.k),
        WordRule::Pieces => found(Suggester::with_keyboard(session, options, Pieces), text, args.k),
    })
}

fn found<K: Keyboard>(mut suggester: Suggester<'_, K>, text: &str, k: usize) -> Vec<String> {
    let mut slots = vec![Suggestion::EMPTY; k];
    suggester.suggest(text, &mut slots).iter().map(|suggestion| suggestion.as_str().to_owned()).collect()
}

/// A space or a larger budget is recommended only where it helps.
fn why_none(args: &CompleteArgs, model: &Model<'_>) -> Result<String> {
    let larger = args.budget.max(1).saturating_mul(LARGER).min(MAX_TRIED);
    if larger > args.budget && !suggest(args, model, &args.text, larger)?.is_empty() {
        return Ok(format!("no word found; a larger --budget, such as {larger}, finds one"));
    }
    let ends_in_word = args.text.ends_with(|c: char| c.is_alphanumeric() || c.is_whitespace());
    if !ends_in_word && !suggest(args, model, &format!("{} ", args.text), args.budget)?.is_empty() {
        return Ok("no word goes on from here: put a space at the end of --text to get the next word".to_owned());
    }
    Ok("the model knows no word like this".to_owned())
}
