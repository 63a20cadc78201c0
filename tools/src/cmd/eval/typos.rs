//! `egpt eval --typos`: words typed with a slip, and what is offered and corrected.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use egpt_core::eval::typos::{self, Outcome};
use egpt_core::text_file;
use embedded_gpt::SuggestOptions;
use serde_json::json;

use super::{EvalArgs, measure};
use crate::cmd::keys::KeysArg;

/// Measures each model.
pub(super) fn run(args: &EvalArgs, pairs: &Path) -> Result<()> {
    ensure!(!args.models.is_empty(), "name a model to type with");
    let text = text_file::read(pairs)?;
    let all = typos::read(&text).with_context(|| format!("cannot use {}", pairs.display()))?;
    let keys = args.keys.unwrap_or(KeysArg::Qwerty).keys();
    let options = SuggestOptions {
        budget: args.budget,
        min_correction_percent: args.min_correction(),
        ..SuggestOptions::DEFAULT
    };
    for path in &args.models {
        let (_, file) = measure::read(path)?;
        let outcome = typos::measure(&file.model()?, &all, args.context, options, keys)?;
        print(args, path, &outcome)?;
    }
    Ok(())
}

fn print(args: &EvalArgs, path: &Path, outcome: &Outcome) -> Result<()> {
    let percent = |n: usize| 100.0 * n as f64 / outcome.pairs as f64;
    let (first, among_three) = (percent(outcome.first), percent(outcome.among_three));
    let (corrected, falsely) = (percent(outcome.corrected), percent(outcome.falsely_corrected));
    let mut out = io::stdout().lock();
    if args.json {
        let line = json!({
            "model": path.display().to_string(),
            "pairs": outcome.pairs,
            "typo_top1": first,
            "typo_top3": among_three,
            "autocorrected": corrected,
            "false_corrections": falsely,
        });
        writeln!(out, "{line}")?;
        return Ok(());
    }
    writeln!(out, "{}: {} words typed", path.display(), outcome.pairs)?;
    writeln!(out, "  the intended word shown first   {first:6.2} %")?;
    writeln!(out, "  among three                     {among_three:6.2} %")?;
    writeln!(out, "  corrected by the space bar      {corrected:6.2} %")?;
    writeln!(out, "  made into another word          {falsely:6.2} %")?;
    Ok(())
}
