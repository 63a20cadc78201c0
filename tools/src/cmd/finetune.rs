//! `egpt finetune`: a trained checkpoint and own text → a checkpoint that knows both.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use embedded_gpt::{TokenId, Vocab};
use serde_json::json;

use super::ranges;
use crate::blob_file::BlobFile;
use crate::checkpoint::Checkpoint;
use crate::corpus::{Corpus, chitchat};
use crate::export::is_rounded;
use crate::model_card::ModelCard;
use crate::quantize::Quant;
use crate::tokenizer::{encode_documents, vocab_section};
use crate::train::replay::mix;
use crate::train::schedule::Schedule;
use crate::train::{self, Budget, Outcome, Progress, Start, TrainConfig, TrainData, evaluate};
use crate::weights::Weights;

const EXAMPLES: &str = "\
Half of what the model reads is the text that it was trained on, so that it does not forget that:
the default corpus if it was that, or what --replay names.

Examples:
  egpt finetune runs/chat --corpus my-mails.txt --out runs/mine
  egpt finetune runs/mails --corpus new/ --replay old/ --out runs/both --minutes 10";

/// Train a checkpoint on with own text.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct FinetuneArgs {
    /// The checkpoint directory to begin with.
    dir: PathBuf,
    /// Own text: files, directories, `-` for standard input.
    #[arg(long, required = true, num_args = 1..)]
    corpus: Vec<String>,
    /// The checkpoint directory to write.
    #[arg(long)]
    out: PathBuf,
    /// Text that must not be forgotten, as for --corpus.
    #[arg(long, num_args = 1..)]
    replay: Vec<String>,
    /// Share of that text in what is read; 0 is none.
    #[arg(long, default_value_t = 0.5, value_parser = ranges::dropout, allow_negative_numbers = true)]
    replay_share: f32,
    /// Train for this long. The default is 2.
    #[arg(long, conflicts_with = "steps", value_parser = ranges::minutes, allow_negative_numbers = true)]
    minutes: Option<f64>,
    /// Train for this many updates: the same result every time.
    #[arg(long, value_parser = ranges::count::<u64>, allow_negative_numbers = true)]
    steps: Option<u64>,
    /// Highest learning rate; more learns faster and forgets more.
    #[arg(long, default_value_t = 2e-3, value_parser = ranges::share, allow_negative_numbers = true)]
    learning_rate: f32,
    /// Share of activations dropped while training; for little text and many passes.
    #[arg(long, default_value_t = 0.0, value_parser = ranges::dropout, allow_negative_numbers = true)]
    dropout: f32,
    /// Compute with weights rounded to the format of the export; that of the checkpoint unless given.
    #[arg(long, value_enum)]
    quant: Option<Quant>,
    /// Windows per update.
    #[arg(long, default_value_t = 32, value_parser = ranges::count::<usize>, allow_negative_numbers = true)]
    batch: usize,
    /// Decides the order of the data.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Worker threads instead of one per processor.
    #[arg(long, value_parser = ranges::count::<usize>, allow_negative_numbers = true)]
    threads: Option<usize>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// A text in tokens.
struct Text {
    name: String,
    train: Vec<TokenId>,
    valid: Vec<TokenId>,
}

impl Text {
    fn load(specs: &[String], vocab: &Vocab<'_>, threads: usize) -> Result<Self> {
        let corpus = Corpus::load(specs)?;
        let train = encode_documents(vocab, &corpus.train, threads)?;
        let valid = encode_documents(vocab, &corpus.valid, threads)?;
        Ok(Self { name: corpus.name, train, valid })
    }

    /// Bits per byte of the held-out part, if there is one.
    fn bits_per_byte(&self, weights: &Weights, vocab: &Vocab<'_>, threads: usize) -> Result<Option<f64>> {
        let valid = &self.valid[..self.valid.len().min(TrainConfig::default().valid_tokens)];
        if valid.len() < 2 {
            return Ok(None);
        }
        let n_ctx = weights.config.n_ctx;
        let bytes: u64 = valid[1..].iter().map(|&token| vocab.token_len(token) as u64).sum();
        Ok(Some(evaluate(weights, valid, n_ctx, n_ctx, threads)?.bits_per_byte(bytes)))
    }
}

