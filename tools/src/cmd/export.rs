//! `egpt export`: a checkpoint as one blob for the device.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use embedded_gpt::Model;
use embedded_gpt::tensor::{Format, TensorSpec};
use serde_json::json;

use super::flash_map::FlashMap;
use crate::blob_file::BlobFile;
use crate::checkpoint::Checkpoint;
use crate::export::blob_of;
use crate::model_card::ModelCard;
use crate::replace_file::replace_file;

const EXAMPLES: &str = "\
Examples:
  egpt export runs/small --quant q8 --out m.egpt
  egpt export runs/small --out m.egpt --about \"small chat model, trained on chitchat (MIT)\"";

/// Quantize a checkpoint and write it as one blob for the device.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ExportArgs {
    /// The checkpoint directory.
    dir: PathBuf,
    /// Format of the matrices.
    #[arg(long, value_enum, default_value_t = Quant::Q8)]
    quant: Quant,
    /// The blob to write.
    #[arg(long)]
    out: PathBuf,
    /// Text for people to put into the blob, instead of what the checkpoint says about itself.
    #[arg(long)]
    about: Option<String>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
}

/// Format of a blob's matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Quant {
    /// 8 bits per weight, with a scale per row.
    Q8,
    /// 4 bits per weight, with a scale per row.
    Q4,
}

impl Quant {
    fn format_of(self, _: &TensorSpec) -> Format {
        match self {
            Self::Q8 => Format::Q8,
            Self::Q4 => Format::Q4,
        }
    }
}

/// Writes the blob and says how large it is.
///
/// # Errors
/// If the checkpoint cannot be read or its shape is outside the format's limits, or the blob
/// cannot be written.
pub fn run(args: &ExportArgs) -> Result<()> {
    check_dir(&args.dir)?;
    let checkpoint = Checkpoint::load(&args.dir)?;
    let about = match &args.about {
        Some(about) => about.clone(),
        None => ModelCard::load(&args.dir)?.map(|card| card.text()).unwrap_or_default(),
    };
    let file = BlobFile::new(&blob_of(&checkpoint, |spec| args.quant.format_of(spec), &about)?);
    let map = FlashMap::of(&file.model()?, file.bytes())?;
    replace_file(&args.out, file.bytes()).with_context(|| format!("cannot write {}", args.out.display()))?;

    let n_parameters = checkpoint.weights.n_parameters();
    let mut stdout = io::stdout().lock();
    if args.json {
        let result = json!({ "out": args.out, "blob_bytes": map.blob_bytes(), "parameters": n_parameters });
        writeln!(stdout, "{result}")?;
    } else {
        writeln!(stdout, "{}: {n_parameters} parameters in {} bytes\n", args.out.display(), map.blob_bytes())?;
        write!(stdout, "{map}")?;
    }
    Ok(())
}

/// Says what to do with a file where the checkpoint directory should be.
fn check_dir(dir: &Path) -> Result<()> {
    if !dir.is_file() {
        return Ok(());
    }
    let name = dir.display();
    if Model::parse(BlobFile::read(dir)?.bytes()).is_ok() {
        bail!("{name} is a blob already: give the checkpoint directory that it was made from");
    }
    bail!("{name} is a file, not a checkpoint directory; bring models of other tools in with egpt import")
}
