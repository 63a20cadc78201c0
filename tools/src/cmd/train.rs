//! `egpt train`: text → tokenizer → trained checkpoint directory.

mod directory;
mod interrupt;
mod pace;
mod presets;
mod report;
mod shape;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use bytesize::ByteSize;
use clap::Args;
use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::{Checkpoint, SpecialTokens};
use egpt_core::corpus::{Corpus, text_len};
use egpt_core::language::{code_of, fold_alike, name_of};
use egpt_core::model_card::ModelCard;
use egpt_core::output_dir::OutputDir;
use egpt_core::tokenizer::{self, END_OF_TEXT, TrainSettings, encode_documents, vocab_section};
use egpt_core::train::schedule::Schedule;
use egpt_core::train::{
    self, Budget, Outcome, Source, Spellings, Start, TrainConfig, TrainData, Training, TrainingState,
};
use egpt_core::weights::Weights;
use egpt_core::word_rule;
use egpt_core::words::WordStatistics;
use egpt_core::{design, parallel};
use embedded_gpt::{Config, TokenId, Vocab};

pub use self::interrupt::SIGINT_EXIT;
pub(super) use self::interrupt::stopped_by_signals;
use self::pace::{Pace, Strides};
use self::presets::Preset;
pub use self::report::Interrupted;
use self::shape::ShapeArgs;
use super::ranges;
use super::teacher::TeacherArgs;
use crate::progress::TrainingDisplay;
use crate::report as report_page;

const EXAMPLES: &str = "\
Examples:
  egpt train --corpus chitchat --out runs/chat --minutes 10
  egpt train --corpus notes.txt letters/ --out runs/mine --preset tiny --steps 2000
  egpt train --corpus chitchat --out runs/keyboard --flash 256KiB --ram 32KiB --minutes 60
  egpt train --corpus chitchat --out runs/chat --minutes 10 --resume   # goes on after Ctrl-C
  egpt train --corpus chitchat --out runs/keyboard --preset 512KiB --minutes 60 --teacher runs/large";

/// Train a tokenizer and a model on text, into a Hugging Face checkpoint directory.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct TrainArgs {
    /// `chitchat` (fetched), or text files, directories, `-` for standard input.
    #[arg(long, required = true, num_args = 1..)]
    corpus: Vec<String>,
    /// The checkpoint directory to write.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    shape: ShapeArgs,
    /// Train for this long, tokenizer not included. The default is 10.
    #[arg(long, conflicts_with = "steps", value_parser = ranges::minutes, allow_negative_numbers = true)]
    minutes: Option<f64>,
    /// Train for this many updates: the same result every time.
    #[arg(long, value_parser = ranges::count::<u64>, allow_negative_numbers = true)]
    steps: Option<u64>,
    /// Go on from the checkpoint in --out, with the same text and settings.
    #[arg(long)]
    resume: bool,
    /// Decides the first weights and the order of the data.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How large its steps are: short for up to 15 minutes, else long, unless given.
    #[arg(long)]
    pace: Option<Pace>,
    /// Windows per update, instead of the pace's.
    #[arg(long, value_parser = ranges::count::<usize>, allow_negative_numbers = true)]
    batch: Option<usize>,
    /// Highest learning rate of the schedule.
    #[arg(long, default_value_t = 1e-2, value_parser = ranges::share, allow_negative_numbers = true)]
    learning_rate: f32,
    /// Share of activations dropped while training; for little text and many passes.
    #[arg(long, default_value_t = 0.0, value_parser = ranges::dropout, allow_negative_numbers = true)]
    dropout: f32,
    /// How much of the training computes with rounded weights, at a low rate.
    #[arg(long, default_value_t = 0.2, value_parser = ranges::share, allow_negative_numbers = true)]
    quant_share: f32,
    #[command(flatten)]
    teacher: TeacherArgs,
    /// Worker threads instead of one per processor.
    #[arg(long, value_parser = ranges::count::<usize>, allow_negative_numbers = true)]
    threads: Option<usize>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Trains, and says how it went.
