//! Runs a quantized GPT inside microcontroller firmware.
#![no_std]
#![deny(missing_docs, unsafe_code)]

#[cfg(target_endian = "big")]
compile_error!("embedded-gpt reads little-endian blobs in place; big-endian targets are not supported");

pub mod blob;
mod buffers;
mod config;
mod error;
mod kernel;
mod model;
mod ops;
mod quant;
mod sample;
mod session;
mod suggest;
pub mod tensor;
mod vocab;

pub use blob::Aligned;
pub use buffers::{Buffers, Workspace};
pub use config::{Config, Mlp, Norm, Position};
pub use error::{CapacityError, LoadError, SessionError, StepError};
pub use model::Model;
pub use sample::Sampler;
pub use session::{Kv, Logits, Session};
pub use suggest::{MAX_WORD_BYTES, Suggester, Suggestion};
pub use vocab::{MAX_TOKEN_BYTES, Utf8Stream, Vocab, VocabError};

/// Index of a token in the vocabulary.
pub type TokenId = u16;
