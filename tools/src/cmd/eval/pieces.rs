//! `egpt eval` of a model for scripts without spaces.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use egpt_core::blob_file::BlobFile;
use egpt_core::eval::pieces;
use egpt_core::model_card::ModelCard;
use egpt_core::word_rule::word_rule_of;
use embedded_gpt::SuggestOptions;
use embedded_gpt::text::WordRule;
use serde_json::json;

use super::{EvalArgs, measure};

/// Measures what pieces save with each model.
pub(super) fn run(args: &EvalArgs, text: &str) -> Result<()> {
    ensure!(
        args.baseline.is_none() && args.plot.is_none() && args.phrase.is_none() && args.user_dictionary == 0,
        "models of pieces are typed with alone: leave out --baseline, --plot, --phrase and --user-dictionary"
    );
    let mut lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut n_chars = 0;
    lines.retain(|line| {
        n_chars += line.chars().count();
        args.limit_words.is_none_or(|limit| n_chars <= limit)
    });
    ensure!(lines.iter().any(|line| !line.is_empty()), "there is nothing to type");
    let options = SuggestOptions { budget: args.budget, ..SuggestOptions::DEFAULT };
    let mut out = io::stdout().lock();
    for path in &args.models {
        let (_, file) = measure::read(path)?;
        let model = file.model()?;
        let outcome = pieces::type_lines(&model, &lines, args.context, options)?;
        let [one, three] = outcome.saved();
        let steps = outcome.steps_per_query();
        let path = path.display();
        if args.json {
            let line = json!({
                "model": path.to_string(),
                "characters": outcome.characters,
                "ksr_1": one,
                "ksr_3": three,
                "pieces_taken": outcome.taken,
                "steps_per_query": steps,
            });
            writeln!(out, "{line}")?;
            continue;
        }
        writeln!(
            out,
            "{path}: {} keystrokes without help, {} lines, words in pieces",
            outcome.characters,
            lines.len()
        )?;
        writeln!(out, "  keystrokes saved, 1 and 3 shown   {one:6.2} % {three:6.2} %")?;
        writeln!(out, "  pieces taken                      {:8} {:8}", outcome.taken[0], outcome.taken[1])?;
        writeln!(out, "  decode steps per query, mean      {steps:6.1}")?;
    }
    Ok(())
}

/// Whether models are for pieces.
///
/// # Errors
/// If one cannot be read, or some are and some are not: what they save does not compare.
pub(super) fn are_for(models: &[PathBuf]) -> Result<bool> {
    let rules: Vec<bool> = models.iter().map(|path| is_for(path)).collect::<Result<_>>()?;
    let are_for = rules.contains(&true);
    ensure!(!are_for || rules.iter().all(|&is_for| is_for), "some of the models are for pieces, others for words");
    Ok(are_for)
}

fn is_for(path: &Path) -> Result<bool> {
    if path.is_dir() {
        let rule = ModelCard::load(path)?.and_then(|card| card.word_rule);
        return Ok(rule.as_deref().and_then(word_rule_of) == Some(WordRule::Pieces));
    }
    Ok(BlobFile::read(path)?.model()?.vocab().word_rule() == WordRule::Pieces)
}
