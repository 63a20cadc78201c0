//! The model's forward pass over sequences of tokens.

use anyhow::{Result, ensure};

use super::activations::{Activations, attention_shape, up_width};
use super::dropout::Dropout;
use super::matmul::{Matrix, Store, matmul};
use super::norm::{self, NormParams};
use super::params::{Layout, NormSlot};
use super::{attention, linear, rotary};
use crate::weights::Weights;

/// Dropout site of the embeddings; the branches of block `i` are `2 i + 1` and `2 i + 2`.
pub(super) const EMBEDDING_SITE: u32 = 0;

/// One pass over a micro-batch: which parameters, and how much dropout.
#[derive(Clone, Copy, Debug)]
pub struct Pass<'a> {
    pub layout: &'a Layout,
    /// All parameters as [`Layout`] places them.
    pub params: &'a [f32],
    pub dropout: Dropout,
}

impl<'a> Pass<'a> {
    pub(super) fn norm(&self, slot: &NormSlot) -> NormParams<'a> {
        NormParams {
            kind: self.layout.config.norm,
            eps: self.layout.config.norm_eps,
            gain: &self.params[slot.gain.clone()],
            bias: slot.bias.as_ref().map(|b| &self.params[b.clone()]),
        }
    }

    /// Fills `acts` up to the logits for `tokens` (n_seq · seq_len), sequence after sequence.
    ///
    /// # Panics
    /// When the tokens are not whole sequences or more than `acts` has room for.
    pub fn forward(&self, tokens: &[u16], acts: &mut Activations) {
        self.forward_body(tokens, acts);
        let config = &self.layout.config;
        let rows = tokens.len();
        let head = &self.params[self.layout.head.clone()];
        matmul(
            &mut acts.logits[..rows * config.n_vocab],
            Matrix::new(&acts.final_normed[..rows * config.n_embd], rows, config.n_embd),
            Matrix::new(head, config.n_vocab, config.n_embd).transposed(),
            Store::Replace,
        );
    }

    /// Goes forward as [`forward`](Self::forward) does, up to the input of the head.
    pub(crate) fn forward_body(&self, tokens: &[u16], acts: &mut Activations) {
        assert!(tokens.len().is_multiple_of(acts.seq_len()));
        assert!(tokens.len() <= acts.seq_len() * acts.n_seq());
        let config = &self.layout.config;
        let rows = tokens.len();
        self.embed(tokens, acts);
        for index in 0..config.n_layer {
            self.attend(index, rows, acts);
            self.mlp(index, rows, acts);
        }
        let residual = &acts.residual[2 * config.n_layer][..rows * config.n_embd];
        let normed = &mut acts.final_normed[..rows * config.n_embd];
        let slot = self.norm(&self.layout.final_norm);
        norm::forward(slot, residual, normed, &mut acts.final_stats);
    }

    fn embed(&self, tokens: &[u16], acts: &mut Activations) {
        let width = self.layout.config.n_embd;
        let len = acts.seq_len();
        let table = &self.params[self.layout.token_embedding.clone()];
        let out = &mut acts.residual[0][..tokens.len() * width];
        for (row, &token) in out.chunks_exact_mut(width).zip(tokens) {
            row.copy_from_slice(&table[usize::from(token) * width..][..width]);
        }
        if let Some(positions) = &self.layout.position_embedding {
            let positions = &self.params[positions.clone()][..len * width];
            for sequence in out.chunks_exact_mut(len * width) {
                norm::add(sequence, positions);
            }
        }
        self.dropout.apply(EMBEDDING_SITE, out);
    }

    fn attend(&self, index: usize, rows: usize, acts: &mut Activations) {
        let config = &self.layout.config;
        let slots = &self.layout.layers[index];
        let shape = attention_shape(config, rows / acts.seq_len(), acts.seq_len());
        let layer = &mut acts.layers[index];
        let (before, after) = acts.residual.split_at_mut(2 * index + 1);
        let input = &before[2 * index][..rows * config.n_embd];
        let normed = &mut layer.attn_normed[..rows * config.n_embd];
        let qkv = &mut layer.qkv[..rows * slots.qkv.n_out];
        let heads = &mut layer.heads[..rows * slots.attn_out.n_in];
        norm::forward(self.norm(&slots.attn_norm), input, normed, &mut layer.attn_stats);
        linear::forward(&slots.qkv, self.params, normed, qkv, Store::Replace);
        if !acts.turns.is_empty() {
            rotary::rotate(&shape, qkv, &acts.turns, false);
        }
        let scratch = &mut acts.scratch;
        attention::forward(&shape, qkv, &mut layer.probs, heads, &mut scratch.attention);
        let out = &mut after[0][..input.len()];
        out.copy_from_slice(input);
        let site = 2 * index as u32 + 1;
        self.add_branch(&slots.attn_out, heads, out, &mut scratch.branch, site);
    }

    fn mlp(&self, index: usize, rows: usize, acts: &mut Activations) {
        let config = &self.layout.config;
        let slots = &self.layout.layers[index];
        let layer = &mut acts.layers[index];
        let (before, after) = acts.residual.split_at_mut(2 * index + 2);
        let input = &before[2 * index + 1][..rows * config.n_embd];
        let normed = &mut layer.mlp_normed[..rows * config.n_embd];
        let up = &mut layer.up[..rows * up_width(config)];
        let activated = &mut layer.activated[..rows * config.n_ff];
        norm::forward(self.norm(&slots.mlp_norm), input, normed, &mut layer.mlp_stats);
        linear::forward(&slots.up, self.params, normed, up, Store::Replace);
        linear::activate(config.mlp, config.n_ff, up, activated);
        let out = &mut after[0][..input.len()];
        out.copy_from_slice(input);
        let site = 2 * index as u32 + 2;
        self.add_branch(&slots.down, activated, out, &mut acts.scratch.branch, site);
    }

    /// Adds a projection back onto the residual stream, through dropout where it is on.
    fn add_branch(
        &self,
        slot: &super::params::LinearSlot,
        x: &[f32],
        residual: &mut [f32],
        branch: &mut [f32],
        site: u32,
    ) {
        if !self.dropout.is_on() {
            return linear::forward(slot, self.params, x, residual, Store::Add);
        }
        let branch = &mut branch[..residual.len()];
        linear::forward(slot, self.params, x, branch, Store::Replace);
        self.dropout.apply(site, branch);
        norm::add(residual, branch);
    }
}

