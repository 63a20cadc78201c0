//! The model's backward pass: gradients of every parameter from the gradient of the logits.

use super::activations::{Activations, attention_shape, up_width};
use super::forward::{EMBEDDING_SITE, Pass};
use super::math::vectorized;
use super::matmul::{Matrix, Store, matmul};
use super::norm::{self, NormGradients, add};
use super::params::NormSlot;
use super::{attention, linear, rotary};

impl Pass<'_> {
    /// Adds to `gradients` what the gradient in `acts.logits` implies for the parameters.
    ///
    /// `acts` must hold the forward pass over the same `tokens` with the same dropout.
    pub fn backward(&self, tokens: &[u16], acts: &mut Activations, gradients: &mut [f32]) {
        let config = &self.layout.config;
        let rows = tokens.len();
        self.head_backward(rows, acts, gradients);
        for index in (0..config.n_layer).rev() {
            self.mlp_backward(index, rows, acts, gradients);
            self.attend_backward(index, rows, acts, gradients);
        }
        self.embed_backward(tokens, acts, gradients);
    }

    fn head_backward(&self, rows: usize, acts: &mut Activations, gradients: &mut [f32]) {
        let config = &self.layout.config;
        let elements = rows * config.n_embd;
        let d_logits = Matrix::new(&acts.logits[..rows * config.n_vocab], rows, config.n_vocab);
        let head = &self.params[self.layout.head.clone()];
        let d_normed = &mut acts.scratch.branch[..elements];
        matmul(
            &mut gradients[self.layout.head.clone()],
            d_logits.transposed(),
            Matrix::new(&acts.final_normed[..elements], rows, config.n_embd),
            Store::Add,
        );
        matmul(d_normed, d_logits, Matrix::new(head, config.n_vocab, config.n_embd), Store::Replace);
        let d_residual = &mut acts.scratch.d_residual[..elements];
        d_residual.fill(0.0);
        let slot = &self.layout.final_norm;
        norm::backward(
            self.norm(slot),
            &acts.residual[2 * config.n_layer][..elements],
            &acts.final_stats,
            d_normed,
            d_residual,
            norm_gradients(slot, gradients),
        );
    }

    fn mlp_backward(&self, index: usize, rows: usize, acts: &mut Activations, gradients: &mut [f32]) {
        let config = &self.layout.config;
        let slots = &self.layout.layers[index];
        let elements = rows * config.n_embd;
        let layer = &acts.layers[index];
        let scratch = &mut acts.scratch;
        let d_residual = &mut scratch.d_residual[..elements];
        let branch = &mut scratch.branch[..elements];
        let d_up = &mut scratch.d_up[..rows * up_width(config)];
        let d_activated = &mut scratch.d_activated[..rows * config.n_ff];
        let up = &layer.up[..d_up.len()];
        let activated = &layer.activated[..d_activated.len()];

        let d_branch = self.branch_gradient(d_residual, branch, 2 * index as u32 + 2);
        linear::backward(&slots.down, self.params, activated, d_branch, d_activated, gradients);
        linear::activate_backward(config.mlp, config.n_ff, up, d_activated, d_up);
        let normed = &layer.mlp_normed[..elements];
        linear::backward(&slots.up, self.params, normed, d_up, branch, gradients);
        norm::backward(
            self.norm(&slots.mlp_norm),
            &acts.residual[2 * index + 1][..elements],
            &layer.mlp_stats,
            branch,
            d_residual,
            norm_gradients(&slots.mlp_norm, gradients),
        );
    }

    fn attend_backward(&self, index: usize, rows: usize, acts: &mut Activations, gradients: &mut [f32]) {
        let config = &self.layout.config;
        let slots = &self.layout.layers[index];
        let shape = attention_shape(config, rows / acts.seq_len(), acts.seq_len());
        let elements = rows * config.n_embd;
        let layer = &acts.layers[index];
        let scratch = &mut acts.scratch;
        let d_residual = &mut scratch.d_residual[..elements];
        let branch = &mut scratch.branch[..elements];
        let d_heads = &mut scratch.d_heads[..rows * slots.attn_out.n_in];
        let d_qkv = &mut scratch.d_qkv[..rows * slots.qkv.n_out];
        let heads = &layer.heads[..d_heads.len()];
        let qkv = &layer.qkv[..d_qkv.len()];

        let d_branch = self.branch_gradient(d_residual, branch, 2 * index as u32 + 1);
        linear::backward(&slots.attn_out, self.params, heads, d_branch, d_heads, gradients);
        let room = &mut scratch.attention;
        attention::backward(&shape, qkv, &layer.probs, heads, d_heads, d_qkv, room);
        if !acts.turns.is_empty() {
            rotary::rotate(&shape, d_qkv, &acts.turns, true);
        }
        let normed = &layer.attn_normed[..elements];
        linear::backward(&slots.qkv, self.params, normed, d_qkv, branch, gradients);
        norm::backward(
            self.norm(&slots.attn_norm),
            &acts.residual[2 * index][..elements],
            &layer.attn_stats,
            branch,
            d_residual,
            norm_gradients(&slots.attn_norm, gradients),
        );
    }

    /// The gradient that reaches a branch: that of the residual stream, through dropout.
    fn branch_gradient<'b>(&self, d_residual: &'b [f32], branch: &'b mut [f32], site: u32) -> &'b [f32] {
        if !self.dropout.is_on() {
            return d_residual;
        }
        branch.copy_from_slice(d_residual);
        self.dropout.apply(site, branch);
        branch
    }

    fn embed_backward(&self, tokens: &[u16], acts: &mut Activations, gradients: &mut [f32]) {
        let width = self.layout.config.n_embd;
        let len = acts.seq_len();
        let d = &mut acts.scratch.d_residual[..tokens.len() * width];
        self.dropout.apply(EMBEDDING_SITE, d);
        let table = &mut gradients[self.layout.token_embedding.clone()];
        vectorized(
            #[inline(always)]
            || {
                for (row, &token) in d.chunks_exact(width).zip(tokens) {
                    add(&mut table[usize::from(token) * width..][..width], row);
                }
            },
        );
        if let Some(positions) = &self.layout.position_embedding {
            let positions = &mut gradients[positions.clone()][..len * width];
            for sequence in d.chunks_exact(len * width) {
                add(positions, sequence);
            }
        }
    }
}

fn norm_gradients<'a>(slot: &NormSlot, gradients: &'a mut [f32]) -> NormGradients<'a> {
    // A bias, where there is one, follows its gain.
    let end = slot.bias.as_ref().map_or(slot.gain.end, |b| b.end);
    let (gain, bias) = gradients[slot.gain.start..end].split_at_mut(slot.gain.len());
    NormGradients { gain, bias: slot.bias.is_some().then_some(bias) }
}
