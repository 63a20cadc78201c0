//! The forward pass of a few tokens through all blocks, in integers.
//!
//! The tokens go through each matrix together, so that its weights are fetched once for all of them; everything else is
//! done token by token. One token alone takes the same way.

use super::attention::{Window, attend, prepare};
use super::buffers::{Phase, ScratchLayout};
use super::kv_cache::{KvCache, Part};
use super::lane::{Lane, Lanes, NormRoles};
use crate::config::Mlp;
use crate::fixed::{Factor, Scale};
use crate::format::tensor::Role;
use crate::kernel::{self, Multiplier};
use crate::model::Model;
use crate::ops::{self, Scaled};
use crate::part::{head, head_mut, sides_mut};
use crate::quant::QMatrix;

/// Tokens that go through the blocks together. All positions are those of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chunk {
    /// Position of the first one.
    pub(super) first: usize,
    pub(super) n: usize,
    /// Oldest position in the KV cache before the first one is taken.
    pub(super) oldest: usize,
    /// What is position 0 of the model.
    pub(super) origin: usize,
}

/// Activations of one pass. See [`ScratchLayout`].
#[derive(Debug)]
pub(super) struct Decoder<'b> {
    layout: ScratchLayout,
    n_prefill: usize,
    /// The room and (n_prefill) lanes; in the end (n_vocab) logits at the start.
    words: &'b mut [u32],
}

const ATTN_NORM: NormRoles = (Role::AttnNormGain, Role::AttnNormBias);
const MLP_NORM: NormRoles = (Role::MlpNormGain, Role::MlpNormBias);
const FINAL_NORM: NormRoles = (Role::FinalNormGain, Role::FinalNormBias);

impl<'b> Decoder<'b> {
    /// Takes at least `scratch_words` words, which the caller has checked; what is beyond them serves more tokens
    /// at once, up to `context`.
    pub(super) fn new(model: &Model<'_>, context: usize, words: &'b mut [u32]) -> Self {
        let layout = ScratchLayout::of(model.config(), context);
        let lanes = words.len().saturating_sub(layout.room(Phase::Mlp));
        let n_prefill = lanes.checked_div(layout.lane()).unwrap_or_default().min(context);
        Self { layout, n_prefill, words }
    }

    /// Gives the words back.
    pub(super) fn into_words(self) -> &'b mut [u32] {
        self.words
    }

    /// Most tokens of a [`Chunk`].
    pub(super) fn n_prefill(&self) -> usize {
        self.n_prefill
    }

    /// (n_vocab), in the units of [`Logits`](crate::Logits)
    pub(super) fn logits(&self, n_vocab: usize) -> &[i32] {
        bytemuck::cast_slice(head(self.words, n_vocab))
    }

    /// Takes tokens of the cache through all blocks; their keys and values are in the cache afterwards.
    pub(super) fn forward(&mut self, model: &Model<'_>, cache: &mut KvCache<'_>, chunk: Chunk) {
        let Pass { mut lanes, room, .. } = self.pass(model, chunk.n, Phase::Mlp);
        for (i, mut lane) in lanes.each().enumerate() {
            let position = chunk.first + i;
            lane.embed(model, cache.token(position), position.wrapping_sub(chunk.origin), room);
        }
        for layer in 0..model.config().n_layer {
            self.pass(model, chunk.n, Phase::Attention).attention(cache, layer, chunk);
            self.pass(model, chunk.n, Phase::Mlp).mlp(layer);
        }
    }

    /// A pass of `n` tokens.
    #[inline(never)]
    fn pass<'p, 'm>(&'p mut self, model: &'p Model<'m>, n: usize, phase: Phase) -> Pass<'p, 'm> {
        let used = self.layout.room(Phase::Mlp) + n * self.layout.lane();
        let words = self.words.get_mut(..used).unwrap_or_default();
        let (room, lanes) = words.split_at_mut_checked(self.layout.room(phase)).unwrap_or_default();
        Pass { model, lanes: Lanes::new(lanes, &self.layout), room: bytemuck::cast_slice_mut(room) }
    }

    /// Logits of the token that follows the one last taken.
    pub(super) fn head(&mut self, model: &Model<'_>) {
        let config = model.config();
        let matrix = model.matrix(if config.tied { Role::TokenEmbedding } else { Role::Head }, 0);
        let Pass { mut lanes, room, .. } = self.pass(model, 1, Phase::Logits);
        let Some(mut newest) = lanes.each().next() else { return };
        newest.normalize(model, FINAL_NORM, 0, &matrix, room);
        let logits = room.get_mut(..config.n_vocab).unwrap_or_default();
        let scale = matrix.multiply(&newest.operand(&matrix), logits);
        let factor = Factor::new(scale, kernel::bits(logits), -16);
        kernel::times(logits, factor);
    }
}

/// Tokens on their way through the blocks.
struct Pass<'p, 'm> {
    model: &'p Model<'m>,
    lanes: Lanes<'p>,
    /// Attention's scores, outputs of norms.
    room: &'p mut [i32],
}

impl Pass<'_, '_> {
    #[inline(never)] // keeps the frame of a decode step small
    fn attention(&mut self, cache: &mut KvCache<'_>, layer: usize, chunk: Chunk) {
        self.project(ATTN_NORM, layer, &[Role::Query, Role::Key, Role::Value]);
        let linear = self.model.matrix(Role::AttnOut, layer);
        for (i, mut lane) in self.lanes.each().enumerate() {
            // The oldest token leaves when a new one takes its slot, so one token is done before the next is stored.
            attend_one(self.model, cache, layer, chunk, i, &mut lane, self.room);
            lane.quantize_wide(&linear, self.model.config().query_dim());
        }
        self.add_product(&linear, Role::AttnOut, layer);
    }

