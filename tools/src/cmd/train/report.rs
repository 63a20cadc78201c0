//! How a training went, for people and for machines.

use std::io::{self, Write};

use anyhow::Result;
use egpt_core::quantize::Quant;
use egpt_core::train::{HistoryPoint, Outcome};
use serde_json::json;

use super::TrainArgs;

/// Bits per byte over the best ones that are worth a warning.
const MUCH_WORSE: f64 = 1.02;

/// Ctrl-C or SIGTERM ended a training; its checkpoint is saved.
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
    if let Some((best, last)) = forgotten(&outcome.history) {
        eprintln!(
            "warning: held-out text was known best after {} updates ({:.3} bits per byte, {last:.3} now): the model learns its text by \
             heart. More text, fewer minutes, or egpt finetune of a model that knows the language help",
            best.step,
            best.valid_bits_per_byte.unwrap_or_default(),
        );
    }
    Ok(())
}

/// The measurement that was best and the last one, if that is clearly worse. Rounding costs up to a percent.
fn forgotten(history: &[HistoryPoint]) -> Option<(HistoryPoint, f64)> {
    let measured = || history.iter().filter_map(|point| Some((point, point.valid_bits_per_byte?)));
    let (best, least) = measured().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let (_, last) = measured().next_back()?;
    (last > MUCH_WORSE * least).then_some((*best, last))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_out_text_that_is_known_less_and_less_is_a_warning() {
        let history = |measured: &[f64]| -> Vec<HistoryPoint> {
            let point = |(i, bits): (usize, &f64)| HistoryPoint {
                step: i as u64,
                valid_bits_per_byte: Some(*bits),
                ..HistoryPoint::default()
            };
            measured.iter().enumerate().map(point).chain([HistoryPoint::default()]).collect()
        };
        assert_eq!(forgotten(&history(&[2.5, 2.2, 2.1])), None);
        assert_eq!(forgotten(&history(&[2.5, 2.1, 2.12])), None, "rounding costs as much");
        assert_eq!(forgotten(&[]), None);
        let (best, last) = forgotten(&history(&[2.5, 2.1, 2.4])).unwrap();
        assert_eq!((best.step, last), (1, 2.4));
    }
}
