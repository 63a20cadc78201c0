//! The forward pass of one token through all blocks, in integers.

use super::attention::{Window, attend, prepare};
use super::kv_cache::{KvCache, Part};
use crate::buffers::ScratchLayout;
use crate::fixed::{Factor, Scale};
use crate::kernel;
use crate::model::Model;
use crate::ops::{self, Scaled};
use crate::quant::{Operand, QMatrix, Vector};
use crate::tensor::Role;
use crate::{Mlp, Position, TokenId};

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
    x: Residual<'b>,
    /// Queries, keys and values, then mixed values; later gate and up.
    wide: &'b mut [i32],
    /// What a matrix is multiplied by, in the layout of the kernel.
    input: &'b mut [u32],
    /// (head_dim / 2) angles of the token
    rotary: &'b mut [u32],
    /// Attention's scores, outputs of norms and projections, in the end (n_vocab) logits.
    scores: &'b mut [i32],
}

/// The residual stream, (n_embd), below 2³⁰. The mantissa of its scale is a power of two.
#[derive(Debug)]
struct Residual<'b> {
    values: &'b mut [i32],
    scale: Scale,
}

/// The gain and the bias of one of a block's norms.
type NormRoles = (Role, Role);
const ATTN_NORM: NormRoles = (Role::AttnNormGain, Role::AttnNormBias);
const MLP_NORM: NormRoles = (Role::MlpNormGain, Role::MlpNormBias);
const FINAL_NORM: NormRoles = (Role::FinalNormGain, Role::FinalNormBias);

impl<'b> Decoder<'b> {
    /// Takes at least `scratch_words` words; the caller has checked that.
    pub(super) fn new(model: &Model<'_>, context: usize, words: &'b mut [u32]) -> Self {
        let layout = ScratchLayout::of(model.config(), context);
        let (x, rest) = words.split_at_mut_checked(layout.x).unwrap_or_default();
        let (wide, rest) = rest.split_at_mut_checked(layout.wide).unwrap_or_default();
        let (input, rest) = rest.split_at_mut_checked(layout.input).unwrap_or_default();
        let (rotary, rest) = rest.split_at_mut_checked(layout.rotary).unwrap_or_default();
        let scores = rest.get_mut(..layout.scores).unwrap_or_default();
        Self {
            x: Residual { values: bytemuck::cast_slice_mut(x), scale: Scale::ZERO },
            wide: bytemuck::cast_slice_mut(wide),
            input,
            rotary,
            scores: bytemuck::cast_slice_mut(scores),
        }
    }

    /// (n_vocab), in the units of [`Logits`](crate::Logits)
    pub(super) fn logits(&self, n_vocab: usize) -> &[i32] {
        self.scores.get(..n_vocab).unwrap_or_default()
    }

    /// Takes a token through all blocks; its keys and values are in the cache afterwards.
    pub(super) fn forward(&mut self, model: &Model<'_>, cache: &mut KvCache<'_>, token: TokenId, place: Place) {
        self.x.embed(model, token, place.position, self.scores);
        for (word, &step) in self.rotary.iter_mut().zip(model.rotary_steps()) {
            *word = ops::cos_sin((place.position as u32).wrapping_mul(step)).to_word();
        }
        for layer in 0..model.config().n_layer {
            self.attention(model, cache, layer, place);
            self.mlp(model, layer);
        }
    }

    /// Logits of the token that follows the one last taken.
    pub(super) fn head(&mut self, model: &Model<'_>) {
        let config = model.config();
        let matrix = model.matrix(if config.tied { Role::TokenEmbedding } else { Role::Head }, 0);
        let operand = self.x.normalize(model, FINAL_NORM, 0, &matrix, self.scores, self.input);
        let logits = self.scores.get_mut(..config.n_vocab).unwrap_or_default();
        let scale = matrix.multiply(&operand, logits);
        let factor = Factor::new(scale, kernel::bits(logits, 0), -16);
        kernel::map(logits, |v| factor.times(v));
    }

    fn attention(&mut self, model: &Model<'_>, cache: &mut KvCache<'_>, layer: usize, place: Place) {
        let config = model.config();
        let (query_dim, kv_dim, head_dim) = (config.query_dim(), config.kv_dim(), config.head_dim);
        let (queries, rest) = self.wide.split_at_mut(query_dim);
        let (keys, values) = rest.split_at_mut(kv_dim);
        let outputs = [(Role::Query, &mut *queries), (Role::Key, keys), (Role::Value, &mut values[..kv_dim])];
        let [query_scale, key_scale, value_scale] =
            self.x.project(model, ATTN_NORM, layer, outputs, self.scores, self.input);
        let (keys, values) = rest.split_at_mut(kv_dim);
        for (head, key) in keys.chunks_exact_mut(head_dim).enumerate() {
            let scale = prepare(key, key_scale, self.rotary);
            cache.store(layer, Part::Key, place.slot, head, key, scale);
        }
        for (head, value) in values[..kv_dim].chunks_exact_mut(head_dim).enumerate() {
            let scale = prepare(value, value_scale, &[]);
            cache.store(layer, Part::Value, place.slot, head, value, scale);
        }
        let window = Window {
            layer,
            first_slot: place.first_slot,
            n: place.n,
            head_dim,
            group: config.n_head / config.n_kv_head,
            rotary: self.rotary,
        };
        // Keys and values are in the cache now; their place is free.
        let mixed = &mut rest[..query_dim];
        let scale = attend(cache, window, queries, query_scale, mixed, self.scores);
        let linear = Linear::new(model, Role::AttnOut, layer);
        self.x.add_product(linear, &linear.matrix.quantize(mixed, scale, self.input), self.scores);
    }