///
/// # Errors
/// If the text cannot be read, the directory cannot be written or holds another model, or training fails; what was
/// trained until then is in the directory. [`Interrupted`] after Ctrl-C or SIGTERM.
pub fn run(args: &TrainArgs) -> Result<()> {
    args.threads.map_or(Ok(()), parallel::use_threads)?;
    let shape = args.shape.config()?;
    let out = OutputDir::lock(&args.out)?;
    directory::check(args, &shape)?;
    let teachers = args.teacher.load()?;
    let corpus = Corpus::load(&args.corpus)?;
    WordStatistics::of(&corpus.train).save(&out.staging())?;
    let kept = args.out.join("tokenizer.json");
    let tokenizer = if args.resume { kept.clone() } else { out.staging().join("tokenizer.json") };
    let n_vocab = match &teachers {
        _ if args.resume => tokenizer::n_vocab(&tokenizer)?,
        Some(teachers) => teachers.lend_tokenizer(args.shape.n_vocab.unwrap_or(shape.n_vocab), &tokenizer)?,
        None => train_tokenizer(args, &shape, &corpus, &tokenizer)?,
    };
    let special = SpecialTokens { bos: None, eos: Some(0), pad: None };
    let section = BlobFile::new(&vocab_section(&tokenizer, n_vocab, special)?);
    let vocab = Vocab::parse(section.bytes(), n_vocab)?;
    check_language(args, &vocab)?;

    let train_tokens = encode_documents(&vocab, &corpus.train)?;
    let valid_tokens = encode_documents(&vocab, &corpus.valid)?;
    describe_data(&corpus, &train_tokens, &valid_tokens);
    check_length(args, train_tokens.len(), shape.n_ctx)?;

    let shape = shape.with(|c| c.n_vocab = n_vocab);
    let stopped = args.resume.then(|| TrainingState::load(&args.out)).transpose()?;
    let strides = strides(args, stopped.as_ref());
    if let Some(teachers) = &teachers {
        teachers.check(&tokenizer)?;
    }
    let weights = teachers.as_ref().map_or(&[][..], |teachers| &teachers.weights);
    let source = Source::new([&train_tokens, &valid_tokens], &tokenizer, weights)?;
    let config = TrainConfig { source: Some(source), ..train_config(args, shape.n_ctx, strides) };
    let start = match stopped {
        Some(state) => Start::Resume { model: shape, state: Box::new(state) },
        None => Start::Fresh(train::random_weights(&shape, args.seed)?),
    };
    let steps_before = match &start {
        Start::Fresh(weights) => {
            eprintln!("{}: {} parameters{}", args.shape.name(), weights.n_parameters(), sizes(args, &shape));
            0
        }
        Start::Resume { state, .. } => state.optimizer.steps,
    };
    let is_done = check_begun(args, &config, &start, &vocab)?;
    let soft_targets = teachers.filter(|_| !is_done).map(|teachers| teachers.read(&train_tokens)).transpose()?;
    let token_bytes: Vec<u16> = (0..n_vocab).map(|token| vocab.token_len(token as TokenId) as u16).collect();
    let spellings = Spellings::of(&vocab);
    let data = TrainData {
        train: &train_tokens,
        valid: &valid_tokens,
        token_bytes: Some(&token_bytes),
        spellings: strides.shares_spellings.then_some(&spellings),
        weights: None,
        soft_targets: soft_targets.as_deref(),
    };
    let save = |weights: &Weights, dir: &Path| -> Result<()> {
        Checkpoint { weights: weights.clone(), special, tokenizer: Some(kept.clone()) }.save(dir)?;
        Ok(())
    };
    let training = Training::new(&config, start, data)?;
    let mut progress = TrainingDisplay::new();
    let outcome = stopped_by_signals(|stop| {
        out.commit()?;
        training.run(&args.out, &save, stop, &mut |event| progress.observe(event))
    })?;
    card(args, &corpus, &outcome).save(&args.out)?;
    write_report(args, &corpus);
    report::report(args, &outcome, steps_before)
}

/// Refuses to go on with other settings, before teachers read the text, which takes minutes. Whether all is done
/// already.
fn check_begun(args: &TrainArgs, config: &TrainConfig, start: &Start, vocab: &Vocab<'_>) -> Result<bool> {
    let Start::Resume { state, .. } = start else { return Ok(false) };
    config.check_resumed(&state.config)?;
    if state.config.source.is_none() {
        eprintln!("note: an earlier version began this training: whether --corpus is the same text is not known");
    }
    let keeps_case = |folds_case: bool| if folds_case { "without" } else { "with" };
    let (now, then) = [args.shape.folds_case(), vocab.folds_case()].map(keeps_case).into();
    // A teacher's tokenizer decides for its learner.
    ensure!(
        now == then || !args.teacher.dirs.is_empty(),
        "this training was begun {then} --keep-case and cannot go on {now} it"
    );
    Ok(config.is_done(state.optimizer.steps, state.seconds))
}

/// Refuses a tokenizer that is there already, a teacher's or that of a training begun, if it folds other letters.
fn check_language(args: &TrainArgs, vocab: &Vocab<'_>) -> Result<()> {
    let asked = args.shape.language.unwrap_or_default();
    ensure!(
        !vocab.folds_case() || fold_alike(vocab.language(), asked),
        "the tokenizer that this training goes on with makes small letters of capitals as in {}, not as in {}: \
         --language has to be that of its training",
        name_of(vocab.language()),
        name_of(asked)
    );
    Ok(())
}

/// The training is done and saved: it does not fail for want of a page about it.
fn write_report(args: &TrainArgs, corpus: &Corpus) {
    match report_page::after_training(&args.out, corpus) {
        Ok(page) => eprintln!("{}: how it went, for a browser", page.display()),
        Err(error) => eprintln!("warning: no report: {error:#}"),
    }
}

