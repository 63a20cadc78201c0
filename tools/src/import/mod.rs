//! Bringing foreign models into a checkpoint directory.

pub mod hf;
pub mod llama2c;
mod tokenizer_kind;

pub use tokenizer_kind::TokenizerKind;
