//! The lookup table of keyboards, to compare a model with: a word trigram with back-off, pruned to a size.
//!
//! [`Counts`] of a text give a [`Table`] of any size; its [`Predictor`] offers words.

mod counts;
mod prune;
mod quantized;
mod sentences;
mod suggest;
mod table;

pub use counts::Counts;
pub use suggest::Predictor;
pub use table::Table;

#[cfg(test)]
mod tests;
