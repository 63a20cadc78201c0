//! `egpt eval --keypad`: a text typed on keys of several letters.

use std::io::{self, Write};

use anyhow::{Result, ensure};
use egpt_core::eval::keypad;
use egpt_core::eval::typed_text::TypedText;
use embedded_gpt::SuggestOptions;
use serde_json::json;

use super::{EvalArgs, measure, print};

/// Measures each model.
pub(super) fn run(args: &EvalArgs, typed: &TypedText) -> Result<()> {
    ensure!(!args.models.is_empty(), "name a model to type with");
    ensure!(typed.n_words() > 0, "there are no words to type");
    let options = SuggestOptions { budget: args.budget, ..SuggestOptions::DEFAULT };
    let mut out = io::stdout().lock();
    for path in &args.models {
        let (_, file) = measure::read(path)?;
        let outcome = keypad::type_text(&file.model()?, typed, args.context, options)?;
        let right = 100.0 * outcome.right as f64 / outcome.words as f64;
        let keys = outcome.keys as f64 / outcome.characters as f64;
        let path = path.display();
        if args.json {
            let line = json!({
                "model": path.to_string(),
                "words": outcome.words,
                "right_first": right,
                "keys_per_character": keys,
                "characters_in_no_word": typed.in_no_word(),
            });
            writeln!(out, "{line}")?;
            continue;
        }
        writeln!(out, "{path}: {} words typed on nine keys", outcome.words)?;
        writeln!(out, "  {}", print::in_no_word(typed))?;
        writeln!(out, "  right once all keys are typed   {right:6.2} %")?;
        writeln!(out, "  keys per character              {keys:6.3}")?;
    }
    Ok(())
}
