//! Checkpoint directories in the layout of Hugging Face: config.json, model.safetensors, tokenizer.json.
//!
//! Names are written in two families: `gpt2` for learned positions, `llama` for rotary ones. GPT-Neo, Mistral, Qwen2
//! and Qwen3 are read as well. `transformers.AutoModelForCausalLM.from_pretrained` opens what is saved here, and the
//! other way round.

mod error;
mod gpt2;
mod gpt_neo;
mod keys;
mod llama;
mod shards;
mod tensors;
#[cfg(test)]
mod tests;

use crate::replace_file::{copy_file, replace_file};
use crate::weights::Weights;
use embedded_gpt::config::Position;
use embedded_gpt::format::tensor::Role;
use embedded_gpt::{Config, TokenId};
pub use error::CheckpointError;
use error::require;
use serde::Serialize;
use serde_json::{Map, Value};
use std::fs;
use std::path::{Path, PathBuf};
use tensors::{Names, Tensors};

/// Reads a config.json; the outer error is that of a field that is missing or of another type.
type ReadSource = fn(Value) -> serde_json::Result<Result<Source, CheckpointError>>;

/// How a config.json is read, by its `model_type`.
const FAMILIES: [(&[&str], ReadSource); 3] = [
    (&["gpt2"], gpt2::Gpt2Json::source),
    (&["gpt_neo"], gpt_neo::GptNeoJson::source),
    (llama::MODEL_TYPES, llama::LlamaJson::source),
];

/// What a config.json says of a model, and how its tensors become the weights here.
struct Source {
    config: Config,
    special: SpecialTokens,
    names: Names,
    /// Tensors that this model has not and that are zeros here.
    zeros: Vec<Role>,
    /// What this kind of model computes otherwise, done to its weights once.
    fold: fn(&mut Weights),
    /// What its user should know, because it is not as in the file.
    notes: Vec<String>,
}

const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer.json";

/// Tokens that stand for no text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpecialTokens {
    /// Begins a text.
    pub bos: Option<TokenId>,
    /// Ends a text.
    pub eos: Option<TokenId>,
    /// Fills the gaps of a batch.
    pub pad: Option<TokenId>,
}

/// A model with what belongs to it.
///
/// ```no_run
/// use egpt_core::{checkpoint::Checkpoint, reference::Reference};
///
/// let checkpoint = Checkpoint::load("runs/tiny".as_ref())?;
/// println!("{:?}", Reference::new(&checkpoint.weights).generate_greedy(&[1], 20));
/// checkpoint.save("runs/copy".as_ref())?;
/// # Ok::<(), egpt_core::checkpoint::CheckpointError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Checkpoint {
    pub weights: Weights,
    pub special: SpecialTokens,
    /// Path of this model's tokenizer.json; [`save`](Self::save) copies it.
    pub tokenizer: Option<PathBuf>,
}

impl Checkpoint {
    /// Reads a directory. The tensors may be f32, f16 or bf16, in one file or in shards.
    ///
    /// # Errors
    /// `Io`, `Json` and `SafeTensors` for files that are missing or malformed, `NoWeights`
    /// where there is no safetensors file, `MissingTensor`, `TensorShape`, `TensorType`,
    /// `NotFinite` and `UnexpectedTensor` for the tensors, `Unsupported` for a model of
    /// another kind.
    pub fn load(dir: &Path) -> Result<Self, CheckpointError> {
        Ok(Self::load_with_notes(dir, &[])?.0)
    }

    /// Reads a directory as [`load`](Self::load) does, without some keys of its config.json. Returns also what its
    /// user should know, because something is taken otherwise than the directory says.
    ///
    /// # Errors
    /// Those of [`load`](Self::load).
    pub fn load_with_notes(dir: &Path, ignored: &[String]) -> Result<(Self, Vec<String>), CheckpointError> {
        let Source { config, special, names, zeros, fold, notes } = Source::read(dir, ignored)?;
        check(&config)?;
        let mut weights = Tensors::read(dir, names)?.weights(config, &zeros)?;
        fold(&mut weights);
        let tokenizer = dir.join(TOKENIZER);
        Ok((Self { weights, special, tokenizer: tokenizer.exists().then_some(tokenizer) }, notes))
    }

