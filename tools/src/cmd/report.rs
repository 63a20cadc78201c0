//! `egpt report`: the page about a training, once more.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;

use crate::report;

const EXAMPLES: &str = "\
Training writes report.html into its directory; it needs no network and no other file.

Examples:
  egpt report runs/mine
  egpt eval m.egpt --baseline trigram --bytes 256KiB,512KiB,1MiB --json > eval.jsonl
  egpt report runs/mine --eval-json eval.jsonl";

/// Write the page about a training again: loss, samples, sizes, embeddings, keystrokes saved.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ReportArgs {
    /// The checkpoint directory.
    dir: PathBuf,
    /// What `egpt eval --json` printed, for keystrokes saved beside a lookup table's; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    eval_json: Option<PathBuf>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Writes the page.
///
/// # Errors
/// If the directory holds no model or cannot be written, or the evaluation is none.
pub fn run(args: &ReportArgs) -> Result<()> {
    let evaluation = args.eval_json.as_deref().map(read).transpose()?;
    let page = report::again(&args.dir, evaluation.as_deref())?;
    let mut stdout = io::stdout().lock();
    if args.json {
        writeln!(stdout, "{}", json!({ "out": page }))?;
    } else {
        writeln!(stdout, "{}", page.display())?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    if path == Path::new("-") {
        return io::read_to_string(io::stdin()).context("cannot read standard input");
    }
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
