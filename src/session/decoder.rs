//! The forward pass of one token through all blocks.

use super::attention::{Window, attend};
use super::kv_cache::{KvCache, Part};
use crate::buffers::ScratchLayout;
use crate::model::Model;
use crate::ops;
use crate::quant::QMatrix;
use crate::tensor::Role;
use crate::{Position, TokenId};

/// Where a token stands: its number for the model, and its window of the KV cache.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Position that the rotary angle or the position embedding is taken at.
    pub(super) position: usize,
    /// Slot of the KV cache that the token fills.
    pub(super) slot: usize,
    pub(super) first_slot: usize,
    /// Tokens in the window, this one included.
    pub(super) n: usize,
}

/// Activations of one step. See [`ScratchLayout`].
#[derive(Debug)]
pub(super) struct Decoder<'b> {
    /// Residual stream, (n_embd).
    x: &'b mut [f32],
    hidden: &'b mut [f32],
    wide: &'b mut [f32],
    quantized: &'b mut [u32],
    /// (n_vocab)
    logits: &'b mut [f32],
}

impl<'b> Decoder<'b> {
    /// Takes at least `scratch_words` words; the caller has checked that.
    pub(super) fn new(model: &Model<'_>, context: usize, words: &'b mut [u32]) -> Self {
        let config = model.config();
        let layout = ScratchLayout::of(config, context);
        let (x, rest) = words.split_at_mut_checked(config.n_embd).unwrap_or_default();
        let (hidden, rest) = rest.split_at_mut_checked(layout.hidden).unwrap_or_default();
        let (wide, rest) = rest.split_at_mut_checked(layout.wide).unwrap_or_default();
        let (quantized, rest) = rest.split_at_mut_checked(layout.quantized).unwrap_or_default();
        let logits = rest.get_mut(..config.n_vocab).unwrap_or_default();
        Self {
            x: bytemuck::cast_slice_mut(x),
            hidden: bytemuck::cast_slice_mut(hidden),
            wide: bytemuck::cast_slice_mut(wide),
            quantized,
            logits: bytemuck::cast_slice_mut(logits),
        }
    }

    pub(super) fn logits(&self) -> &[f32] {
        self.logits
    }

    /// Takes a token through all blocks; its keys and values are in the cache afterwards.
    pub(super) fn forward(&mut self, model: &Model<'_>, cache: &mut KvCache<'_>, token: TokenId, place: Place) {
        self.embed(model, token, place.position);
        for layer in 0..model.config().n_layer {
            self.attention(model, cache, layer, place);
            self.mlp(model, layer);
        }
    }

    /// Logits of the token that follows the one last taken.
    pub(super) fn head(&mut self, model: &Model<'_>) {
        let config = model.config();
        self.norm(model, Role::FinalNormGain, Role::FinalNormBias, 0);
        let role = if config.tied { Role::TokenEmbedding } else { Role::Head };
        multiply(model.matrix(role, 0), &self.hidden[..config.n_embd], self.quantized, self.logits);
    }

    fn embed(&mut self, model: &Model<'_>, token: TokenId, position: usize) {
        let (scale, row) = model.matrix(Role::TokenEmbedding, 0).row(usize::from(token));
        for (x, weight) in self.x.iter_mut().zip(row) {
            *x = weight as f32 * scale;
        }
        if model.config().position == Position::Learned {
            let (scale, row) = model.matrix(Role::PositionEmbedding, 0).row(position);
            for (x, weight) in self.x.iter_mut().zip(row) {
                *x += weight as f32 * scale;
            }
        }
    }

    /// Normalises the residual stream into `hidden`.
    fn norm(&mut self, model: &Model<'_>, gain: Role, bias: Role, layer: usize) {
        let (gain, bias) = (model.vector(gain, layer), model.vector(bias, layer));
        ops::norm(model.config(), self.x, gain, bias, &mut self.hidden[..self.x.len()]);
    }

    fn attention(&mut self, model: &Model<'_>, cache: &mut KvCache<'_>, layer: usize, place: Place) {
        let config = model.config();
        self.norm(model, Role::AttnNormGain, Role::AttnNormBias, layer);
        let (queries, rest) = self.wide.split_at_mut(config.query_dim());
        let (keys, rest) = rest.split_at_mut(config.kv_dim());
        let (values, scores) = rest.split_at_mut(config.kv_dim());

        let input = &self.hidden[..config.n_embd];
        for (role, bias, out) in [
            (Role::Query, Role::QueryBias, &mut *queries),
            (Role::Key, Role::KeyBias, &mut *keys),
            (Role::Value, Role::ValueBias, &mut *values),
        ] {
            multiply(model.matrix(role, layer), input, self.quantized, out);
            ops::add(out, model.vector(bias, layer).values());
        }
        ops::rotate(queries, config.head_dim, model.rotary_steps(), place.position);
        ops::rotate(keys, config.head_dim, model.rotary_steps(), place.position);
        cache.store(layer, Part::Key, place.slot, keys);
        cache.store(layer, Part::Value, place.slot, values);

        let window = Window {
            layer,
            first_slot: place.first_slot,
            n: place.n,
            head_dim: config.head_dim,
            group: config.n_head / config.n_kv_head,
        };
        let out = &mut self.hidden[..config.query_dim()];
        attend(cache, window, queries, out, scores, bytemuck::cast_slice_mut(self.quantized));
        self.project(model, Role::AttnOut, Role::AttnOutBias, layer, config.query_dim());
    }

    fn mlp(&mut self, model: &Model<'_>, layer: usize) {
        let config = model.config();
        self.norm(model, Role::MlpNormGain, Role::MlpNormBias, layer);
        let (up, rest) = self.wide.split_at_mut(config.n_ff);
        let gate = if config.has(Role::Gate) { &mut rest[..config.n_ff] } else { &mut [] };
        let input = &self.hidden[..config.n_embd];
        multiply(model.matrix(Role::Up, layer), input, self.quantized, up);
        ops::add(up, model.vector(Role::UpBias, layer).values());
        if !gate.is_empty() {
            multiply(model.matrix(Role::Gate, layer), input, self.quantized, gate);
            ops::add(gate, model.vector(Role::GateBias, layer).values());
        }
        ops::activate(config.mlp, gate, up);
        let out = &mut self.hidden[..config.n_embd];
        multiply(model.matrix(Role::Down, layer), up, self.quantized, out);
        ops::add(out, model.vector(Role::DownBias, layer).values());
        ops::add(self.x, out.iter().copied());
    }

    /// Multiplies the first `n_in` values of `hidden` by a matrix and adds the result to the residual stream.
    fn project(&mut self, model: &Model<'_>, role: Role, bias: Role, layer: usize, n_in: usize) {
        let out = &mut self.wide[..self.x.len()];
        multiply(model.matrix(role, layer), &self.hidden[..n_in], self.quantized, out);
        ops::add(out, model.vector(bias, layer).values());
        ops::add(self.x, out.iter().copied());
    }
}

/// `out = matrix · values`; `words` takes the rounded values.
fn multiply(matrix: QMatrix<'_>, values: &[f32], words: &mut [u32], out: &mut [f32]) {
    let vector = matrix.quantize(values, words);
    matrix.multiply(&vector, out);
}
