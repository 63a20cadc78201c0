//! Runs a quantized GPT inside microcontroller firmware: text generation and autocomplete as you type.
//!
//! No heap, no `std`, unsafe code in the kernels alone. The weights stay in flash, where a [`Model`] reads them in
//! place, after reading them through once for the checksum. Every byte of RAM is in buffers that the caller owns,
//! sized while compiling. The same blob and input give the same bits on every target. Nothing here panics on any
//! input, except [`Config::of`], which is for constants.
//!
//! Data flows one way: bytes → [`Model`] (checked view) → [`Session`] (the caller's [`Buffers`]) → [`Logits`] →
//! [`Sampler`] or [`Suggester`] → text.
//!
//! ```
//! use embedded_gpt::include_model;
//! use embedded_gpt::{Aligned, Config, Model, Session, SuggestOptions, Suggester, Suggestion, Workspace};
//!
//! // A blob that is foreign, truncated or too new stops the build.
//! static BLOB: &Aligned<[u8]> = include_model!("../models/demo.egpt");
//! const CONFIG: Config = Config::of(&BLOB.0);
//! const CONTEXT: usize = 64; // tokens that the model looks back
//! type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;
//!
//! let mut ram = Ram::new(); // in firmware: in a `static`
//! let model = Model::parse(&BLOB.0)?;
//! let mut suggester = Suggester::new(Session::new(&model, CONTEXT, ram.buffers())?, SuggestOptions::DEFAULT);
//!
//! let mut slots = [Suggestion::EMPTY; 3];
//! for word in suggester.suggest("see you tom", &mut slots) {
//!     println!("{}", word.as_str());
//! }
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```
//!
//! Blobs are made by the host tool `egpt`: trained on your own text, or imported from
//! Hugging Face or llama2.c checkpoints of GPT-2 or Llama type. The format is specified in `docs/format.md`.
#![no_std]
#![deny(missing_docs, unsafe_code)]

#[cfg(target_endian = "big")]
compile_error!("embedded-gpt reads little-endian blobs in place; big-endian targets are not supported");

mod classify;
mod config;
mod error;
mod fixed;
pub mod format;
mod generate;
mod kernel;
#[cfg(feature = "kernel-check")]
#[doc(hidden)]
pub mod kernel_bench;
pub mod lexicon;
mod model;
mod ops;
mod part;
mod progress;
mod quant;
mod session;
mod suggest;
pub mod text;
mod vocab;

pub use classify::{Class, Classifier};
pub use config::{Config, Mlp, Norm, Position, Shape};
pub use error::{CapacityError, DictionaryError, Error, LoadError, SessionError, StepError, VocabError};
pub use format::blob::Aligned;
pub use generate::{Generator, GeneratorOptions, Sampler, Truecaser};
pub use kernel::name as kernel_name;
pub use model::Model;
pub use progress::Progress;
pub use session::{Buffers, Logits, Session, Workspace};
pub use suggest::{MAX_PHRASE_BYTES, Phrase, PhraseOptions, SuggestOptions, Suggester, Suggestion, UserDictionary};
pub use text::{MAX_WORD_BYTES, Utf8Stream};
pub use vocab::{MAX_TOKEN_BYTES, Vocab};

/// Runs the target's kernels against naive loops; for firmware that tests a port.
#[cfg(feature = "kernel-check")]
#[doc(hidden)]
pub use kernel::check as kernel_check;

/// Index of a token in the vocabulary.
pub type TokenId = u16;

/// The README's program, so that it compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
#[derive(Debug)]
pub struct Readme;

/// The programs in docs/finetuning.md, for the same reason.
#[cfg(doctest)]
#[doc = include_str!("../docs/finetuning.md")]
#[derive(Debug)]
pub struct Finetuning;
