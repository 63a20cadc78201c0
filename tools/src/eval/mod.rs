//! How good a model is: bits per byte, and what its suggestions save a person who types.

pub mod ksr;
pub mod typed_text;
