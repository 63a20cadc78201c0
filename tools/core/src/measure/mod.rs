//! What a model makes of a text: its loss in nats and bits per byte, how far two models diverge, how faithful a blob is
//! to its checkpoint, and the moments of the inputs of its matrices.

pub mod bits_per_byte;
pub mod divergence;
mod evaluate;
pub mod fidelity;
pub mod moments;
pub mod token_stream;
pub(crate) mod windows;

pub use evaluate::{StreamLoss, evaluate, evaluate_some};
