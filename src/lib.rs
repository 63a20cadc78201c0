//! Runs a quantized GPT inside microcontroller firmware.
#![no_std]
#![deny(missing_docs, unsafe_code)]

#[cfg(target_endian = "big")]
compile_error!("embedded-gpt reads little-endian blobs in place; big-endian targets are not supported");

mod config;

pub use config::{Config, Mlp, Norm, Position};

/// Index of a token in the vocabulary.
pub type TokenId = u16;
