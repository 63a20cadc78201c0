//! `egpt eval --typist noisy`: a text typed with slips, with corrections by the space bar, without, and without a look
//! at the words.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Result, bail, ensure};
use comfy_table::Table;
use egpt_core::eval::noisy::{self, Outcome, Settings};
use egpt_core::eval::slips::Slips;
use egpt_core::eval::typed_text::TypedText;
use embedded_gpt::SuggestOptions;
use serde_json::{Value, json};

use super::{EvalArgs, measure, print};
use crate::cmd::keys::KeysArg;
use crate::cmd::table::table;

/// Measures each model.
pub(super) fn run(args: &EvalArgs, typed: &TypedText) -> Result<()> {
    ensure!(typed.n_words() > 0, "there are no words to type");
    let keys = args.keys.unwrap_or(KeysArg::Qwerty);
    let settings = |looks, corrects| Settings {
        context: args.context,
        options: SuggestOptions {
            budget: args.budget,
            min_correction_percent: args.min_correction(),
            ..SuggestOptions::DEFAULT
        },
        keys: keys.keys(),
        slips: Slips { rows: keys.rows(), rate: args.error_rate() },
        looks,
        corrects,
    };
    for path in &args.models {
        let (_, file) = measure::read(path)?;
        let model = file.model()?;
        let type_text = |looks, corrects| noisy::type_text(&model, typed, settings(looks, corrects));
        let [all, uncorrected, unseen] = [type_text(true, true)?, type_text(true, false)?, type_text(false, true)?];
        print(args, path, [&all, &uncorrected, &unseen], typed)?;
    }
    Ok(())
}

fn print(args: &EvalArgs, path: &Path, outcomes: [&Outcome; 3], typed: &TypedText) -> Result<()> {
    let mut out = io::stdout().lock();
    if args.json {
        let [mut line, uncorrected, unseen] = outcomes.map(|outcome| figures(outcome, typed));
        line["model"] = path.display().to_string().into();
        line["typist"] = "noisy".into();
        line["error_rate"] = args.error_rate().into();
        line["characters_in_no_word"] = typed.in_no_word().into();
        line["without_correction"] = uncorrected;
        line["without_suggestions"] = unseen;
        writeln!(out, "{line}")?;
        return Ok(());
    }
    let (path, n_word, slips) = (path.display(), typed.n_words(), 100.0 * args.error_rate());
    writeln!(out, "{path}: {n_word} words typed, {} shown, slips in {slips:.1} % of the letters", noisy::N_SHOWN)?;
    writeln!(out, "{}", print::in_no_word(typed))?;
    writeln!(out, "{}", columns(outcomes, typed).trim_fmt())?;
    Ok(())
}

fn figures(outcome: &Outcome, typed: &TypedText) -> Value {
    json!({
        "words": outcome.words,
        "keystrokes": outcome.keystrokes(typed.n_keys()),
        "ksr": outcome.ksr(typed.n_keys()),
        "words_with_slip": outcome.percent_of_words(outcome.with_slip),
        "words_left_wrong": outcome.percent_of_words(outcome.left_wrong),
        "corrected": outcome.percent_of_words(outcome.corrected),
        "false_corrections": outcome.percent_of_words(outcome.falsely_corrected),
    })
}

fn columns(outcomes: [&Outcome; 3], typed: &TypedText) -> Table {
    let mut table = table(vec!["", "with both", "no corrections", "no suggestions"], &[0]);
    let mut row = |what: &str, of: &dyn Fn(&Outcome) -> String| {
        table.add_row([what.to_owned()].into_iter().chain(outcomes.map(of)));
    };
    let percent = |outcome: &Outcome, n| format!("{:.2}%", outcome.percent_of_words(n));
    row("keystrokes", &|outcome| outcome.keystrokes(typed.n_keys()).to_string());
    row("keystrokes saved", &|outcome| format!("{:.2}%", outcome.ksr(typed.n_keys())));
    row("words with a slip", &|outcome| percent(outcome, outcome.with_slip));
    row("words left wrong", &|outcome| percent(outcome, outcome.left_wrong));
    row("corrected", &|outcome| percent(outcome, outcome.corrected));
    row("false corrections", &|outcome| percent(outcome, outcome.falsely_corrected));
    table
}

/// Refuses options that have no meaning for this typist, and a missing model.
pub(super) fn check(args: &EvalArgs) -> Result<()> {
    ensure!(!args.models.is_empty(), "name a model to type with");
    let others = [
        ("--baseline", args.baseline.is_some()),
        ("--plot", args.plot.is_some()),
        ("--phrase", args.phrase.is_some()),
        ("--new-only", args.new_only),
        ("--typos", args.typos.is_some()),
        ("--keypad", args.keypad.is_some()),
        ("--user-dictionary", args.user_dictionary > 0),
    ];
    match others.iter().find(|(_, is_given)| *is_given) {
        Some((other, _)) => bail!("--typist noisy does not go with {other}"),
        None => Ok(()),
    }
}
