//! How good a model is: bits per byte, and what its suggestions save a person who types.

pub mod bits_per_byte;
pub mod ksr;
pub mod paired;
pub mod phrases;
pub mod steps;
pub mod suggestions;
pub mod token_stream;
pub mod typed_text;
pub mod typing;

/// Threads that the measurements use.
pub const N_THREADS: usize = 2;