    /// Writes a directory, in f32, creating it if need be. Every file is replaced as a whole.
    ///
    /// # Errors
    /// `Unsupported` where neither family of names fits the configuration, before anything
    /// is written; `Write` where a file cannot be.
    pub fn save(&self, dir: &Path) -> Result<(), CheckpointError> {
        let config = &self.weights.config;
        let (json, names) = match config.position {
            Position::Learned => (to_json(&gpt2::Gpt2Json::of(config, self.special)?), gpt2::NAMES),
            Position::Rotary => (to_json(&llama::LlamaJson::of(config, self.special)?), llama::NAMES),
            other => {
                return Err(CheckpointError::Unsupported(format!("positions of the kind {other:?} cannot be saved")));
            }
        };
        fs::create_dir_all(dir).map_err(CheckpointError::write(dir))?;
        Tensors::of(&self.weights, names).write(dir)?;
        let path = dir.join(CONFIG);
        replace_file(&path, &json).map_err(CheckpointError::write(&path))?;
        let target = dir.join(TOKENIZER);
        match &self.tokenizer {
            Some(source) if *source != target => copy_file(source, &target).map_err(CheckpointError::write(&target)),
            _ => Ok(()),
        }
    }
}

impl Source {
    /// Reads the config.json of a directory, without some of its keys.
    fn read(dir: &Path, ignored: &[String]) -> Result<Self, CheckpointError> {
        let path = dir.join(CONFIG);
        let mut json: Map<String, Value> =
            serde_json::from_slice(&read(&path)?).map_err(CheckpointError::json(&path))?;
        json.retain(|key, _| !ignored.contains(key));
        let json = Value::from(json);
        let model_type = json["model_type"].as_str().unwrap_or("(none)").to_owned();
        let Some((_, source)) = FAMILIES.iter().find(|(names, _)| names.contains(&&*model_type)) else {
            return Err(CheckpointError::Unsupported(format!(
                "{}: model_type `{model_type}` is not supported; {} are",
                path.display(),
                FAMILIES.map(|(names, _)| names.join(", ")).join(", ")
            )));
        };
        let n_eos = json["eos_token_id"].as_array().map_or(1, Vec::len);
        let mut source = source(json).map_err(CheckpointError::json(&path))??;
        if n_eos > 1 {
            source.notes.push(format!("eos_token_id names {n_eos} tokens: on a device the first alone ends a text"));
        }
        Ok(source)
    }
}

/// The content of a file, unless git-lfs has left a pointer in its place.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, CheckpointError> {
    let bytes = fs::read(path).map_err(CheckpointError::io(path))?;
    match bytes.starts_with(b"version https://git-lfs.github.com/spec/") {
        true => Err(CheckpointError::LfsPointer { path: path.to_owned() }),
        false => Ok(bytes),
    }
}

/// What the shapes of tensors alone do not show.
fn check(config: &Config) -> Result<(), CheckpointError> {
    require(config.n_vocab <= usize::from(TokenId::MAX), || {
        format!(
            "the vocabulary has {} tokens; at most {} are supported: train a smaller tokenizer",
            config.n_vocab,
            TokenId::MAX
        )
    })?;
    require(config.n_kv_head > 0 && config.n_head.is_multiple_of(config.n_kv_head), || {
        format!("{} heads cannot share {} key/value heads evenly", config.n_head, config.n_kv_head)
    })?;
    let rotary = config.position == Position::Rotary;
    require(!rotary || config.head_dim.is_multiple_of(2), || {
        format!("rotary positions need an even head size, not {}", config.head_dim)
    })?;
    require(!rotary || (config.rope_theta.is_finite() && config.rope_theta > 0.0), || {
        format!("rope_theta must be a positive number, not {}", config.rope_theta)
    })?;
    require(config.norm_eps.is_finite() && config.norm_eps > 0.0, || {
        format!("the epsilon of the norms must be a positive number, not {}", config.norm_eps)
    })?;
    require(config.is_valid(), || format!("a model of this shape is outside the limits of docs/format.md: {config:?}"))
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec_pretty(value).expect("plain fields always serialize");
    text.push(b'\n');
    text
}

impl SpecialTokens {
    /// Reads the fields of config.json: null, a number, or a list of numbers whose first counts.
    fn from_json(bos: &Value, eos: &Value, pad: &Value) -> Self {
        let id = |value: &Value| {
            let first = value.as_array().and_then(|list| list.first()).unwrap_or(value);
            first.as_u64().and_then(|id| TokenId::try_from(id).ok())
        };
        Self { bos: id(bos), eos: id(eos), pad: id(pad) }
    }
}
