//! `egpt finetune --corpus`: own text.

use std::io::{self, Write};

use anyhow::{Context, Result};
use egpt_core::train::TrainData;
use egpt_core::train::replay::mix;
use egpt_core::weights::Weights;
use egpt_core::words::WordStatistics;
use embedded_gpt::Vocab;
use serde_json::json;

use super::{Base, FinetuneArgs, Text};

pub(super) fn run(base: &Base<'_>) -> Result<()> {
    let teachers = base.args.teacher.load()?;
    if let Some(teachers) = &teachers {
        teachers.check(&base.tokenizer)?;
    }
    let section = base.vocab_section()?;
    let vocab = base.vocab(&section)?;
    let mut texts = vec![Text::load(&base.args.source.corpus, &vocab)?];
    texts.extend(base.replay(&vocab)?);
    let at_first = measure(&texts, &base.checkpoint.weights, &vocab)?;
    let stream = match &texts[..] {
        [own, before, ..] => mix(&own.train, &before.train, base.args.replay_share.into()),
        _ => texts[0].train.clone(),
    };
    let soft_targets = teachers.map(|teachers| teachers.read(&stream)).transpose()?;
    let token_bytes = base.token_bytes(&vocab);
    let data = TrainData {
        train: &stream,
        valid: &texts[0].valid,
        token_bytes: Some(&token_bytes),
        soft_targets: soft_targets.as_deref(),
        ..TrainData::default()
    };
    let documents: Vec<&String> = texts.iter().flat_map(|text| &text.documents).collect();
    WordStatistics::of(&documents).save(&base.out.staging())?;
    let outcome = base.train(data)?;
    let at_last = measure(&texts, &outcome.weights, &vocab)?;
    base.save_card(&outcome, &texts[0].name, at_last[0])?;
    report(base.args, &texts, &at_first, &at_last)
}

/// Held-out bits per byte of each text.
fn measure(texts: &[Text], weights: &Weights, vocab: &Vocab<'_>) -> Result<Vec<Option<f64>>> {
    texts.iter().map(|text| text.bits_per_byte(weights, vocab)).collect()
}

fn report(args: &FinetuneArgs, texts: &[Text], at_first: &[Option<f64>], at_last: &[Option<f64>]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let rows = texts.iter().zip(at_first.iter().zip(at_last));
    if args.json {
        let texts: Vec<_> = rows
            .map(|(text, (first, last))| json!({"text": text.name, "bits_per_byte_before": first, "bits_per_byte": last}))
            .collect();
        writeln!(stdout, "{}", json!({"out": args.out, "texts": texts}))?;
        return Ok(());
    }
    for (text, (first, last)) in rows {
        if let (Some(first), Some(last)) = (first, last) {
            writeln!(stdout, "{}: {first:.3} → {last:.3} bits per byte (held-out part)", text.name)?;
        }
    }
    let out = args.out.display();
    writeln!(stdout, "{out}: done; next: egpt export {out} --quant q4 --out m.egpt").context("cannot print")
}