    fn mlp(&mut self, model: &Model<'_>, layer: usize) {
        let config = model.config();
        let (x, up) = self.wide.split_at_mut(config.n_ff);
        let scale = if config.mlp == Mlp::SwiGlu {
            let up = &mut up[..config.n_ff];
            let outputs = [(Role::Gate, &mut *x), (Role::Up, &mut *up)];
            let [scale, up_scale] = self.x.project(model, MLP_NORM, layer, outputs, self.scores, self.input);
            ops::activate(config.mlp, Scaled { values: x, scale }, Scaled { values: up, scale: up_scale })
        } else {
            let outputs = [(Role::Up, &mut *x)];
            let [scale] = self.x.project(model, MLP_NORM, layer, outputs, self.scores, self.input);
            ops::activate(config.mlp, Scaled { values: x, scale }, Scaled { values: &mut [], scale })
        };
        let linear = Linear::new(model, Role::Down, layer);
        self.x.add_product(linear, &linear.matrix.quantize(x, scale, self.input), self.scores);
    }
}

impl Residual<'_> {
    fn embed(&mut self, model: &Model<'_>, token: TokenId, position: usize, room: &mut [i32]) {
        let (scale, row) = model.matrix(Role::TokenEmbedding, 0).row(usize::from(token));
        self.scale = scale;
        self.values.iter_mut().zip(row).for_each(|(x, value)| *x = value);
        if model.config().position == Position::Learned {
            let (scale, row) = model.matrix(Role::PositionEmbedding, 0).row(position);
            let addend = &mut room[..self.values.len()];
            addend.iter_mut().zip(row).for_each(|(x, value)| *x = value);
            self.add(addend, scale);
        }
    }

    /// Normalises and rounds to what `matrix` is multiplied by; `room` is for n_embd numbers in between.
    fn normalize<'w>(
        &self,
        model: &Model<'_>,
        (gain, bias): NormRoles,
        layer: usize,
        matrix: &QMatrix<'_>,
        room: &mut [i32],
        words: &'w mut [u32],
    ) -> Operand<'w> {
        let config = model.config();
        let out = &mut room[..self.values.len()];
        let eps = Scale::of_f32(config.norm_eps);
        let (gain, bias) = (model.vector(gain, layer), model.vector(bias, layer));
        let scale = ops::norm(config.norm, eps, self.values, self.scale, gain, bias, out);
        matrix.quantize(out, scale, words)
    }

    /// Multiplies the normalised vector by several matrices; returns the scales of what comes out.
    fn project<const N: usize>(
        &self,
        model: &Model<'_>,
        norm: NormRoles,
        layer: usize,
        outputs: [(Role, &mut [i32]); N],
        room: &mut [i32],
        words: &mut [u32],
    ) -> [Scale; N] {
        let mut scales = [Scale::ZERO; N];
        let mut operand: Option<Operand<'_>> = None;
        for ((role, out), scale) in outputs.into_iter().zip(&mut scales) {
            let linear = Linear::new(model, role, layer);
            // Matrices of one format share the rounded input.
            let input = match operand {
                Some(operand) if operand.format == linear.matrix.format() => operand,
                _ => self.normalize(model, norm, layer, &linear.matrix, room, words),
            };
            *scale = linear.apply(&input, out);
            operand = Some(input);
        }
        scales
    }

    fn add_product(&mut self, linear: Linear<'_>, operand: &Operand<'_>, room: &mut [i32]) {
        let out = &mut room[..self.values.len()];
        let scale = linear.apply(operand, out);
        self.add(out, scale);
    }

    fn add(&mut self, addend: &[i32], scale: Scale) {
        self.scale = ops::add(self.values, self.scale, addend, scale);
    }
}

/// A matrix and its bias, which may be empty.
#[derive(Clone, Copy, Debug)]
struct Linear<'a> {
    matrix: QMatrix<'a>,
    bias: Vector<'a>,
}

impl<'a> Linear<'a> {
    fn new(model: &Model<'a>, role: Role, layer: usize) -> Self {
        Self { matrix: model.matrix(role, layer), bias: model.vector(role.bias(), layer) }
    }

    /// Returns the scale of `out`.
    fn apply(&self, operand: &Operand<'_>, out: &mut [i32]) -> Scale {
        let scale = self.matrix.multiply(operand, out);
        ops::add(out, scale, self.bias.mantissas, self.bias.unit())
    }
}
