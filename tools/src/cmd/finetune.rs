//! `egpt finetune`: a trained checkpoint and own text, pairs or labelled texts → a checkpoint that knows both.

mod classify;
mod examples;
mod pairs;
mod text;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::Checkpoint;
use egpt_core::corpus::{Corpus, chitchat};
use egpt_core::export::blob_of;
use egpt_core::measure::evaluate;
use egpt_core::model_card::ModelCard;
use egpt_core::output_dir::OutputDir;
use egpt_core::parallel;
use egpt_core::quantize::{Quant, is_quantized};
use egpt_core::replace_file::copy_file;
use egpt_core::tokenizer::{encode_documents, vocab_section};
use egpt_core::train::schedule::Schedule;
use egpt_core::train::{Budget, Outcome, Source as TrainSource, Start, TrainConfig, TrainData, Training};
use egpt_core::weights::Weights;
use embedded_gpt::format::tensor::Format;
use embedded_gpt::{TokenId, Vocab};

use super::teacher::TeacherArgs;
use super::train::stopped_by_signals;
use super::{ensure_no_model, ranges};
use crate::progress::TrainingDisplay;

const EXAMPLES: &str = "\
Half of what the model reads is the text that it was trained on, so that it does not forget that:
the default corpus if it was that, or what --replay names.

Pairs are {\"input\": …, \"output\": …}, one per line, or text: Input: … Output: …; only the outputs are
learned. Labelled texts are {\"text\": …, \"label\": …}, one per line. A tenth of both is held out and measured.

Examples:
  egpt finetune runs/chat --corpus my-mails.txt --out runs/mine
  egpt finetune runs/mails --corpus new/ --replay old/ --out runs/both --minutes 10
  egpt finetune runs/chat --pairs orders.jsonl --out runs/orders   # then: egpt generate m.egpt --input …
  egpt finetune runs/chat --classify spam.jsonl --out runs/spam    # then: egpt classify m.egpt --text …";

/// Train a checkpoint on with own text, with pairs of input and output, or with labelled texts.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct FinetuneArgs {
    /// The checkpoint directory to begin with.
    dir: PathBuf,
    #[command(flatten)]
    source: Source,
    /// The checkpoint directory to write.
    #[arg(long)]
    out: PathBuf,
    /// Text that must not be forgotten, as for --corpus.
    #[arg(long, num_args = 1..)]
    replay: Vec<String>,
    /// Share of that text in what is read; 0 is none.
    #[arg(long, default_value_t = 0.5, value_parser = ranges::dropout, allow_negative_numbers = true)]
    replay_share: f32,
    /// Share of the pairs or labelled texts to measure with, not to learn from.
    #[arg(long, default_value_t = 0.1, value_parser = ranges::dropout, allow_negative_numbers = true)]
    held_out: f32,
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
    /// Quantization-aware training: compute with weights in this format, that of the export. The checkpoint's unless
    /// given.
    #[arg(long, value_parser = ranges::quant())]
    quant: Option<Quant>,
    #[command(flatten)]
    teacher: TeacherArgs,
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

/// What to learn.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Source {
    /// Own text: files, directories, `-` for standard input.
    #[arg(long, num_args = 1..)]
    corpus: Vec<String>,
    /// Pairs of input and output; only the outputs are learned.
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// Texts with labels, to tell apart.
    #[arg(long, value_name = "JSONL")]
    classify: Option<PathBuf>,
}

/// Trains, and says what was learned and what forgotten.
///
/// # Errors
/// If the checkpoint or what is to be learned cannot be read, the directory is not free or cannot be written, or
/// training fails.
pub fn run(args: &FinetuneArgs) -> Result<()> {
    ensure!(
        args.teacher.dirs.is_empty() || !args.source.corpus.is_empty(),
        "teachers read running text: --teacher goes with --corpus"
    );
    args.threads.map_or(Ok(()), parallel::use_threads)?;
    let base = Base::load(args)?;
    match (&args.source.pairs, &args.source.classify) {
        (Some(path), _) => pairs::run(&base, path),
        (_, Some(path)) => classify::run(base, path),
        _ => text::run(&base),
    }
}

/// What is trained on, and how.
struct Base<'a> {
    args: &'a FinetuneArgs,
    out: OutputDir,
    checkpoint: Checkpoint,
    /// The new model's, which is staged until the training begins.
    tokenizer: PathBuf,
    card: ModelCard,
    /// Whether to train with rounded weights.
    quant: Option<Quant>,
}

impl<'a> Base<'a> {
    fn load(args: &'a FinetuneArgs) -> Result<Self> {
        let out = OutputDir::lock(&args.out)?;
        ensure_no_model(&args.out)?;
        let checkpoint = Checkpoint::load(&args.dir)?;
        let before = checkpoint.tokenizer.as_ref();
        let before = before
            .with_context(|| format!("{} has no tokenizer.json, so no text can be learned from", args.dir.display()))?;
        let tokenizer = out.staging().join("tokenizer.json");
        copy_file(before, &tokenizer).with_context(|| format!("cannot copy {}", before.display()))?;
        let rounded = is_quantized(&checkpoint.weights, Quant::Q4).then_some(Quant::Q4);
        Ok(Self {
            args,
            out,
            tokenizer,
            card: ModelCard::load(&args.dir)?.unwrap_or_default(),
            quant: args.quant.or(rounded),
            checkpoint,
        })
    }