    #[inline(never)] // keeps the frame of a decode step small
    fn mlp(&mut self, layer: usize) {
        let config = self.model.config();
        if config.mlp == Mlp::SwiGlu {
            self.project(MLP_NORM, layer, &[Role::Gate, Role::Up]);
        } else {
            self.project(MLP_NORM, layer, &[Role::Up]);
        }
        let linear = self.model.matrix(Role::Down, layer);
        for mut lane in self.lanes.each() {
            let [scale, up_scale] = [lane.out_scale(0), lane.out_scale(1)];
            let (values, up) = sides_mut(lane.wide, config.n_ff);
            let up = if config.mlp == Mlp::SwiGlu { head_mut(up, config.n_ff) } else { &mut [] };
            let scale = ops::activate(config.mlp, Scaled { values, scale }, Scaled { values: up, scale: up_scale });
            lane.set_out_scale(0, scale);
            lane.quantize_wide(&linear, 0);
        }
        self.add_product(&linear, Role::Down, layer);
    }

    /// Multiplies the normalised residual streams by matrices, whose outputs come one after the other.
    #[inline(never)]
    fn project(&mut self, norm: NormRoles, layer: usize, roles: &[Role]) {
        let (mut rounded_for, mut at) = (None, 0);
        for (i, &role) in roles.iter().enumerate() {
            let matrix = self.model.matrix(role, layer);
            // Matrices of one format share the rounded input.
            let multiplier: *const Multiplier = matrix.multiplier();
            if rounded_for != Some(multiplier) {
                rounded_for = Some(multiplier);
                self.lanes.each().for_each(|mut lane| lane.normalize(self.model, norm, layer, &matrix, self.room));
            }
            self.lanes.multiply(&matrix, at, i);
            self.add_bias(role, layer, at, i);
            at += matrix.n_row();
        }
    }

    /// Adds the product of what has been quantized to the residual streams.
    fn add_product(&mut self, matrix: &QMatrix<'_>, role: Role, layer: usize) {
        self.lanes.multiply(matrix, 0, 0);
        self.add_bias(role, layer, 0, 0);
        self.lanes.each().for_each(|mut lane| lane.add_wide());
    }

    /// Adds the bias of a matrix to the products at `at`, of the output scale `i`, if the model has biases.
    fn add_bias(&mut self, role: Role, layer: usize, at: usize, i: usize) {
        if self.model.config().bias {
            let bias = self.model.vector(role.bias(), layer);
            self.lanes.each().for_each(|mut lane| lane.add_bias(bias, at, i));
        }
    }
}

/// Attention of token `i` of the chunk, whose queries, keys and values become mixed values in the place of keys and
/// values.
#[inline(never)] // as above
fn attend_one(
    model: &Model<'_>,
    cache: &mut KvCache<'_>,
    layer: usize,
    chunk: Chunk,
    i: usize,
    lane: &mut Lane<'_>,
    scores: &mut [i32],
) {
    let (config, context) = (model.config(), cache.context());
    let (query_dim, kv_dim, head_dim) = (config.query_dim(), config.kv_dim(), config.head_dim.max(1));
    let position = chunk.first + i;
    let [query_scale, key_scale, value_scale] = [0, 1, 2].map(|i| lane.out_scale(i));
    let (queries, rest) = sides_mut(lane.wide, query_dim);
    let (keys, values) = sides_mut(rest, kv_dim);
    let (mut query_scale, mut key_scale) = (query_scale, key_scale);
    if config.qk_norm {
        query_scale = normalize_heads(model, Role::QueryNormGain, layer, queries, query_scale);
        key_scale = normalize_heads(model, Role::KeyNormGain, layer, keys, key_scale);
    }
    let slot = position % context;
    for (head, key) in keys.chunks_exact_mut(head_dim).enumerate() {
        let scale = prepare(key, key_scale, lane.rotary);
        cache.store(layer, Part::Key, slot, head, key, scale);
    }
    for (head, value) in head_mut(values, kv_dim).chunks_exact_mut(head_dim).enumerate() {
        let scale = prepare(value, value_scale, &[]);
        cache.store(layer, Part::Value, slot, head, value, scale);
    }
    let oldest = chunk.oldest.max((position + 1).saturating_sub(context.get()));
    let window = Window {
        layer,
        first_slot: oldest % context,
        n: position + 1 - oldest,
        head_dim,
        group: config.n_head.checked_div(config.n_kv_head).unwrap_or_default(),
        rotary: lane.rotary,
    };
    // Keys and values are in the cache now; their place is free.
    let scale = attend(cache, window, queries, query_scale, head_mut(rest, query_dim), scores);
    lane.set_out_scale(0, scale);
}

/// Divides each head of the queries or the keys by its root mean square; returns the scale of all of them.
#[inline(never)]
fn normalize_heads(model: &Model<'_>, gain: Role, layer: usize, heads: &mut [i32], scale: Scale) -> Scale {
    // Exact to 2⁻¹⁶, with room for gains that make elements of up to 2¹⁴.
    const UNIT: i32 = -16;
    let config = model.config();
    let (eps, gain) = (Scale::of_f32(config.norm_eps), model.vector(gain, layer));
    for head in heads.chunks_exact_mut(config.head_dim.max(1)) {
        let scale = ops::divide_by_root_mean_square(head, kernel::bits(head), scale, eps, gain);
        kernel::times(head, Factor::new(scale, kernel::bits(head), UNIT));
    }
    Scale::power_of_two(UNIT)
}
