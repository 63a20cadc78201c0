//! Runs a quantized GPT inside microcontroller firmware: autocomplete as you type, text generation, classification.
//!
//! There is no heap, no `std` and no floating point between a blob and its logits; unsafe code is in the kernels alone.
//! Weights stay in flash, where a [`Model`] reads them in place. Every byte of RAM is in buffers that the caller owns,
//! with sizes that are known at compile time. One blob and input give the same bits on every target. Nothing that
//! a device runs panics on any input; [`Config::of`], which is for constants, and the writer's
//! [`Packing::put`](format::tile::Packing::put) do.
//!
//! # Layers
//!
//! Each one uses those above it only.
//!
//! - [`format`](mod@format): where the bytes of a blob are, for whoever writes or inspects one.
//! - [`text`]: characters, words, and UTF-8 that comes in parts.
//! - [`Vocab`]: from text to tokens and back. [`lexicon`]: the words that a blob lists.
//! - [`Model`]: a checked view of a blob.
//! - [`Session`]: a text in progress, in the caller's [`Buffers`]; computes [`Logits`].
//! - [`Sampler`], [`Generator`], [`Suggester`], [`Classifier`]: from logits to text, words and labels.
//!
//! # Memory
//!
//! - RAM: [`Config::kv_words`] and [`Config::scratch_words`] in a [`Workspace`], a [`Suggester`] or another object of
//!   at most 2 KB, and 4 to 5 KB of stack. With `models/keyboard.egpt` and 128 tokens of context that is 60 KB.
//! - Flash: the blob, and 39 KB of code on a Cortex-M4F for suggestions and generation at `opt-level = "s"`.
//!
//! # Features
//!
//! - `defmt`: `defmt::Format` for errors, shapes, suggestions and labels.
//! - `x86`: kernels with AVX2 and AVX-512 on hosts, chosen by what the processor has. Compilers before Rust 1.94 build
//!   the portable kernel instead.
//! - `expect-dsp`: firmware that is built without the DSP instructions of its core does not compile. The target of a
//!   Cortex-M33 does not tell the core; see [`kernel_name`].
//! - `kernel-check`: a runner for those who port a kernel.
//! - `peers`: for the repository's own benchmark, which then runs other engines, too.
//!
//! # Example
//!
//! ```
//! use embedded_gpt::{
//!     Aligned, Config, Model, Session, SuggestOptions, Suggester, Suggestion, Workspace, include_model,
//! };
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
//! let mut line = String::from("see you tomo"); // in firmware: a `heapless::String`
//! line.pop(); // backspace: what both texts have in common is not computed again
//! let mut slots = [Suggestion::EMPTY; 3];
//! let words = suggester.suggest(&line, &mut slots);
//! if let Some(word) = words.first() {
//!     // Accepting a word replaces the letters typed of it.
//!     line.truncate(Suggester::word_start(&line));
//!     line.push_str(word.as_str());
//!     line.push(' ');
//! }
//! assert_eq!(line, "see you tomorrow ");
//! # Ok::<(), embedded_gpt::Error>(())
//! ```
//!
//! Blobs are made by the host tool `egpt`: trained on your own text, or imported from checkpoints of Hugging Face or
//! llama2.c. The format is specified in `docs/format.md`.
#![no_std]
#![deny(missing_docs, unsafe_code)]

#[cfg(target_endian = "big")]
compile_error!("embedded-gpt reads little-endian blobs in place; big-endian targets are not supported");

mod classify;
pub mod config;
pub mod error;
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
pub use config::Config;
pub use error::Error;
pub use format::blob::Aligned;
pub use generate::{Generator, GeneratorOptions, Sampler, Truecaser};
pub use kernel::name as kernel_name;
pub use model::Model;
pub use progress::Progress;
pub use session::{Buffers, Logits, LogitsHash, Session, Workspace};
pub use suggest::{
    Keyboard, Keys, Letters, NextLetter, NextLetters, Phrase, PhraseOptions, Pieces, Shell, SuggestOptions, Suggester,
    Suggestion, UserDictionary,
};
pub use vocab::Vocab;

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
