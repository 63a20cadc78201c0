//! `egpt eval --letters`: a text whose letters are picked one by one.

use std::io::{self, Write};

use anyhow::{Result, ensure};
use egpt_core::eval::letters;
use egpt_core::eval::typed_text::TypedText;
use serde_json::json;

use super::{EvalArgs, measure};

/// Measures each model.
pub(super) fn run(args: &EvalArgs, typed: &TypedText) -> Result<()> {
    ensure!(!args.models.is_empty(), "name a model to pick letters with");
    ensure!(typed.n_words() > 0, "there are no words to pick");
    let mut out = io::stdout().lock();
    for path in &args.models {
        let (_, file) = measure::read(path)?;
        let outcome = letters::pick_text(&file.model()?, typed, args.context, args.budget)?;
        let n = outcome.letters.max(1) as f64;
        let (bits, of_tokens) = (outcome.bits / n, outcome.bits_of_tokens / n);
        let (first, near) = (100.0 * outcome.first as f64 / n, 100.0 * outcome.near as f64 / n);
        let steps = outcome.steps as f64 / n;
        let path = path.display();
        if args.json {
            let line = json!({
                "model": path.to_string(),
                "words": outcome.words,
                "letters": outcome.letters,
                "bits_per_letter": bits,
                "bits_per_letter_of_tokens": of_tokens,
                "letter_first": first,
                "letter_among_five": near,
                "steps_per_letter": steps,
            });
            writeln!(out, "{line}")?;
            continue;
        }
        writeln!(out, "{path}: {} words, {} letters and ends of words", outcome.words, outcome.letters)?;
        writeln!(out, "  bits per letter                 {bits:6.3}")?;
        writeln!(out, "  the same words by their tokens  {of_tokens:6.3}")?;
        writeln!(out, "  the letter is the likeliest     {first:6.2} %")?;
        writeln!(out, "  among five                      {near:6.2} %")?;
        writeln!(out, "  decode steps per letter         {steps:6.2}")?;
    }
    Ok(())
}