/// Logits after every token of one sequence, (n_tokens, n_vocab).
///
/// # Errors
/// When the sequence is empty or longer than the model's context, when a token is not in
/// the vocabulary, or when `weights` do not fit their own configuration.
pub fn logits(weights: &Weights, tokens: &[u16]) -> Result<Vec<f32>> {
    let config = &weights.config;
    ensure!(
        (1..=config.n_ctx).contains(&tokens.len()),
        "{} tokens do not fit a context of {}; shorten the text",
        tokens.len(),
        config.n_ctx
    );
    check_vocabulary(tokens, config.n_vocab)?;
    let layout = Layout::new(config)?;
    let params = layout.flatten(weights)?;
    let mut acts = Activations::new(config, 1, tokens.len());
    let pass = Pass { layout: &layout, params: &params, dropout: Dropout::default() };
    pass.forward(tokens, &mut acts);
    Ok(acts.logits)
}

/// Refuses tokens a model has no embedding for.
///
/// # Errors
/// Names the first such token and the likely cause.
pub(crate) fn check_vocabulary(tokens: &[u16], n_vocab: usize) -> Result<()> {
    let stray = tokens.iter().find(|&&token| usize::from(token) >= n_vocab);
    ensure!(
        stray.is_none(),
        "token {} is outside the model's vocabulary of {n_vocab}; encode the text with the \
         tokenizer the model was trained with",
        stray.copied().unwrap_or_default()
    );
    Ok(())
}
