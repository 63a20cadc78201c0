//! The models that are measured, each as a checkpoint and as blobs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use egpt_core::checkpoint::{Checkpoint, SpecialTokens};
use egpt_core::import::llama2c;
use egpt_core::weights::Weights;
use embedded_gpt::Config;
use embedded_gpt::config::Shape;

/// A model and how it is measured.
pub struct BenchModel {
    pub name: &'static str,
    pub source: Source,
    /// Tokens of a round, from position 0 on.
    pub n_token: usize,
}

pub enum Source {
    /// A blob as it is; no other engine reads it.
    Blob(PathBuf),
    /// A checkpoint in memory and in a directory.
    Checkpoint { checkpoint: Box<Checkpoint>, directory: PathBuf, llama2c: Option<Llama2c> },
}

/// Files of llama2.c.
pub struct Llama2c {
    pub model: PathBuf,
    pub tokenizer: PathBuf,
}

/// The wanted models, one after the other.
pub fn all<'a>(directory: &'a Path, wanted: &'a [String]) -> impl Iterator<Item = Result<BenchModel>> + 'a {
    type Make = fn(&Path) -> Result<Option<BenchModel>>;
    let makers: [(&str, Make); 3] = [("demo", demo), ("stories260K", stories), ("15M", shape_15m)];
    let is_wanted = move |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    makers.into_iter().filter(move |(name, _)| is_wanted(name)).filter_map(|(_, make)| make(directory).transpose())
}

/// The model in the repository.
fn demo(_: &Path) -> Result<Option<BenchModel>> {
    let blob = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/demo.egpt");
    Ok(Some(BenchModel { name: "demo", source: Source::Blob(blob), n_token: 64 }))
}

fn stories(directory: &Path) -> Result<Option<BenchModel>> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/models");
    let from = std::env::var_os("EGPT_YARDSTICK_DIR").map_or(beside, PathBuf::from);
    let files = Llama2c { model: from.join("stories260K.bin"), tokenizer: from.join("tok512.bin") };
    if !files.model.exists() || !files.tokenizer.exists() {
        let from = from.display();
        eprintln!("skipped: stories260K: no stories260K.bin and tok512.bin in {from}; set EGPT_YARDSTICK_DIR");
        return Ok(None);
    }
    let directory = directory.join("stories260K");
    let checkpoint = Box::new(llama2c::import(&files.model, &files.tokenizer, &directory)?);
    let source = Source::Checkpoint { checkpoint, directory, llama2c: Some(files) };
    Ok(Some(BenchModel { name: "stories260K", source, n_token: 256 }))
}

/// The shape of llama2.c's stories15M with random weights: speed does not depend on them.
fn shape_15m(directory: &Path) -> Result<Option<BenchModel>> {
    let shape = Shape { n_vocab: 32_000, n_ctx: 256, n_layer: 6, n_head: 6, n_embd: 288 };
    let config = Config::llama(shape).with(|c| c.tied = true);
    let directory = directory.join("15M");
    fs::create_dir_all(&directory)?;
    let tokenizer = directory.join("tokenizer.json");
    let json = llama2c::tokenizer_json(&placeholder_tokens(config.n_vocab), config.n_vocab)?;
    fs::write(&tokenizer, serde_json::to_vec(&json)?)
        .with_context(|| format!("cannot write {}", tokenizer.display()))?;
    let special = SpecialTokens { bos: Some(1), eos: Some(2), pad: None };
    let checkpoint = Checkpoint { weights: Weights::random(config, 15), special, tokenizer: Some(tokenizer) };
    checkpoint.save(&directory)?;
    let source = Source::Checkpoint { checkpoint: Box::new(checkpoint), directory, llama2c: None };
    Ok(Some(BenchModel { name: "15M", source, n_token: 128 }))
}

/// A tokenizer file of llama2.c: strings of up to three letters of an alphabet of 32.
fn placeholder_tokens(n_vocab: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz012345";
    let letter = |i: usize| char::from(ALPHABET[i % 32]);
    let mut bytes = 8u32.to_le_bytes().to_vec();
    for id in 0..n_vocab {
        let text = match id {
            0 => "<unk>".to_owned(),
            1 => "\n<s>\n".to_owned(),
            2 => "\n</s>\n".to_owned(),
            3..259 => format!("<0x{:02X}>", id - 3),
            259..291 => letter(id - 259).to_string(),
            291..1315 => [(id - 291) / 32, id - 291].map(letter).iter().collect(),
            _ => [(id - 1315) / 1024, (id - 1315) / 32, id - 1315].map(letter).iter().collect(),
        };
        bytes.extend((-(id as f32)).to_le_bytes());
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}
