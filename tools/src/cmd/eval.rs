//! `egpt eval`: bits per byte, perplexity, and what the suggestions save a typist.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use embedded_gpt::tensor::Format;
use embedded_gpt::{Model, Suggester};
use serde_json::json;

use crate::blob_file::BlobFile;
use crate::checkpoint::Checkpoint;
use crate::eval::bits_per_byte::{self, TextLoss};
use crate::eval::ksr::Rates;
use crate::eval::steps::Steps;
use crate::eval::suggestions::{self, Settings};
use crate::eval::token_stream::TokenStream;
use crate::eval::typed_text::TypedText;
use crate::export::blob_of;

const EXAMPLES: &str = "\
The text has one message per line and a blank line between conversations.

Bits per byte are those of the whole text, and a checkpoint's are computed in f32. Next words and
keystroke savings are those of the blob's suggestions, or of the q8 blob that would be exported;
both are rates in percent, 0 to 100, in JSON too.

Examples:
  egpt eval m.egpt --text chat.txt
  egpt eval m.egpt --text chat.txt --limit-words 1000 --budget 5 --json
  egpt eval runs/small --text chat.txt";

/// Measure a model on a text: bits per byte, perplexity, next words, keystroke savings.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct EvalArgs {
    /// A blob, or a checkpoint directory.
    model: PathBuf,
    /// The text, in UTF-8.
    #[arg(long, value_name = "FILE")]
    text: PathBuf,
    /// Type no more lines after this many words; 0 types none.
    #[arg(long)]
    limit_words: Option<usize>,
    /// Decode steps that the search after a keystroke may take, beside those that read the text.
    #[arg(long, default_value_t = Suggester::DEFAULT_BUDGET)]
    budget: usize,
    /// Context in tokens; what the model was trained for unless given.
    #[arg(long)]
    context: Option<usize>,
    /// Do not offer a word again that was shown and not taken.
    #[arg(long)]
    new_only: bool,
    /// Learn the typist's words line by line, in a memory of so many bytes; 0 learns nothing.
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    personal: usize,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// What was measured.
struct Figures {
    loss: TextLoss,
    words: usize,
    rates: Rates,
    steps: Steps,
}

/// Measures and reports.
///
/// # Errors
/// If model or text cannot be read, or the text is too short.
pub fn run(args: &EvalArgs) -> Result<()> {
    let text = read_text(&args.text)?;
    let figures = if args.model.is_dir() { of_checkpoint(args, &text)? } else { of_blob(args, &text)? };
    report(&figures, args)
}

fn of_blob(args: &EvalArgs, text: &str) -> Result<Figures> {
    let file = BlobFile::read(&args.model)?;
    let model = file.model()?;
    let stream = TokenStream::new(text, &model.vocab());
    let loss = bits_per_byte::of_blob(&model, &stream, args.context.unwrap_or(model.config().n_ctx))?;
    type_text(args, &model, text, loss)
}

fn of_checkpoint(args: &EvalArgs, text: &str) -> Result<Figures> {
    let checkpoint = Checkpoint::load(&args.model)?;
    let file = BlobFile::new(&blob_of(&checkpoint, |_| Format::Q8, "")?);
    let model = file.model()?;
    let stream = TokenStream::new(text, &model.vocab());
    let context = args.context.unwrap_or(model.config().n_ctx);
    let loss = bits_per_byte::of_weights(&checkpoint.weights, &stream, context)?;
    type_text(args, &model, text, loss)
}

fn type_text(args: &EvalArgs, model: &Model<'_>, text: &str, loss: TextLoss) -> Result<Figures> {
    if args.limit_words == Some(0) {
        return Ok(Figures { loss, words: 0, rates: Rates::default(), steps: Steps::default() });
    }
    let typed = TypedText::new(text, args.limit_words);
    let settings =
        Settings { context: args.context, budget: args.budget, is_new_only: args.new_only, personal: args.personal };
    let (tally, steps) = suggestions::type_text(model, &typed, settings)?;
    Ok(Figures { loss, words: tally.words(), rates: tally.rates(typed.n_keys()), steps })
}

fn read_text(path: &Path) -> Result<String> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = String::from_utf8(bytes)
        .with_context(|| format!("{} is not UTF-8: convert it, for example with iconv", path.display()))?;
    ensure!(!text.trim().is_empty(), "{} has no text in it", path.display());
    Ok(text.replace("\r\n", "\n"))
}

fn report(figures: &Figures, args: &EvalArgs) -> Result<()> {
    let Figures { loss, words, rates, steps } = figures;
    let mut stdout = io::stdout().lock();
    if args.json {
        let rate = |rate: f64| (*words > 0).then_some(rate); // null where nothing was typed
        let result = json!({
            "bits_per_byte": loss.bits_per_byte, "perplexity": loss.perplexity, "words": words,
            "ksr1": rate(rates.ksr[0]), "ksr3": rate(rates.ksr[1]),
            "steps_mean": rate(steps.mean()), "steps_median": steps.quantile(0.5), "steps_p99": steps.quantile(0.99),
            "next_word_top1": rate(rates.next_word[0]), "next_word_top3": rate(rates.next_word[1]),
        });
        writeln!(stdout, "{result}")?;
        return Ok(());
    }
    writeln!(stdout, "bits per byte       {:7.4}", loss.bits_per_byte)?;
    writeln!(stdout, "perplexity          {:7.3} per token, {} tokens", loss.perplexity, loss.n_tokens)?;
    if *words == 0 {
        if args.limit_words != Some(0) {
            writeln!(stdout, "\nno words to type in {}", args.text.display())?;
        }
        return Ok(());
    }
    writeln!(stdout, "\n{words} words typed, a budget of {} decode steps per keystroke", args.budget)?;
    let (mean, median, p99) = (steps.mean(), steps.quantile(0.5), steps.quantile(0.99));
    writeln!(stdout, "taken, reading included: {mean:.2} on average, median {median}, 99th percentile {p99}")?;
    writeln!(stdout, "suggestions shown         1       3")?;
    let mut line = |what: &str, [one, three]: [f64; 2]| writeln!(stdout, "{what:<18} {one:6.2}% {three:6.2}%");
    line("keystrokes saved", rates.ksr)?;
    line("  spaces typed", rates.ksr_without_space)?;
    line("next word", rates.next_word)?;
    for (i, completion) in rates.completion.into_iter().enumerate() {
        line(&format!("after {} letter{}", i + 1, if i == 0 { "" } else { "s" }), completion)?;
    }
    Ok(())
}
