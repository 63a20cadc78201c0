//! `egpt export`: a checkpoint as one blob for the device.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, ValueEnum};
use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::Checkpoint;
use egpt_core::export::{Compressed, Wanted, blob_of, compress, with_language, with_word_rule};
use egpt_core::flash_map::FlashMap;
use egpt_core::language::language_of;
use egpt_core::measure::fidelity::Fidelity;
use egpt_core::model_card::ModelCard;
use egpt_core::quantize::calibration::{documents_of_card, documents_of_file, is_enough};
use egpt_core::quantize::{self, QuantizedTensor, is_quantized};
use egpt_core::replace_file::replace_file;
use egpt_core::tokenizer::note_on;
use egpt_core::word_rule::word_rule_of;
use egpt_core::words::{BlockedWords, MAX_WORDS, USUAL_WORDS, WordSections, WordStatistics};
use embedded_gpt::Model;
use embedded_gpt::format::tensor::Format;
use embedded_gpt::text::{Language, WordRule};
use serde_json::{Value, json};

use super::blocked::{self, BlockedArgs};
use super::cleaning::{CleaningArgs, LeftOut};
use super::language::language;
use super::table::table;
use super::word_rule::word_rule;
use super::{compare, ensure_writable, ranges};

/// Divergence in nats per token above which 8 bits have lost more than rounding does (docs/quantization.md).
const MAX_KL_Q8: f64 = 0.1;
/// Divergence in nats per token above which 4 bits have.
const MAX_KL_Q4: f64 = 1.0;
/// Larger models know what their n-grams would tell.
const NGRAMS_BELOW: usize = 500_000;

const EXAMPLES: &str = "\
q4 and auto look at some text to round what matters least: the text that the model was trained on, if
it is still there, or that of --calibrate. Without any, weights go to the nearest value, which loses more.

A list of the words of that text goes into the blob, for better suggestions: egpt train left it in the directory, as
words.txt and ngrams.txt. With --flash more words fill what the model leaves free; beside small models n-grams do, too.

Examples:
  egpt export runs/small --quant q8 --out m.egpt
  egpt export runs/small --quant q4 --calibrate chat.txt --out m.egpt
  egpt export runs/small --quant auto --flash 512KiB --out m.egpt
  egpt export runs/small --quant q4 --flash 512KiB --words 5000 --out m.egpt
  egpt export runs/small --blocked strict our-words.txt --out m.egpt
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
    /// Size that the blob may have at most, vocabulary and words included, such as 512KiB.
    #[arg(long, value_name = "SIZE", value_parser = ranges::bytes, required_if_eq("quant", "auto"))]
    flash: Option<usize>,
    /// Text like that which the model is for; what it was trained on unless given.
    #[arg(long, value_name = "FILE")]
    calibrate: Option<PathBuf>,
    /// Words to list at most, or none. 8000 unless given; with --flash as many as fit, up to 21000.
    #[arg(long, value_name = "N", value_parser = ranges::count_or_none)]
    words: Option<usize>,
    #[command(flatten)]
    cleaning: CleaningArgs,
    #[command(flatten)]
    blocked: BlockedArgs,
    /// Language whose capitals have rules of their own; what egpt train was told unless given.
    #[arg(long, value_parser = language())]
    language: Option<Language>,
    /// What words are made of; what egpt train was told unless given.
    #[arg(long, value_parser = word_rule())]
    word_rule: Option<WordRule>,
    /// Divergence from the checkpoint, in nats per token, above which no blob is written, or none.
    #[arg(long, value_name = "NATS", value_parser = ranges::nats_or_none, allow_negative_numbers = true)]
    max_kl: Option<f64>,
    /// The blob to write.
    #[arg(long)]
    out: PathBuf,
    /// Text for people to put into the blob, instead of what the checkpoint says about itself.
    #[arg(long, allow_hyphen_values = true)]
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
/// If the checkpoint or the text cannot be read, the checkpoint's shape is outside the format's limits or cannot be
/// made as small as asked for, or the blob cannot be written.
pub fn run(args: &ExportArgs) -> Result<()> {
    check_dir(&args.dir)?;
    ensure_writable(&args.out)?;
    let checkpoint = Checkpoint::load(&args.dir)?;
    let blocked = args.blocked.given()?;
    let card = ModelCard::load(&args.dir)?.unwrap_or_default();
    let about = match &args.about {
        Some(about) => about.clone(),
        None if card == ModelCard::default() => String::new(),
        None => card.text(),
    };
    // What a training has rounded stays as it is.
    let is_quantized = args.quant == Quant::Q4 && is_quantized(&checkpoint.weights, quantize::Quant::Q4);
    let documents = if is_quantized { None } else { documents(args, &card, &checkpoint)? };
    let statistics = if args.words == Some(0) { None } else { WordStatistics::load(&args.dir)? };
    let has_words = statistics.is_some();
    let statistics = statistics.unwrap_or_default();
    let blocked = blocked.map_or_else(|| BlockedWords::for_text(&statistics), Ok)?;
    let (statistics, left_out) = args.cleaning.clean(statistics)?;
    let wanted = match args.quant {
        Quant::Q8 => Wanted::Format(quantize::Quant::Q8),
        Quant::Q4 => Wanted::Format(quantize::Quant::Q4),
        Quant::Auto => Wanted::Bytes(bytes_for_matrices(args, &checkpoint, (&statistics, &blocked), &about)?),
    };
    let mut compressed = compress(&checkpoint, wanted, documents.as_deref(), &about)?;
    if let Some(language) = args.language.or(card.language.as_deref().and_then(language_of)) {
        compressed.blob = with_language(&compressed.blob, language)?;
    }
    if let Some(rule) = args.word_rule.or(card.word_rule.as_deref().and_then(word_rule_of)) {
        compressed.blob = with_word_rule(&compressed.blob, rule)?;
    }
    compressed.blob = blocked.put_into(&compressed.blob)?;
    let n_parameters = checkpoint.weights.n_parameters();
    let words = words(args, &compressed.blob, &statistics, n_parameters < NGRAMS_BELOW)?;
    let [word_bytes, ngram_bytes] = words.section_bytes();
    let listed = Listed { n_words: words.n_words(), word_bytes, ngram_bytes, n_blocked: blocked.len(), left_out };
    let file = BlobFile::new(&words.put_into(&compressed.blob)?);
    let map = FlashMap::of(&file.model()?, file.bytes())?;
    let fidelity = check(args, &checkpoint, &file.model()?)?;
    replace_file(&args.out, file.bytes()).with_context(|| format!("cannot write {}", args.out.display()))?;
    if let Some(note) = checkpoint.tokenizer.as_deref().map(note_on).transpose()?.flatten() {
        eprintln!("note: {note}");
    }
    if args.quant != Quant::Q8 && documents.is_none() && !is_quantized {
        eprintln!(
            "no text to calibrate with: weights went to the nearest value; --calibrate with 100 KB of text like that \
             which the model is for loses less"
        );
    }
    if !has_words && args.words != Some(0) {
        eprintln!(
            "no words.txt in {}: the blob has no list of words; egpt words adds one, which makes suggestions better",
            args.dir.display()
        );
    }
    report(args, &compressed, &listed, &map, &fidelity, n_parameters)
}

