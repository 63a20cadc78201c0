//! Held-out bits per byte of several shapes after the same training, on the chat corpus:
//! `cargo run --release -p egpt-core --example shape_study STEPS N_VOCAB,N_EMBD,N_LAYER,N_FF …`.
//!
//! For `docs/model-design.md`. Each shape has a tokenizer of its own size; every step sees 2,048 tokens.

use std::sync::atomic::AtomicBool;

use anyhow::{Context, Result, ensure};
use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::SpecialTokens;
use egpt_core::corpus::{Corpus, text_len};
use egpt_core::design::{Sizes, flash_len};
use egpt_core::quantize::Quant;
use egpt_core::tokenizer::{self, TrainSettings, encode_documents, vocab_section};
use egpt_core::train::schedule::Schedule;
use egpt_core::train::{Budget, Start, TrainConfig, TrainData, Training, random_weights};
use embedded_gpt::{TokenId, Vocab};

const CONTEXT: usize = 64;

fn study(corpus: &Corpus, steps: u64, sizes: Sizes) -> Result<()> {
    let dir = tempfile::tempdir()?;
    let path = dir.path().join("tokenizer.json");
    let settings = TrainSettings { n_vocab: sizes.n_vocab, ..TrainSettings::default() };
    let n_vocab = tokenizer::train(corpus.train.iter().map(String::as_str), settings, &path)?;
    let section = BlobFile::new(&vocab_section(&path, n_vocab, SpecialTokens { eos: Some(0), ..Default::default() })?);
    let vocab = Vocab::parse(section.bytes(), n_vocab)?;
    let (train, valid) = (encode_documents(&vocab, &corpus.train)?, encode_documents(&vocab, &corpus.valid)?);
    let token_bytes: Vec<u16> = (0..n_vocab).map(|token| vocab.token_len(token as TokenId) as u16).collect();
    let model = Sizes { n_vocab, ..sizes }.config();
    let weights = random_weights(&model, 1)?;
    let n_parameters = weights.n_parameters();
    let config = TrainConfig {
        context: CONTEXT,
        stride: CONTEXT,
        budget: Budget::Steps(steps),
        schedule: Schedule { peak: 1e-2, floor: 5e-4, ..Schedule::default() },
        validations: 1,
        ..TrainConfig::default()
    };
    let data = TrainData { train: &train, valid: &valid, token_bytes: Some(&token_bytes), ..TrainData::default() };
    let never = AtomicBool::new(false);
    let training = Training::new(&config, Start::Fresh(weights), data)?;
    let outcome = training.run(dir.path(), &|_, _| Ok(()), &never, &mut |_| {})?;
    let bits = outcome.history.last().and_then(|point| point.valid_bits_per_byte).context("no validation")?;
    println!(
        "{n_vocab} tokens, {} dimensions, {} layers, {} feed-forward: {n_parameters} parameters, {} KiB in q4, \
         {:.2} bytes per token, {bits:.4} bits per byte",
        model.n_embd,
        model.n_layer,
        model.n_ff,
        flash_len(&model, Quant::Q4) >> 10,
        text_len(&corpus.train) as f64 / train.len() as f64,
    );
    Ok(())
}

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let steps = args.next().context("how many steps?")?.parse()?;
    let corpus = Corpus::load(&["chitchat".to_owned()])?;
    for shape in args {
        let numbers: Vec<usize> = shape.split(',').map(str::parse).collect::<Result<_, _>>()?;
        ensure!(numbers.len() == 4, "a shape is N_VOCAB,N_EMBD,N_LAYER,N_FF, not {shape}");
        let [n_vocab, n_embd, n_layer, n_ff] = [numbers[0], numbers[1], numbers[2], numbers[3]];
        study(&corpus, steps, Sizes { n_vocab, n_ctx: CONTEXT, n_layer, n_embd, n_ff })?;
    }
    Ok(())
}
