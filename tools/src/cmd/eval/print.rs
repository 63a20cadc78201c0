//! The figures for people, side by side, and for machines, line by line.

use std::io::{self, Write};
use std::iter;

use anyhow::Result;
use comfy_table::Table;
use egpt_core::eval::ksr::{Rates, SLOTS};
use egpt_core::eval::paired::{Comparison, N_RESAMPLES};
use egpt_core::eval::phrases::Phrases;
use egpt_core::eval::typed_text::TypedText;
use serde_json::{Value, json};

use super::measure::Measured;
use super::{EvalArgs, Pair};
use crate::cmd::table::table;

/// Predictors side by side; more are printed below.
const SIDE_BY_SIDE: usize = 4;
/// Characters of a predictor's name.
const MAX_NAME: usize = 18;
/// Percent of the characters that are in no word, from which on that is remarkable: English has 3 to 5.
const MUCH_IN_NO_WORD: f64 = 10.0;

/// Prints all figures.
pub(super) fn report(args: &EvalArgs, all: &[Measured], pairs: &[Pair<'_>], typed: &TypedText) -> Result<()> {
    let mut out = io::stdout().lock();
    if args.json {
        for measured in all {
            writeln!(out, "{}", measured_json(measured, typed))?;
        }
        for pair in pairs {
            writeln!(out, "{}", pair_json(pair))?;
        }
        return Ok(());
    }
    if let [Measured { loss: Some(loss), .. }] = all {
        writeln!(out, "bits per byte       {:7.4}", loss.bits_per_byte)?;
        writeln!(out, "perplexity          {:7.3} per token, {} tokens", loss.perplexity, loss.n_tokens)?;
    }
    if args.limit_words == Some(0) {
        return Ok(());
    }
    if typed.n_words() == 0 {
        let text = args.text.as_deref().map_or("the corpus".into(), |path| path.to_string_lossy());
        writeln!(out, "\nno words to type in {text}")?;
        return Ok(());
    }
    writeln!(out, "\n{} words typed, a budget of {} decode steps per keystroke", typed.n_words(), args.budget)?;
    writeln!(out, "{}", in_no_word(typed))?;
    if let [only] = all {
        if let Some(steps) = only.steps() {
            let (mean, median, p99) = (steps.mean(), steps.quantile(0.5), steps.quantile(0.99));
            writeln!(out, "taken, reading included: {mean:.2} on average, median {median}, 99th percentile {p99}")?;
        }
        writeln!(out, "{}", columns(all, typed).trim_fmt())?;
        return Ok(());
    }
    for some in all.chunks(SIDE_BY_SIDE) {
        writeln!(out, "\n{}", columns(some, typed).trim_fmt())?;
    }
    pairs.iter().try_for_each(|pair| write_pair(&mut out, pair))
}

/// The share of the text of which nothing is measured.
pub(super) fn in_no_word(typed: &TypedText) -> String {
    let share = typed.in_no_word();
    let note = if share >= MUCH_IN_NO_WORD { "note: " } else { "" };
    format!("{note}{share:.1} % of the characters are in no word, and say nothing of suggestions")
}

/// A column of figures per predictor.
fn columns(all: &[Measured], typed: &TypedText) -> Table {
    let names = all.iter().map(|measured| if all.len() > 1 { shortened(&measured.name) } else { String::new() });
    let mut table = table(iter::once(String::new()).chain(names).collect::<Vec<_>>(), &[0]);
    if all.len() > 1 {
        add_row(&mut table, "bytes", all, |measured| Some(measured.n_bytes.to_string()));
        add_row(&mut table, "bits per byte", all, |measured| Some(format!("{:.4}", measured.loss?.bits_per_byte)));
        add_row(&mut table, "decode steps", all, |measured| Some(format!("{:.2}", measured.steps()?.mean())));
        add_row(&mut table, "  99th percentile", all, |measured| Some(measured.steps()?.quantile(0.99).to_string()));
    }
    add_row(&mut table, "suggestions shown", all, |_| Some(format!("{:>7} {:>7}", SLOTS[0], SLOTS[1])));
    let mut line = |what: &str, of: &dyn Fn(&Measured) -> Option<[f64; 2]>| add_rates(&mut table, what, all, of);
    let first = |measured: &Measured| Some(measured.first()?.rates(typed));
    let with_repeats = |measured: &Measured| Some(measured.with_repeats.as_ref()?.rates(typed));
    let new_only = |measured: &Measured| Some(measured.new_only.as_ref()?.rates(typed));
    line("keystrokes saved", &|measured| Some(first(measured)?.ksr));
    line("  spaces typed", &|measured| Some(first(measured)?.ksr_without_space));
    line("  case exact", &|measured| Some(measured.case_exact()?.rates(typed).ksr_in_case));
    if all.iter().all(|measured| measured.with_repeats.is_some() && measured.new_only.is_some()) {
        line("  without repeats", &|measured| Some(new_only(measured)?.ksr));
    }
    let n_keys = typed.n_keys();
    if all.iter().any(|measured| measured.phrases.is_some()) {
        let phrases = |of: &dyn Fn(&Phrases) -> f64, measured: &Measured| {
            Some(format!("{:6.2}%", of(measured.phrases.as_ref()?)))
        };
        add_row(&mut table, "  with a phrase", all, |measured| phrases(&|phrases| phrases.ksr(n_keys), measured));
        add_row(&mut table, "    phrases shown", all, |measured| phrases(&Phrases::shown, measured));
        add_row(&mut table, "    of them right", all, |measured| phrases(&Phrases::right, measured));
    }
    let mut line = |what: &str, of: &dyn Fn(&Measured) -> Option<[f64; 2]>| add_rates(&mut table, what, all, of);
    line("next word", &|measured| Some(first(measured)?.next_word));
    line("  inside lines", &|measured| Some(first(measured)?.next_word_inline));
    // A word that was shown and passed is not offered again, so these mean little then.
    if all.iter().all(|measured| measured.with_repeats.is_some()) {
        for i in 0..Rates::default().completion.len() {
            let what = format!("after {} letter{}", i + 1, if i == 0 { "" } else { "s" });
            line(&what, &|measured| Some(with_repeats(measured)?.completion[i]));
        }
    }
    table
}

/// Rates for one suggestion and for three.
fn add_rates(table: &mut Table, what: &str, all: &[Measured], of: &dyn Fn(&Measured) -> Option<[f64; 2]>) {
    add_row(table, what, all, |measured| of(measured).map(|[one, three]| format!("{one:6.2}% {three:6.2}%")));
}

fn add_row(table: &mut Table, what: &str, all: &[Measured], of: impl Fn(&Measured) -> Option<String>) {
    let cells = all.iter().map(|measured| of(measured).unwrap_or_else(|| "–".into()));
    table.add_row(iter::once(what.to_owned()).chain(cells));
}

/// The end of a long name says most.
fn shortened(name: &str) -> String {
    let n = name.chars().count();
    if n <= MAX_NAME {
        name.to_owned()
    } else {
        format!("…{}", name.chars().skip(n + 1 - MAX_NAME).collect::<String>())
    }
}

fn write_pair(out: &mut impl Write, pair: &Pair<'_>) -> Result<()> {
    let Some(Comparison { n_unit, unit, .. }) = pair.with_repeats.or(pair.new_only) else { return Ok(()) };
    writeln!(out, "\n{} less {}, points of keystrokes saved", pair.model.name, pair.table.name)?;
    writeln!(out, "(95 % interval, paired bootstrap: {N_RESAMPLES} draws of {n_unit} {unit})")?;
    for (what, comparison) in [("", pair.with_repeats), (", without repeats", pair.new_only)] {
        for (slots, difference) in SLOTS.into_iter().zip(comparison.iter().flat_map(|comparison| comparison.ksr)) {
            let (points, low, high) = (difference.points, difference.low, difference.high);
            writeln!(out, "  {slots} shown{what:<17} {points:+6.2}  ({low:+.2} to {high:+.2})")?;
        }
    }
    Ok(())
}

fn measured_json(measured: &Measured, typed: &TypedText) -> Value {
    let rates = measured.first().map(|typing| typing.rates(typed));
    // null where nothing was typed
    let rate = |of: fn(&Rates) -> f64| rates.as_ref().filter(|_| typed.n_words() > 0).map(of);
    let mut result = json!({
        "predictor": measured.name,
        "kind": if measured.table_budget.is_some() { "trigram" } else { "model" },
        "bytes": measured.n_bytes,
        "words": if rates.is_some() { typed.n_words() } else { 0 },
        "ksr1": rate(|rates| rates.ksr[0]), "ksr3": rate(|rates| rates.ksr[1]),
        "ksr1_spaces_typed": rate(|rates| rates.ksr_without_space[0]),
        "ksr3_spaces_typed": rate(|rates| rates.ksr_without_space[1]),
        "ksr1_case_exact": measured.case_exact().and_then(|_| rate(|rates| rates.ksr_in_case[0])),
        "ksr3_case_exact": measured.case_exact().and_then(|_| rate(|rates| rates.ksr_in_case[1])),
        "characters_in_no_word": rates.as_ref().map(|_| typed.in_no_word()),
        "next_word_top1": rate(|rates| rates.next_word[0]), "next_word_top3": rate(|rates| rates.next_word[1]),
        "next_word_inline_top1": rate(|rates| rates.next_word_inline[0]),
        "next_word_inline_top3": rate(|rates| rates.next_word_inline[1]),
    });
    if let Some(loss) = measured.loss {
        result["bits_per_byte"] = loss.bits_per_byte.into();
        result["perplexity"] = loss.perplexity.into();
    }
    if let Some(steps) = measured.steps() {
        result["steps_mean"] = steps.mean().into();
        result["steps_median"] = steps.quantile(0.5).into();
        result["steps_p99"] = steps.quantile(0.99).into();
    }
    if let Some(phrases) = &measured.phrases {
        result["ksr3_with_phrase"] = phrases.ksr(typed.n_keys()).into();
        result["phrases_shown"] = phrases.shown().into();
        result["phrases_right"] = phrases.right().into();
    }
    if let Some(typing) = &measured.with_repeats {
        let completion = typing.rates(typed).completion;
        result["completion_top1"] = json!(completion.map(|rates| rates[0]));
        result["completion_top3"] = json!(completion.map(|rates| rates[1]));
        result["new_only"] = measured.new_only.as_ref().map_or(Value::Null, |typing| {
            let ksr = typing.rates(typed).ksr;
            json!({ "ksr1": ksr[0], "ksr3": ksr[1] })
        });
    }
    result
}

fn pair_json(pair: &Pair<'_>) -> Value {
    let differences = |comparison: Comparison| {
        let [one, three] = comparison.ksr.map(|d| json!({ "points": d.points, "low": d.low, "high": d.high }));
        json!({ "ksr1": one, "ksr3": three, "units": comparison.n_unit, "unit": comparison.unit })
    };
    json!({
        "model": pair.model.name, "baseline": pair.table.name,
        "difference": pair.with_repeats.map(differences),
        "difference_new_only": pair.new_only.map(differences),
    })
}
