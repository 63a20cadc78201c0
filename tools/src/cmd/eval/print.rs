//! The figures for people, side by side, and for machines, line by line.

use std::io::{self, Write};

use anyhow::Result;
use egpt_core::eval::ksr::{Rates, SLOTS};
use egpt_core::eval::paired::{Comparison, N_RESAMPLES};
use egpt_core::eval::phrases::Phrases;
use egpt_core::eval::typed_text::TypedText;
use serde_json::{Value, json};

use super::measure::Measured;
use super::{EvalArgs, Pair};

/// Predictors side by side; more are printed below.
const SIDE_BY_SIDE: usize = 4;
const LABEL: usize = 18;
const COLUMN: usize = 19;

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
    if let [only] = all {
        if let Some(steps) = only.steps() {
            let (mean, median, p99) = (steps.mean(), steps.quantile(0.5), steps.quantile(0.99));
            writeln!(out, "taken, reading included: {mean:.2} on average, median {median}, 99th percentile {p99}")?;
        }
        return write_columns(&mut out, all, typed);
    }
    for some in all.chunks(SIDE_BY_SIDE) {
        writeln!(out)?;
        write_columns(&mut out, some, typed)?;
    }
    pairs.iter().try_for_each(|pair| write_pair(&mut out, pair))
}

fn write_columns(out: &mut impl Write, all: &[Measured], typed: &TypedText) -> Result<()> {
    if all.len() > 1 {
        write_row(out, "", all, |measured| Some(shortened(&measured.name)))?;
        write_row(out, "bytes", all, |measured| Some(measured.n_bytes.to_string()))?;
        write_row(out, "bits per byte", all, |measured| Some(format!("{:.4}", measured.loss?.bits_per_byte)))?;
        write_row(out, "decode steps", all, |measured| Some(format!("{:.2}", measured.steps()?.mean())))?;
        write_row(out, "  99th percentile", all, |measured| Some(measured.steps()?.quantile(0.99).to_string()))?;
        write_row(out, "suggestions shown", all, |_| Some(format!("{:>8}{:>8} ", SLOTS[0], SLOTS[1])))?;
    } else {
        writeln!(out, "suggestions shown  {:>7}{:>8}", SLOTS[0], SLOTS[1])?;
    }
    let mut line = |what: &str, of: &dyn Fn(&Measured) -> Option<[f64; 2]>| write_rates(out, what, all, of);
    let first = |measured: &Measured| Some(measured.first()?.rates(typed));
    let with_repeats = |measured: &Measured| Some(measured.with_repeats.as_ref()?.rates(typed));
    let new_only = |measured: &Measured| Some(measured.new_only.as_ref()?.rates(typed));
    line("keystrokes saved", &|measured| Some(first(measured)?.ksr))?;
    line("  spaces typed", &|measured| Some(first(measured)?.ksr_without_space))?;
    if all.iter().all(|measured| measured.with_repeats.is_some() && measured.new_only.is_some()) {
        line("  without repeats", &|measured| Some(new_only(measured)?.ksr))?;
    }
    let n_keys = typed.n_keys();
    if all.iter().any(|measured| measured.phrases.is_some()) {
        let phrases = |of: &dyn Fn(&Phrases) -> f64, measured: &Measured| {
            Some(format!("{:7}  {:6.2}%", "", of(measured.phrases.as_ref()?)))
        };
        write_row(out, "  with a phrase", all, |measured| phrases(&|phrases| phrases.ksr(n_keys), measured))?;
        write_row(out, "    phrases shown", all, |measured| phrases(&Phrases::shown, measured))?;
        write_row(out, "    of them right", all, |measured| phrases(&Phrases::right, measured))?;
    }
    let mut line = |what: &str, of: &dyn Fn(&Measured) -> Option<[f64; 2]>| write_rates(out, what, all, of);
    line("next word", &|measured| Some(first(measured)?.next_word))?;
    line("  inside lines", &|measured| Some(first(measured)?.next_word_inline))?;
    // A word that was shown and passed is not offered again, so these mean little then.
    if all.iter().all(|measured| measured.with_repeats.is_some()) {
        for i in 0..Rates::default().completion.len() {
            let what = format!("after {} letter{}", i + 1, if i == 0 { "" } else { "s" });
            line(&what, &|measured| Some(with_repeats(measured)?.completion[i]))?;
        }
    }
    Ok(())
}

/// Rates for one suggestion and for three.
fn write_rates(
    out: &mut impl Write,
    what: &str,
    all: &[Measured],
    of: &dyn Fn(&Measured) -> Option<[f64; 2]>,
) -> Result<()> {
    write_row(out, what, all, |measured| of(measured).map(|[one, three]| format!("{one:6.2}% {three:6.2}%")))
}

fn write_row(
    out: &mut impl Write,
    what: &str,
    all: &[Measured],
    of: impl Fn(&Measured) -> Option<String>,
) -> Result<()> {
    write!(out, "{what:<LABEL$}")?;
    let width = if all.len() > 1 { COLUMN } else { 0 };
    for measured in all {
        let cell = of(measured).unwrap_or_else(|| "–".into());
        write!(out, " {cell:>width$}")?;
    }
    writeln!(out)?;
    Ok(())
}

/// The end of a long name says most.
fn shortened(name: &str) -> String {
    let n = name.chars().count();
    if n < COLUMN { name.to_owned() } else { format!("…{}", name.chars().skip(n + 2 - COLUMN).collect::<String>()) }
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
