//! `egpt generate`: text from a blob, as the device would write it.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use egpt_core::blob_file::BlobFile;
use egpt_core::session_memory::SessionMemory;
use egpt_core::task;
use embedded_gpt::{MAX_TOKEN_BYTES, Sampler, Session, Truecaser, Utf8Stream};
use serde_json::json;

use super::blob_input::{encode, start_token};
use super::ranges;

const EXAMPLES: &str = "\
Examples:
  egpt generate m.egpt --prompt \"how are you\" -n 40
  egpt generate m.egpt --prompt \"Once upon a time\" -n 100 --temperature 0.8 --top-k 40 --seed 7
  egpt generate m.egpt --input \"lamp on please\"
  egpt generate m.egpt --prompt \"hello\" --json";

/// Continue a text, greedily or at random, as the device would.
///
/// Stops at the end of a text if the model writes one.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct GenerateArgs {
    /// The blob.
    blob: PathBuf,
    /// The text to continue; may be empty.
    #[arg(long, required_unless_present = "input")]
    prompt: Option<String>,
    /// Ask a model of egpt finetune --pairs: prints the output alone.
    #[arg(long, conflicts_with = "prompt")]
    input: Option<String>,
    /// Tokens to generate at most.
    #[arg(short, default_value_t = 100)]
    n: usize,
    /// 0 always takes the likeliest token; 1 draws from the model's probabilities.
    #[arg(long, default_value_t = 0.0, value_parser = ranges::temperature, allow_negative_numbers = true)]
    temperature: f32,
    /// Draw among this many likeliest tokens only.
    #[arg(long, value_parser = ranges::count::<usize>, allow_negative_numbers = true)]
    top_k: Option<usize>,
    /// Draw among the likeliest tokens that have this much probability together.
    #[arg(long, value_parser = ranges::share, allow_negative_numbers = true)]
    top_p: Option<f32>,
    /// Seed of the draw; equal seeds give equal texts.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Context in tokens; what the model was trained for unless given.
    #[arg(long)]
    context: Option<usize>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Generates text; streams it to standard output unless JSON is wanted.
///
/// # Errors
/// If the blob cannot be read or is not sound, or the context does not suit it.
pub fn run(args: &GenerateArgs) -> Result<()> {
    let file = BlobFile::read(&args.blob)?;
    let model = file.model()?;
    let mut memory = SessionMemory::new(model.config(), args.context);
    let mut session = memory.session(&model)?;
    let mut stdout = io::stdout().lock();
    if args.json {
        let mut text = Text(Vec::new());
        generate(args, &mut session, &mut text)?;
        writeln!(stdout, "{}", json!({ "text": String::from_utf8_lossy(&text.0) }))?;
        return Ok(());
    }
    generate(args, &mut session, &mut Text(&mut stdout))?;
    writeln!(stdout)?;
    Ok(())
}

fn generate(args: &GenerateArgs, session: &mut Session<'_>, out: &mut Text<impl Write>) -> Result<()> {
    let vocab = session.model().vocab();
    let mut sampler = sampler(args);
    let prompt = args.prompt.as_deref().unwrap_or_default();
    let tokens: Vec<_> = match &args.input {
        Some(input) => vocab.start_of_text().into_iter().chain(encode(&vocab, &task::prompt(input))).collect(),
        None => start_token(&vocab, prompt).into_iter().chain(encode(&vocab, prompt)).collect(),
    };
    let mut letters = match args.input {
        Some(_) => Letters::AsLearned(vocab.text_stream()),
        None => Letters::AsWritten(Truecaser::after(session.model(), prompt)),
    };
    let mut logits =
        session.prefill(&tokens).context("the vocabulary has no token to start a text: give a --prompt")?;
    out.push(prompt)?;
    // The space after "Output:" is none of the output's.
    let mut before_output = args.input.is_some();
    let mut buffer = [0; MAX_TOKEN_BYTES];
    for _ in 0..args.n {
        let token = sampler.pick(logits);
        if vocab.is_end_of_text(token) {
            break;
        }
        let piece = letters.of(vocab.bytes(token, &mut buffer));
        let piece = if before_output { piece.trim_start() } else { &piece };
        before_output &= piece.is_empty();
        out.push(piece)?;
        logits = session.step(token)?;
    }
    out.push(&letters.rest())
}

/// Characters of tokens' bytes.
enum Letters<'m> {
    /// What is learned from pairs may be no prose.
    AsLearned(Utf8Stream),
    /// Text with the capitals that a model of small letters leaves out.
    AsWritten(Truecaser<'m>),
}

// Writing to a `String` cannot fail.
impl Letters<'_> {
    fn of(&mut self, bytes: &[u8]) -> String {
        let mut text = String::new();
        let _ = match self {
            Self::AsLearned(stream) => stream.push(bytes, &mut text),
            Self::AsWritten(stream) => stream.push(bytes, &mut text),
        };
        text
    }

    fn rest(&mut self) -> String {
        let mut text = String::new();
        let _ = match self {
            Self::AsLearned(stream) => stream.finish(&mut text),
            Self::AsWritten(stream) => stream.finish(&mut text),
        };
        text
    }
}

fn sampler(args: &GenerateArgs) -> Sampler {
    let mut sampler = Sampler::new(args.temperature, args.seed);
    if let Some(k) = args.top_k {
        sampler = sampler.with_top_k(k);
    }
    if let Some(p) = args.top_p {
        sampler = sampler.with_top_p(p);
    }
    sampler
}

/// The output for text, piece by piece as it comes.
struct Text<W>(W);

impl<W: Write> Text<W> {
    fn push(&mut self, text: &str) -> Result<()> {
        self.0.write_all(text.as_bytes())?;
        self.0.flush()?;
        Ok(())
    }
}