/// Compares the blob with the checkpoint, and refuses one that has lost too much.
fn check(args: &ExportArgs, checkpoint: &Checkpoint, model: &Model<'_>) -> Result<Fidelity> {
    let fidelity = compare::on_sample(&args.dir, checkpoint, model).context("the blob cannot be checked")?;
    let (usual, advice) = match args.quant {
        Quant::Q8 => (MAX_KL_Q8, "a key with a large bias, or a weight far larger than others, costs most"),
        Quant::Q4 | Quant::Auto => (MAX_KL_Q4, "--quant q8 loses less, --calibrate with text may"),
    };
    let (kl, most) = (fidelity.mean_kl, args.max_kl.unwrap_or(usual));
    ensure!(
        kl <= most || most.is_infinite(),
        "the blob's predictions diverge from the checkpoint's by {kl:.4} nats per token, more than {most}, so it was not \
         written: {advice}; --max-kl none writes it all the same"
    );
    Ok(fidelity)
}

/// The usual list of words has its place before matrices get 8 bits: it is worth more.
fn bytes_for_matrices(
    args: &ExportArgs,
    checkpoint: &Checkpoint,
    (statistics, blocked): (&WordStatistics, &BlockedWords),
    about: &str,
) -> Result<usize> {
    let flash = args.flash.unwrap_or_default().saturating_sub(blocked.n_bytes());
    let smallest = blob_of(checkpoint, |spec| if spec.can_be(Format::Q4) { Format::Q4 } else { Format::Q8 }, about)?;
    let n_words = args.words.unwrap_or(USUAL_WORDS).min(USUAL_WORDS);
    let file = BlobFile::new(&smallest);
    let room = flash.saturating_sub(smallest.len());
    let words = WordSections::new(statistics, &file.model()?.vocab(), n_words, room)?;
    Ok(flash - words.n_bytes())
}