fn train_tokenizer(args: &TrainArgs, shape: &Config, corpus: &Corpus, out: &Path) -> Result<usize> {
    let wanted = args.shape.n_vocab.unwrap_or(shape.n_vocab);
    let folded = args.shape.folded();
    let letters = if folded.is_some() { " in small letters" } else { "" };
    eprintln!("training a tokenizer of {wanted} tokens{letters}");
    let settings = TrainSettings { n_vocab: wanted, folded, ..TrainSettings::default() };
    let n_vocab = tokenizer::train(corpus.train.iter().map(String::as_str), settings, out)?;
    if n_vocab < wanted {
        eprintln!("the text has pairs enough for {n_vocab} tokens only");
    }
    Ok(n_vocab)
}

fn describe_data(corpus: &Corpus, train: &[TokenId], valid: &[TokenId]) {
    let bytes = text_len(&corpus.train);
    let text = ByteSize(bytes as u64).display().si();
    let n_tokens = match train.len() {
        n if bytes < 1_000_000 => n.to_string(),
        n => format!("{:.2} million", n as f64 / 1e6),
    };
    let per_token = bytes as f64 / train.len() as f64;
    let valid = valid.len();
    eprintln!(
        "{}: {text}, {n_tokens} tokens to learn from ({per_token:.2} bytes each), {valid} to validate",
        corpus.name
    );
}

/// Refuses text that does not fill the context once; advises a shorter one where there is one to choose.
fn check_length(args: &TrainArgs, n_tokens: usize, n_ctx: usize) -> Result<()> {
    let shorter = Preset::Tiny.config(args.shape.arch).n_ctx;
    let has_choice = args.shape.flash.is_none() && shorter < n_ctx && shorter < n_tokens;
    let advice =
        if has_choice { format!(", or take --preset tiny, whose context is {shorter}") } else { String::new() };
    ensure!(n_tokens > n_ctx, "{n_tokens} tokens are too few for a context of {n_ctx}: add text{advice}");
    Ok(())
}

/// What the model will take, where the format of the export is known.
fn sizes(args: &TrainArgs, shape: &Config) -> String {
    let Some(quant) = args.shape.quant() else { return String::new() };
    let (flash, ram) = (design::flash_len(shape, quant), design::ram_len(shape));
    format!(
        ", {} dimensions, {} layers; about {} KiB of flash in {quant}, {} KiB of RAM for {} tokens",
        shape.n_embd,
        shape.n_layer,
        flash.div_ceil(1024),
        ram.div_ceil(1024),
        shape.n_ctx
    )
}

fn budget(args: &TrainArgs) -> Budget {
    args.steps.map_or(Budget::Minutes(args.minutes.unwrap_or(10.0)), Budget::Steps)
}

/// The strides as asked for, or else as the training was begun, or else as suits its length.
fn strides(args: &TrainArgs, stopped: Option<&TrainingState>) -> Strides {
    let usual = match (args.pace, stopped) {
        (None, Some(state)) => Strides::of(state),
        (pace, _) => pace.unwrap_or(Pace::of(budget(args))).strides(),
    };
    Strides { batch: args.batch.unwrap_or(usual.batch), ..usual }
}

fn train_config(args: &TrainArgs, n_ctx: usize, strides: Strides) -> TrainConfig {
    let defaults = TrainConfig::default();
    let mut schedule = defaults.schedule;
    // Weights that are rounded come to rest on their codes only if the last updates are small.
    schedule.peak = args.learning_rate;
    schedule.floor = Schedule::floor(args.learning_rate, args.shape.quant());
    TrainConfig {
        context: n_ctx,
        stride: n_ctx,
        batch: strides.batch,
        budget: budget(args),
        schedule,
        dropout: args.dropout,
        seed: args.seed,
        adamw: strides.adamw,
        quant: args.shape.quant(),
        quant_share: f64::from(args.quant_share),
        teacher_share: args.teacher.share(),
        ..defaults
    }
}

fn card(args: &TrainArgs, corpus: &Corpus, outcome: &Outcome) -> ModelCard {
    // A training that was stopped has gone on after its last measurement.
    let measured_last = outcome.history.last().filter(|point| point.step == outcome.steps);
    ModelCard {
        name: args.out.file_name().map_or_else(|| "model".into(), |name| name.to_string_lossy().into_owned()),
        corpus: corpus.name.clone(),
        licence: corpus.licence.clone(),
        language: args.shape.language.and_then(code_of).map(str::to_owned),
        word_rule: args.shape.word_rule.map(|rule| word_rule::name_of(rule).to_owned()),
        training: format!(
            "{}, seed {}, {} updates in {:.0} s{}{}, end of text {END_OF_TEXT}",
            args.shape.name(),
            args.seed,
            outcome.steps,
            outcome.seconds,
            args.shape.quant().map(|quant| format!(", rounded to {quant}")).unwrap_or_default(),
            args.teacher.named()
        ),
        bits_per_byte: measured_last.and_then(|point| point.valid_bits_per_byte),
    }
}
