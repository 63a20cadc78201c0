//! `egpt finetune --pairs`: an output for an input.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Result, ensure};
use egpt_core::task::{Example, Pair, exact_matches, hold_out, pair_example};
use embedded_gpt::Vocab;
use serde_json::json;

use super::Base;
use super::examples::{Examples, Learned};

/// Held-out pairs that are answered at most; they take a session each.
const ANSWERED: usize = 500;

pub(super) fn run(base: &Base<'_>, path: &Path) -> Result<()> {
    let section = base.vocab_section()?;
    let vocab = base.vocab(&section)?;
    if vocab.folds_case() {
        eprintln!(
            "this model knows small letters only, so its outputs have no capitals; where they matter, begin with egpt train \
             --keep-case"
        );
    }
    let pairs = fitting(base, &vocab, Pair::load(path)?)?;
    let (train, mut held_out) = hold_out(pairs, base.args.held_out.into(), |(pair, _)| pair.input.clone());
    held_out.truncate(ANSWERED);
    let examples = |pairs: &[(Pair, Example)]| pairs.iter().map(|(_, example)| example.clone()).collect();
    let examples = Examples { train: examples(&train), held_out: examples(&held_out) };
    eprintln!("{}: {} pairs to learn from, {} held out", path.display(), train.len(), held_out.len());
    let learned = base.learn(&vocab, &examples, true)?;
    base.save_card(&learned.outcome, &path.display().to_string(), None)?;

    let asked: Vec<Pair> = held_out.into_iter().map(|(pair, _)| pair).collect();
    let blob = base.blob(&learned.outcome.weights)?;
    let exact = exact_matches(&blob.model()?, &asked)?;
    report(base, &learned, exact, asked.len())
}

/// The pairs that the model's context has room for.
fn fitting(base: &Base<'_>, vocab: &Vocab<'_>, pairs: Vec<Pair>) -> Result<Vec<(Pair, Example)>> {
    let (n, n_ctx) = (pairs.len(), base.checkpoint.weights.config.n_ctx);
    let with_tokens = pairs.into_iter().map(|pair| (pair_example(vocab, &pair), pair)).map(|(a, b)| (b, a));
    let fitting: Vec<_> = with_tokens.filter(|(_, example)| example.tokens.len() <= n_ctx).collect();
    ensure!(!fitting.is_empty(), "no pair fits into the model's context of {n_ctx} tokens: make them shorter");
    if fitting.len() < n {
        eprintln!(
            "{} of {n} pairs are longer than the model's context of {n_ctx} tokens and left out",
            n - fitting.len()
        );
    }
    Ok(fitting)
}

fn report(base: &Base<'_>, learned: &Learned, exact: usize, asked: usize) -> Result<()> {
    let mut stdout = io::stdout().lock();
    if base.args.json {
        let result = json!({
            "out": base.args.out, "held_out": asked, "exact": exact,
            "loss_before": learned.loss.map(|loss| loss[0]), "loss": learned.loss.map(|loss| loss[1]),
            "replayed": learned.old.as_ref().map(|(name, [first, last])| json!({
                "text": name, "bits_per_byte_before": first, "bits_per_byte": last,
            })),
        });
        writeln!(stdout, "{result}")?;
        return Ok(());
    }
    if let Some([first, last]) = learned.loss {
        writeln!(stdout, "held-out outputs: {first:.3} → {last:.3} nats per token")?;
        let share = 100.0 * exact as f64 / asked as f64;
        writeln!(stdout, "{exact} of {asked} held-out inputs are answered with exactly their output ({share:.1} %)")?;
    }
    if let Some((name, [first, last])) = &learned.old {
        writeln!(stdout, "{name}: {first:.3} → {last:.3} bits per byte (held-out part)")?;
    }
    let out = base.args.out.display();
    writeln!(stdout, "{out}: done; next: egpt export {out} --quant q8 --out m.egpt, egpt generate m.egpt --input …")?;
    Ok(())
}
