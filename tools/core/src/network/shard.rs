//! A part of a batch that one thread computes the gradients of, in micro-batches of a bounded number of tokens, so
//! that memory does not grow with the batch.

use super::activations::Activations;
use super::forward::Pass;
use super::loss::{Targets, cross_entropy};

/// Tokens a shard has at least: shorter products are slower, and each shard costs a pass
/// over all parameters.
const SHARD_TOKENS: usize = 512;
/// Gradient vectors, and so threads that can share a batch, at most.
const MAX_SHARDS: usize = 8;
/// Tokens that one micro-batch holds at most (one sequence always fits).
const MICRO_BATCH_TOKENS: usize = 1024;

/// A shard's gradients and the sum of its losses.
#[derive(Debug)]
pub struct Shard {
    pub gradients: Vec<f32>,
    pub nats: f64,
}

impl Shard {
    /// A shard for a model of this size.
    pub fn new(n_params: usize) -> Self {
        Self { gradients: vec![0.0; n_params], nats: 0.0 }
    }

    /// Adds up the gradients of some sequences, times `scale`, in micro-batches.
    pub fn compute(
        &mut self,
        pass: Pass,
        acts: &mut Activations,
        (inputs, targets): (&[u16], Targets<'_>),
        scale: f32,
        index: u64,
    ) {
        let tokens = acts.n_seq() * acts.seq_len();
        let n_vocab = pass.layout.config.n_vocab;
        let parts = inputs.chunks(tokens).zip(targets.chunks(tokens));
        for (micro, (inputs, targets)) in parts.enumerate() {
            let mut pass = pass;
            // Keys must differ between micro-batches but not depend on threads.
            let place = index << 32 | micro as u64;
            pass.dropout.key ^= place.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            pass.forward(inputs, acts);
            let logits = acts.logits_mut(inputs.len(), n_vocab);
            self.nats += cross_entropy(logits, targets, scale).targets;
            pass.backward(inputs, acts, &mut self.gradients);
        }
    }
}

/// Shards of a batch of `batch` sequences of `context` tokens.
pub fn n_shards(batch: usize, context: usize) -> usize {
    (batch * context / SHARD_TOKENS).clamp(1, MAX_SHARDS.min(batch))
}

/// Sequences per micro-batch for `n_seq` sequences of `context` tokens: evenly filled.
pub fn micro_batch(n_seq: usize, context: usize) -> usize {
    let most = (MICRO_BATCH_TOKENS / context).max(1);
    n_seq.div_ceil(n_seq.div_ceil(most))
}
