//! The network on CPU cores: forward and backward pass over parameters in one vector.
//!
//! One hand-written pass covers every [`embedded_gpt::Config`]. [`forward::logits`] gives the scores for one
//! sequence, [`forward::Pass`] works on batches. Results depend on the processor's instruction set, but not on the
//! number of threads.

pub mod activations;
pub mod attention;
mod backward;
pub mod dropout;
pub mod forward;
#[cfg(test)]
mod gradient_tests;
mod linear;
pub mod loss;
pub(crate) mod math;
pub(crate) mod matmul;
pub(crate) mod norm;
pub mod params;
mod rotary;
pub(crate) mod shard;
pub mod soft_targets;
mod vectors;