    /// The section with the vocabulary, to make a [`Vocab`] of.
    fn vocab_section(&self) -> Result<BlobFile> {
        let n_vocab = self.checkpoint.weights.config.n_vocab;
        Ok(BlobFile::new(&vocab_section(&self.tokenizer, n_vocab, self.checkpoint.special)?))
    }

    fn vocab<'s>(&self, section: &'s BlobFile) -> Result<Vocab<'s>> {
        Ok(Vocab::parse(section.bytes(), self.checkpoint.weights.config.n_vocab)?)
    }

    /// The text to replay: what is asked for, or the default corpus where the model comes from it.
    fn replay(&self, vocab: &Vocab<'_>) -> Result<Option<Text>> {
        let args = self.args;
        if args.replay_share == 0.0 {
            return Ok(None);
        }
        if !args.replay.is_empty() {
            return Text::load(&args.replay, vocab).map(Some);
        }
        if self.card.corpus.contains(chitchat::NAME) {
            return Text::load(&[chitchat::NAME.to_owned()], vocab).map(Some);
        }
        eprintln!("no --replay: the model will forget some of what it was trained on");
        Ok(None)
    }

    /// Trains, into `--out`.
    fn train(&self, data: TrainData<'_>) -> Result<Outcome> {
        let source = TrainSource::new([data.train, data.valid], &self.tokenizer, &[])?;
        let config = TrainConfig { source: Some(source), ..self.config() };
        let training = Training::new(&config, Start::Fresh(self.checkpoint.weights.clone()), data)?;
        let save = |weights: &Weights, dir: &Path| -> Result<()> { Ok(self.with_weights(weights).save(dir)?) };
        let mut progress = TrainingDisplay::new();
        let outcome = stopped_by_signals(|stop| {
            self.out.commit()?;
            training.run(&self.args.out, &save, stop, &mut |event| progress.observe(event))
        })?;
        if !outcome.finished {
            eprintln!("stopped after {} updates; the model knows what it learned until then", outcome.steps);
        }
        Ok(outcome)
    }

    fn config(&self) -> TrainConfig {
        let (args, n_ctx) = (self.args, self.checkpoint.weights.config.n_ctx);
        TrainConfig {
            context: n_ctx,
            stride: n_ctx,
            batch: args.batch,
            budget: args.steps.map_or(Budget::Minutes(args.minutes.unwrap_or(2.0)), Budget::Steps),
            schedule: Schedule {
                peak: args.learning_rate,
                floor: Schedule::floor(args.learning_rate, self.quant),
                warmup: 0.05,
            },
            seed: args.seed,
            dropout: args.dropout,
            quant: self.quant,
            quant_share: 1.0,
            teacher_share: args.teacher.share(),
            ..TrainConfig::default()
        }
    }

    /// The new model, once its training has begun.
    fn with_weights(&self, weights: &Weights) -> Checkpoint {
        let tokenizer = Some(self.args.out.join("tokenizer.json"));
        Checkpoint { weights: weights.clone(), special: self.checkpoint.special, tokenizer }
    }

    /// What the device would run with these weights.
    fn blob(&self, weights: &Weights) -> Result<BlobFile> {
        let format = self.quant.map_or(Format::Q8, Quant::format);
        Ok(BlobFile::new(&blob_of(&self.with_weights(weights), |_| format, "")?))
    }

    /// Writes the card of the new model.
    fn save_card(&self, outcome: &Outcome, learned: &str, bits_per_byte: Option<f64>) -> Result<()> {
        let card = self.card.clone();
        let training =
            format!("{}; then {} updates on {learned}{}", card.training, outcome.steps, self.args.teacher.named());
        let name = self.args.out.file_name().map_or_else(|| card.name.clone(), |name| name.to_string_lossy().into());
        ModelCard { name, training, bits_per_byte, ..card }.save(&self.args.out)
    }

    /// Bytes that each token stands for.
    fn token_bytes(&self, vocab: &Vocab<'_>) -> Vec<u16> {
        (0..self.checkpoint.weights.config.n_vocab).map(|token| vocab.token_len(token as TokenId) as u16).collect()
    }
}

/// A text in tokens.
struct Text {
    name: String,
    /// What `train` was before it was tokens.
    documents: Vec<String>,
    train: Vec<TokenId>,
    valid: Vec<TokenId>,
}

impl Text {
    fn load(specs: &[String], vocab: &Vocab<'_>) -> Result<Self> {
        let corpus = Corpus::load(specs)?;
        let train = encode_documents(vocab, &corpus.train)?;
        let valid = encode_documents(vocab, &corpus.valid)?;
        Ok(Self { name: corpus.name, documents: corpus.train, train, valid })
    }

    /// Bits per byte of the held-out part, if there is one.
    fn bits_per_byte(&self, weights: &Weights, vocab: &Vocab<'_>) -> Result<Option<f64>> {
        let valid = &self.valid[..self.valid.len().min(TrainConfig::default().valid_tokens)];
        if valid.len() < 2 {
            return Ok(None);
        }
        let n_ctx = weights.config.n_ctx;
        let bytes: u64 = valid[1..].iter().map(|&token| vocab.token_len(token) as u64).sum();
        Ok(Some(evaluate(weights, valid, n_ctx, n_ctx)?.bits_per_byte(bytes)))
    }
}
