//! How a training went, for people and for machines.

use std::io::{self, Write};

use anyhow::Result;
use serde_json::json;

use super::TrainArgs;
use crate::quantize::Quant;
use crate::train::{HistoryPoint, Outcome};

/// Ctrl-C ended a training; its checkpoint is saved.
#[derive(Debug, thiserror::Error)]
#[error("{out}: stopped at step {step}; the same command with --resume goes on from here")]
pub struct Interrupted {
    out: String,
    step: u64,
}

/// Prints the outcome of a training that began with `steps_before` updates made.
///
/// # Errors
/// [`Interrupted`] if it was.
pub(super) fn report(args: &TrainArgs, outcome: &Outcome, steps_before: u64) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let out = args.out.display().to_string();
    if args.json {
        writeln!(stdout, "{}", as_json(args, outcome))?;
    } else {
        write_chart(&mut stdout, &outcome.history)?;
    }
    if !outcome.finished {
        return Err(Interrupted { out, step: outcome.steps }.into());
    }
    if outcome.steps == steps_before {
        eprintln!("{out}: {}", nothing_to_do(args, outcome));
    } else if !args.json {
        writeln!(
            stdout,
            "{out}: done; next: egpt export {out} --quant {} --out m.egpt",
            args.shape.quant().unwrap_or(Quant::Q8)
        )?;
    }
    Ok(())
}

fn as_json(args: &TrainArgs, outcome: &Outcome) -> serde_json::Value {
    let point =
        |p: &HistoryPoint| json!({"step": p.step, "seconds": p.seconds, "bits_per_byte": p.valid_bits_per_byte});
    let history: Vec<_> = outcome.history.iter().filter(|p| p.valid_loss.is_some()).map(point).collect();
    json!({"out": args.out, "steps": outcome.steps, "finished": outcome.finished, "history": history})
}

/// A line per measurement, with a bar.
fn write_chart(out: &mut impl Write, history: &[HistoryPoint]) -> io::Result<()> {
    let measured: Vec<_> = history.iter().filter_map(|point| Some((point, point.valid_bits_per_byte?))).collect();
    if measured.is_empty() {
        return Ok(());
    }
    writeln!(out, "held-out bits per byte while training (lower is better):")?;
    let most = measured.iter().map(|&(_, bits)| bits).fold(0.0, f64::max);
    for (point, bits) in measured {
        let bar = "█".repeat((bits / most * 40.0).round() as usize);
        writeln!(out, "{:>8} updates {:>6.0} s  {bits:.3} {bar}", point.step, point.seconds)?;
    }
    Ok(())
}

fn nothing_to_do(args: &TrainArgs, outcome: &Outcome) -> String {
    match args.steps {
        Some(steps) => format!("already at step {} of {steps}: nothing to do", outcome.steps),
        None => format!("already trained for {:.1} minutes, as long as asked: nothing to do", outcome.seconds / 60.0),
    }
}
