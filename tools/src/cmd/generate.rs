//! `egpt generate`: text from a blob, as the device would write it.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Result, anyhow};
use clap::Args;
use egpt_core::blob_file::BlobFile;
use egpt_core::session_memory::SessionMemory;
use egpt_core::task;
use embedded_gpt::error::StepError;
use embedded_gpt::{Error, Generator, GeneratorOptions, Progress, Sampler, Session};
use serde_json::json;

use super::ranges;

const NO_START: &str = "the vocabulary has no token to start a text: give a --prompt";
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
    #[arg(long, required_unless_present = "input", allow_hyphen_values = true)]
    prompt: Option<String>,
    /// Ask a model of egpt finetune --pairs: prints the output alone.
    #[arg(long, conflicts_with = "prompt", allow_hyphen_values = true)]
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
    let session = memory.session(&model)?;
    let mut stdout = io::stdout().lock();
    if args.json {
        let mut text = Vec::new();
        generate(args, session, &mut text)?;
        writeln!(stdout, "{}", json!({ "text": String::from_utf8(text)? }))?;
        return Ok(());
    }
    generate(args, session, &mut stdout)?;
    writeln!(stdout)?;
    Ok(())
}

fn generate(args: &GenerateArgs, session: Session<'_>, out: &mut impl Write) -> Result<()> {
    // What is learned from pairs may be no prose.
    let options = GeneratorOptions { sampler: sampler(args), max_tokens: args.n, truecasing: args.input.is_none() };
    let mut generator = Generator::new(session, options);
    let prompt = match &args.input {
        Some(input) => task::prompt(input),
        None => args.prompt.clone().unwrap_or_default(),
    };
    if args.input.is_none() {
        out.write_all(prompt.as_bytes())?;
    }
    // The space after "Output:" is none of the output's.
    let mut before_output = args.input.is_some();
    let mut piece = String::new();
    loop {
        let progress = generator.poll(&prompt, &mut piece).map_err(|error| match error {
            Error::Step(StepError::EmptyPrompt) => anyhow!(NO_START),
            other => other.into(),
        })?;
        let text = if before_output { piece.trim_start() } else { &piece };
        before_output &= text.is_empty();
        out.write_all(text.as_bytes())?;
        // Each piece is seen as it comes.
        out.flush()?;
        piece.clear();
        if progress == Progress::Done {
            return Ok(());
        }
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
