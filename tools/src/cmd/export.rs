//! `egpt export`: a checkpoint as one blob for the device.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use embedded_gpt::Model;
use serde_json::{Value, json};

use super::ranges;
use crate::blob_file::BlobFile;
use crate::checkpoint::Checkpoint;
use crate::export::calibration::{documents_of_card, documents_of_file, is_enough};
use crate::export::{Compressed, RoundedTensor, Wanted, compress};
use crate::flash_map::FlashMap;
use crate::model_card::ModelCard;
use crate::quantize;
use crate::replace_file::replace_file;

const EXAMPLES: &str = "\
q4 and auto look at some text to round what matters least: the text that the model was trained on, if
it is still there, or that of --calibrate. Without any, weights go to the nearest value, which loses more.

Examples:
  egpt export runs/small --quant q8 --out m.egpt
  egpt export runs/small --quant q4 --calibrate chat.txt --out m.egpt
  egpt export runs/small --quant auto --flash 512KiB --out m.egpt
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
    /// Size that the blob may have at most, vocabulary included, such as 512KiB; for --quant auto.
    #[arg(long, value_name = "SIZE", value_parser = ranges::bytes, required_if_eq("quant", "auto"))]
    flash: Option<usize>,
    /// Text like that which the model is for; what it was trained on unless given.
    #[arg(long, value_name = "FILE")]
    calibrate: Option<PathBuf>,
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
    /// 4 or 8 bits for each matrix, whatever loses least within --flash.
    Auto,
}

/// Writes the blob and says how large it is and what was lost.
///
/// # Errors
/// If the checkpoint or the text cannot be read, the checkpoint's shape is outside the format's limits or cannot be made
/// as small as asked for, or the blob cannot be written.
pub fn run(args: &ExportArgs) -> Result<()> {
    check_dir(&args.dir)?;
    let wanted = wanted(args)?;
    let checkpoint = Checkpoint::load(&args.dir)?;
    let card = ModelCard::load(&args.dir)?.unwrap_or_default();
    let about = match &args.about {
        Some(about) => about.clone(),
        None if card == ModelCard::default() => String::new(),
        None => card.text(),
    };
    let documents = documents(args, &card, &checkpoint)?;
    let compressed = compress(&checkpoint, wanted, documents.as_deref(), &about)?;
    let file = BlobFile::new(&compressed.blob);
    let map = FlashMap::of(&file.model()?, file.bytes())?;
    replace_file(&args.out, file.bytes()).with_context(|| format!("cannot write {}", args.out.display()))?;
    if args.quant != Quant::Q8 && documents.is_none() {
        eprintln!(
            "no text to calibrate with: weights went to the nearest value; --calibrate with 100 KB of text like that \
             which the model is for loses less"
        );
    }
    report(args, &compressed, &map, checkpoint.weights.n_parameters())
}

fn wanted(args: &ExportArgs) -> Result<Wanted> {
    ensure!(args.flash.is_none() || args.quant == Quant::Auto, "--flash chooses formats: use it with --quant auto");
    Ok(match args.quant {
        Quant::Q8 => Wanted::Format(quantize::Quant::Q8),
        Quant::Q4 => Wanted::Format(quantize::Quant::Q4),
        Quant::Auto => Wanted::Bytes(args.flash.unwrap_or_default()),
    })
}

/// Text to calibrate with. 8 bits are so fine that none is looked for.
fn documents(args: &ExportArgs, card: &ModelCard, checkpoint: &Checkpoint) -> Result<Option<Vec<String>>> {
    if let Some(path) = &args.calibrate {
        return documents_of_file(path).map(Some);
    }
    if args.quant == Quant::Q8 {
        return Ok(None);
    }
    Ok(documents_of_card(card)?.filter(|documents| is_enough(&checkpoint.weights, documents)))
}

fn report(args: &ExportArgs, compressed: &Compressed, map: &FlashMap, n_parameters: usize) -> Result<()> {
    let mut stdout = io::stdout().lock();
    if args.json {
        let tensors: Vec<_> = compressed.tensors.iter().map(|tensor| tensor_json(tensor, compressed)).collect();
        let result = json!({
            "out": args.out, "blob_bytes": map.blob_bytes(), "parameters": n_parameters,
            "loss_percent": compressed.loss.map(|loss| loss.percent(loss.added)), "tensors": tensors,
        });
        writeln!(stdout, "{result}")?;
        return Ok(());
    }
    if args.quant == Quant::Auto {
        write_tensors(&mut stdout, compressed)?;
    }
    writeln!(stdout, "{}: {n_parameters} parameters in {} bytes", args.out.display(), map.blob_bytes())?;
    if let Some(loss) = compressed.loss {
        writeln!(stdout, "rounding the weights adds {:.2} % to the loss", loss.percent(loss.added))?;
    }
    write!(stdout, "\n{map}")?;
    Ok(())
}

fn tensor_json(tensor: &RoundedTensor, compressed: &Compressed) -> Value {
    let percent = compressed.loss.zip(tensor.loss_at_q4).map(|(loss, added)| loss.percent(added));
    json!({
        "role": format!("{:?}", tensor.spec.role), "layer": tensor.spec.layer, "format": tensor.quant.to_string(),
        "bytes": tensor.spec.byte_len(tensor.quant.format()), "loss_percent_at_q4": percent,
    })
}

/// A line per tensor; those that share their input share a loss.
fn write_tensors(out: &mut impl Write, compressed: &Compressed) -> Result<()> {
    writeln!(out, "{:>5} {:<18} {:>6} {:>9} {:>22}", "layer", "tensor", "format", "bytes", "loss added by 4 bits")?;
    for tensor in &compressed.tensors {
        let (role, format) = (format!("{:?}", tensor.spec.role), tensor.quant.to_string());
        let loss = compressed.loss.zip(tensor.loss_at_q4);
        let loss = loss.map_or("not measured".into(), |(loss, added)| format!("{:.3} %", loss.percent(added)));
        let bytes = tensor.spec.byte_len(tensor.quant.format());
        writeln!(out, "{:>5} {role:<18} {format:>6} {bytes:>9} {loss:>22}", tensor.spec.layer)?;
    }
    writeln!(out)?;
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
