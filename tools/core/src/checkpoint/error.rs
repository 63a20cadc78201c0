//! What can be wrong with a checkpoint directory.

use std::path::{Path, PathBuf};

/// Why a checkpoint could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// A file could not be read.
    #[error("cannot read {path}", path = path.display())]
    Io { path: PathBuf, source: std::io::Error },
    /// A file or the directory could not be written.
    #[error("cannot write {path}", path = path.display())]
    Write { path: PathBuf, source: std::io::Error },
    /// A JSON file is malformed or lacks a field.
    #[error("cannot make sense of {path}", path = path.display())]
    Json { path: PathBuf, source: serde_json::Error },
    /// A `.safetensors` file is malformed.
    #[error("{path} is not a valid safetensors file", path = path.display())]
    SafeTensors { path: PathBuf, source: safetensors::SafeTensorError },
    /// A file is the few lines that git-lfs leaves in place of a large one.
    #[error(
        "{path} is a pointer of git-lfs, not the file itself: run `git lfs pull` where it was cloned, or download it",
        path = path.display()
    )]
    LfsPointer { path: PathBuf },
    /// The directory holds no weights in a format that is read here.
    #[error(
        "{path}: no model.safetensors and no model.safetensors.index.json; a model in pytorch_model.bin \
         has to be saved again with transformers' save_pretrained(dir, safe_serialization=True)",
        path = path.display()
    )]
    NoWeights { path: PathBuf },
    /// The shape in config.json asks for a tensor that no file holds.
    #[error("tensor `{name}` is missing: expected shape {expected:?}, found no tensor of that name")]
    MissingTensor { name: String, expected: Vec<usize> },
    /// A model with a head of its own, by its config.json, has none.
    #[error(
        "tensor `lm_head.weight` is missing: if this model has no head but its token embedding, set \
         tie_word_embeddings to true in config.json"
    )]
    MissingHead,
    /// A shard lacks a tensor that the index names for it.
    #[error(
        "{path} holds no tensor `{name}`, though model.safetensors.index.json says so: download both again",
        path = path.display()
    )]
    NotInShard { name: String, path: PathBuf },
    /// A shard holds a tensor that the index does not know.
    #[error(
        "{path} holds a tensor `{name}` that model.safetensors.index.json does not name: download both again",
        path = path.display()
    )]
    NotInIndex { name: String, path: PathBuf },
    /// A tensor is not of the shape that config.json asks for.
    #[error("tensor `{name}` has the wrong shape: expected {expected:?}, found {found:?}")]
    TensorShape { name: String, expected: Vec<usize>, found: Vec<usize> },
    /// A tensor's elements are neither f32, f16 nor bf16.
    #[error("tensor `{name}` holds {found}; only F32, F16 and BF16 are read: convert it first")]
    TensorType { name: String, found: String },
    /// A tensor holds infinities or NaN.
    #[error("tensor `{name}` holds a value that is not a finite number: the training run has diverged")]
    NotFinite { name: String },
    /// A tensor that a model of this kind does not have, so the model computes something else.
    #[error("tensor `{name}` is not part of a `{model_type}` model as this tool knows it")]
    UnexpectedTensor { name: String, model_type: &'static str },
    /// The model is of a kind that cannot be represented; the text says what to change.
    #[error("{0}")]
    Unsupported(String),
}

impl CheckpointError {
    /// Makes an error of reading `path`, for `map_err`.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }

    /// Makes an error of writing `path`, for `map_err`.
    pub(crate) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }

    /// Makes an error of parsing the JSON in `path`, for `map_err`.
    pub(crate) fn json(path: &Path) -> impl FnOnce(serde_json::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Json { path, source }
    }
}

/// `Err(Unsupported(message()))` unless `holds`.
pub(super) fn require(holds: bool, message: impl FnOnce() -> String) -> Result<(), CheckpointError> {
    if holds { Ok(()) } else { Err(CheckpointError::Unsupported(message())) }
}