/// Trains, and says what was learned and what forgotten.
///
/// # Errors
/// If the checkpoint or a text cannot be read, the directory is not free or cannot be written, or training fails.
pub fn run(args: &FinetuneArgs) -> Result<()> {
    ensure!(
        !args.out.join("config.json").exists(),
        "{} already holds a model: choose another --out",
        args.out.display()
    );
    let checkpoint = Checkpoint::load(&args.dir)?;
    let Some(tokenizer) = &checkpoint.tokenizer else {
        bail!("{} has no tokenizer.json, so no text can be learned from", args.dir.display())
    };
    let n_vocab = checkpoint.weights.config.n_vocab;
    let section = BlobFile::new(&vocab_section(tokenizer, n_vocab, checkpoint.special)?);
    let vocab = Vocab::parse(section.bytes(), n_vocab)?;
    let card = ModelCard::load(&args.dir)?.unwrap_or_default();

    let threads = args.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let mut texts = vec![Text::load(&args.corpus, &vocab, threads)?];
    if let Some(specs) = replay(args, &card) {
        texts.push(Text::load(&specs, &vocab, threads)?);
    }
    let at_first = measure(&texts, &checkpoint.weights, &vocab, threads)?;
    let outcome = train_on(args, &checkpoint, &texts, &vocab)?;
    let at_last = measure(&texts, &outcome.weights, &vocab, threads)?;
    let training = format!("{}; then {} updates on {}", card.training, outcome.steps, texts[0].name);
    let name = args.out.file_name().map_or_else(|| card.name.clone(), |name| name.to_string_lossy().into_owned());
    ModelCard { name, training, bits_per_byte: at_last[0], ..card }.save(&args.out)?;
    report(args, &texts, &at_first, &at_last)
}

/// Held-out bits per byte of each text.
fn measure(texts: &[Text], weights: &Weights, vocab: &Vocab<'_>, threads: usize) -> Result<Vec<Option<f64>>> {
    texts.iter().map(|text| text.bits_per_byte(weights, vocab, threads)).collect()
}

/// Trains on the first of the texts, with the second one replayed.
fn train_on(args: &FinetuneArgs, checkpoint: &Checkpoint, texts: &[Text], vocab: &Vocab<'_>) -> Result<Outcome> {
    let stream = match texts {
        [own, before, ..] => mix(&own.train, &before.train, args.replay_share.into()),
        _ => texts[0].train.clone(),
    };
    let save = |weights: &Weights, dir: &Path| -> Result<()> {
        Ok(Checkpoint { weights: weights.clone(), ..checkpoint.clone() }.save(dir)?)
    };
    let n_vocab = checkpoint.weights.config.n_vocab;
    let token_bytes: Vec<u16> = (0..n_vocab).map(|token| vocab.token_len(token as TokenId) as u16).collect();
    let data = TrainData { train: &stream, valid: &texts[0].valid, token_bytes: Some(&token_bytes) };
    let config = config(args, &checkpoint.weights);
    let stop = train::stop_on_ctrl_c()?;
    let mut progress = Progress::new();
    let start = Start::Fresh(checkpoint.weights.clone());
    train::run(&config, start, data, &args.out, &save, &stop, &mut |event| progress.observe(event))
}

/// The text to replay: what is asked for, or the default corpus where the model comes from it.
fn replay(args: &FinetuneArgs, card: &ModelCard) -> Option<Vec<String>> {
    if args.replay_share == 0.0 {
        return None;
    }
    if !args.replay.is_empty() {
        return Some(args.replay.clone());
    }
    let is_default = card.corpus.contains(chitchat::NAME);
    if !is_default {
        eprintln!("no --replay: the model will forget some of what it was trained on");
    }
    is_default.then(|| vec![chitchat::NAME.to_owned()])
}

fn config(args: &FinetuneArgs, weights: &Weights) -> TrainConfig {
    let n_ctx = weights.config.n_ctx;
    let quant = args.quant.or_else(|| is_rounded(weights, Quant::Q4).then_some(Quant::Q4));
    TrainConfig {
        context: n_ctx,
        stride: n_ctx,
        batch: args.batch,
        budget: args.steps.map_or(Budget::Minutes(args.minutes.unwrap_or(2.0)), Budget::Steps),
        schedule: Schedule {
            peak: args.learning_rate,
            floor: Schedule::floor(args.learning_rate, quant),
            warmup: 0.05,
        },
        seed: args.seed,
        n_threads: args.threads,
        dropout: args.dropout,
        quant,
        quant_share: 1.0,
        ..TrainConfig::default()
    }
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