/// The words that fit beside the model, and n-grams if they help.
fn words<'c>(
    args: &ExportArgs,
    blob: &[u8],
    statistics: &'c WordStatistics,
    do_ngrams_help: bool,
) -> Result<WordSections<'c>> {
    let file = BlobFile::new(blob);
    let vocab = file.model()?.vocab();
    let Some(flash) = args.flash else {
        return WordSections::new(statistics, &vocab, args.words.unwrap_or(USUAL_WORDS), usize::MAX);
    };
    let room = flash.checked_sub(blob.len()).with_context(|| {
        let quant = args.quant.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        format!(
            "the model takes {} bytes in {quant}, without words; {flash} are too few: give it more flash, fewer bits \
             with --quant q4, or train a smaller model",
            blob.len()
        )
    })?;
    let mut words = WordSections::new(statistics, &vocab, args.words.unwrap_or(MAX_WORDS), room)?;
    if args.words.is_none() && do_ngrams_help {
        words.fill_with_ngrams(statistics, room);
    }
    Ok(words)
}

/// What the blob knows about words.
struct Listed {
    n_words: usize,
    word_bytes: usize,
    ngram_bytes: usize,
    n_blocked: usize,
    left_out: LeftOut,
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

fn report(
    args: &ExportArgs,
    compressed: &Compressed,
    listed: &Listed,
    map: &FlashMap,
    fidelity: &Fidelity,
    n_parameters: usize,
) -> Result<()> {
    let mut stdout = io::stdout().lock();
    if args.json {
        let tensors: Vec<_> = compressed.tensors.iter().map(|tensor| tensor_json(tensor, compressed)).collect();
        let mut result = json!({
            "out": args.out, "blob_bytes": map.blob_bytes(), "parameters": n_parameters,
            "loss_percent": compressed.loss.map(|loss| loss.percent(loss.added)), "tensors": tensors,
            "words": listed.n_words, "word_list_bytes": listed.word_bytes, "ngram_bytes": listed.ngram_bytes,
            "misspelt": listed.left_out.n_words, "blocked": listed.n_blocked,
        });
        result.as_object_mut().into_iter().for_each(|result| result.extend(compare::figures(fidelity)));
        writeln!(stdout, "{result}")?;
        return Ok(());
    }
    if args.quant == Quant::Auto {
        write_tensors(&mut stdout, compressed)?;
    }
    let &Listed { n_words, word_bytes, ngram_bytes, n_blocked, ref left_out } = listed;
    let words = if n_words > 0 { format!(", {word_bytes} of them for {n_words} words") } else { String::new() };
    let ngrams = if ngram_bytes > 0 { format!(", {ngram_bytes} for n-grams") } else { String::new() };
    let bytes = map.blob_bytes();
    left_out.line().filter(|_| n_words > 0).map_or(Ok(()), |line| writeln!(stdout, "{line}"))?;
    writeln!(stdout, "{}: {n_parameters} parameters in {bytes} bytes{words}{ngrams}", args.out.display())?;
    writeln!(stdout, "{}", blocked::line(n_blocked))?;
    if let Some(loss) = compressed.loss {
        writeln!(stdout, "rounding the weights adds {:.2} % to the loss", loss.percent(loss.added))?;
    }
    let Fidelity { bits_per_byte_reference, bits_per_byte_blob, mean_kl, top1_agreement, n_tokens } = fidelity;
    writeln!(
        stdout,
        "on {n_tokens} tokens: {bits_per_byte_blob:.4} bits per byte, the checkpoint {bits_per_byte_reference:.4}; \
         divergence {mean_kl:.4} nats per token, same first choice {:.1} %",
        100.0 * top1_agreement
    )?;
    write!(stdout, "\n{map}")?;
    Ok(())
}

fn tensor_json(tensor: &QuantizedTensor, compressed: &Compressed) -> Value {
    let percent = compressed.loss.zip(tensor.loss_at_q4).map(|(loss, added)| loss.percent(added));
    json!({
        "role": format!("{:?}", tensor.spec.role), "layer": tensor.spec.layer, "format": tensor.quant.to_string(),
        "bytes": tensor.spec.byte_len(tensor.quant.format()), "loss_percent_at_q4": percent,
    })
}

/// A line per tensor; those that share their input share a loss.
fn write_tensors(out: &mut impl Write, compressed: &Compressed) -> Result<()> {
    let mut table = table(["layer", "tensor", "format", "bytes", "loss added by 4 bits"], &[1]);
    for tensor in &compressed.tensors {
        let loss = compressed.loss.zip(tensor.loss_at_q4);
        table.add_row([
            tensor.spec.layer.to_string(),
            format!("{:?}", tensor.spec.role),
            tensor.quant.to_string(),
            tensor.spec.byte_len(tensor.quant.format()).to_string(),
            loss.map_or("not measured".into(), |(loss, added)| format!("{:.3} %", loss.percent(added))),
        ]);
    }
    writeln!(out, "{}\n", table.trim_fmt())?;
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
