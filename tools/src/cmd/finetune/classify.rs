//! `egpt finetune --classify`: a label for a text.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Result, ensure};
use egpt_core::task::{Labelled, Labels, NaiveBayes, accuracy, hold_out, label_example, label_token_name};
use egpt_core::tokenizer::add_special_tokens;
use embedded_gpt::format::labels::{QUESTION, TOKENS_AROUND};
use serde_json::json;

use super::Base;
use super::examples::{Examples, Learned};

pub(super) fn run(mut base: Base<'_>, path: &Path) -> Result<()> {
    let Labels { names, texts } = Labels::load(path)?;
    add_labels(&mut base, &names)?;
    let section = base.vocab_section()?;
    let vocab = base.vocab(&section)?;
    let n_ctx = base.checkpoint.weights.config.n_ctx;
    ensure!(n_ctx > TOKENS_AROUND, "a context of {n_ctx} tokens has no room for a text");
    let (train, held_out) = hold_out(texts, base.args.held_out.into(), |labelled| labelled.text.clone());
    let example =
        |labelled: &Labelled| label_example(&vocab, &labelled.text, number(&vocab, &names[labelled.label]), n_ctx);
    let examples =
        Examples { train: train.iter().map(example).collect(), held_out: held_out.iter().map(example).collect() };
    eprintln!(
        "{}: {} labels, {} texts to learn from, {} held out",
        path.display(),
        names.len(),
        train.len(),
        held_out.len()
    );
    let learned = base.learn(&vocab, &examples, false)?;
    base.save_card(&learned.outcome, &path.display().to_string(), None)?;

    let blob = base.blob(&learned.outcome.weights)?;
    let right = Right {
        model: accuracy(&blob.model()?, &names, &held_out)?,
        majority: majority(&train, &held_out, names.len()),
        naive_bayes: naive_bayes(&train, &held_out, names.len()),
        all: held_out.len(),
    };
    report(&base, &names, &learned, &right)
}

/// Held-out texts that get the right label.
struct Right {
    /// Right answers of the blob, as the device runs it.
    model: usize,
    /// Right answers if all get the most frequent label.
    majority: usize,
    /// Right answers of naive Bayes, from words counted.
    naive_bayes: usize,
    all: usize,
}

/// Gives tokenizer and model the tokens of the labels.
fn add_labels(base: &mut Base<'_>, names: &[String]) -> Result<()> {
    let tokens: Vec<String> =
        std::iter::once(QUESTION.to_owned()).chain(names.iter().map(|name| label_token_name(name))).collect();
    let n_vocab = add_special_tokens(&base.tokenizer, &tokens, &base.tokenizer)?;
    if n_vocab > base.checkpoint.weights.config.n_vocab {
        base.checkpoint.weights.extend_vocab(n_vocab);
    }
    Ok(())
}

/// A label's number in the vocabulary, which may have labels of an earlier training before.
fn number(vocab: &embedded_gpt::Vocab<'_>, name: &str) -> usize {
    let token = |name: &str| usize::from(vocab.special(name).expect("a token that was added"));
    token(&label_token_name(name)) - token(QUESTION) - 1
}

fn majority(train: &[Labelled], held_out: &[Labelled], n_labels: usize) -> usize {
    let count = |texts: &[Labelled], label| texts.iter().filter(|labelled| labelled.label == label).count();
    let most = (0..n_labels).max_by_key(|&label| count(train, label)).unwrap_or(0);
    count(held_out, most)
}

fn naive_bayes(train: &[Labelled], held_out: &[Labelled], n_labels: usize) -> usize {
    let bayes = NaiveBayes::new(train.iter(), n_labels);
    held_out.iter().filter(|labelled| bayes.classify(&labelled.text) == labelled.label).count()
}

fn report(base: &Base<'_>, names: &[String], learned: &Learned, right: &Right) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let share = |n: usize| n as f64 / right.all.max(1) as f64;
    if base.args.json {
        let result = json!({
            "out": base.args.out, "labels": names, "held_out": right.all, "accuracy": share(right.model),
            "majority": share(right.majority), "naive_bayes": share(right.naive_bayes),
            "replayed": learned.old.as_ref().map(|(name, [first, last])| json!({
                "text": name, "bits_per_byte_before": first, "bits_per_byte": last,
            })),
        });
        writeln!(stdout, "{result}")?;
        return Ok(());
    }
    writeln!(stdout, "labels: {}", names.join(", "))?;
    if right.all > 0 {
        writeln!(stdout, "right, of {} held-out texts:", right.all)?;
        for (what, n) in [
            ("the model, as the device runs it", right.model),
            ("the most frequent label for all", right.majority),
            ("naive Bayes over words", right.naive_bayes),
        ] {
            writeln!(stdout, "{what:<34} {n:>6}  {:5.1} %", 100.0 * share(n))?;
        }
    }
    if let Some((name, [first, last])) = &learned.old {
        writeln!(stdout, "{name}: {first:.3} → {last:.3} bits per byte (held-out part)")?;
    }
    let out = base.args.out.display();
    writeln!(stdout, "{out}: done; next: egpt export {out} --quant q8 --out m.egpt, egpt classify m.egpt --text …")?;
    Ok(())
}
