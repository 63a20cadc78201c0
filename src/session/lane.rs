//! What is computed of each token while several go through the blocks together.

use super::buffers::{LANE_STATE, ScratchLayout};
use crate::TokenId;
use crate::config::{Norm, Position};
use crate::fixed::Scale;
use crate::format::tensor::Role;
use crate::model::Model;
use crate::ops;
use crate::part::{head, head_mut, tail};
use crate::quant::{Operand, QMatrix, Vector};

/// The gain and the bias of one of a block's norms.
pub(super) type NormRoles = (Role, Role);

/// How many bytes of weights are multiplied by the input of one token after the other before the next ones are
/// fetched. They are few enough to stay in the cache of a microcontroller's flash, and enough for calls of a kernel
/// to be a small part.
const RUN_LEN: usize = 2048;

/// Places of a lane's state.
const X_SCALE: usize = 0;
const INPUT_SCALE: usize = 1;
const INPUT_SUM: usize = 2;
const OUT_SCALES: usize = 3;

/// Activations of one token.
pub(super) struct Lane<'l> {
    state: &'l mut [u32; LANE_STATE],
    /// The residual stream, (n_embd), below 2³⁰. The mantissa of its scale is a power of two.
    x: &'l mut [i32],
    /// Outputs of matrices: queries, keys and values, then mixed values; gate and up; what is added to `x`.
    pub(super) wide: &'l mut [i32],
    /// What a matrix is multiplied by, in the layout of the kernel.
    input: &'l mut [u32],
    /// (head_dim / 2) angles of the token
    pub(super) rotary: &'l mut [u32],
}

/// The lanes of a chunk, that of the newest token first in memory: so it is the first one for any number of tokens.
/// Of its `wide` there may be the end only.
pub(super) struct Lanes<'l> {
    words: &'l mut [u32],
    layout: &'l ScratchLayout,
}

impl<'l> Lanes<'l> {
    pub(super) fn new(words: &'l mut [u32], layout: &'l ScratchLayout) -> Self {
        Self { words, layout }
    }

    /// The lanes, in the order of the tokens.
    pub(super) fn each(&mut self) -> impl Iterator<Item = Lane<'_>> {
        let (layout, mut rest) = (self.layout, &mut *self.words);
        core::iter::from_fn(move || Lane::split_off(&mut rest, layout))
    }

    /// Multiplies the inputs; the products come to `at` in `wide`, their scales are kept as number `i`.
    #[inline(never)]
    pub(super) fn multiply(&mut self, matrix: &QMatrix<'_>, at: usize, i: usize) {
        let n_row = matrix.n_row();
        let is_one = self.words.len() <= self.layout.lane();
        let run = if is_one { n_row } else { matrix.rows_in(RUN_LEN) };
        let mut first = 0;
        while first < n_row {
            let end = n_row.min(first + run);
            for mut lane in self.each() {
                let operand = matrix.operand(lane.input_scale(), lane.input_sum(), lane.input);
                let out = lane.wide.get_mut(at + first..at + end).unwrap_or_default();
                let scale = matrix.multiply_rows(first, &operand, out);
                lane.set_out_scale(i, scale);
            }
            first = end;
        }
    }
}

impl<'l> Lane<'l> {
    /// Takes the last lane off `words`; `None` when there is none.
    #[inline(never)]
    fn split_off(words: &mut &'l mut [u32], layout: &ScratchLayout) -> Option<Self> {
        let before = words.len().saturating_sub(layout.lane());
        let (rest, lane) = core::mem::take(words).split_at_mut_checked(before)?;
        *words = rest;
        let (lane, state) = lane.split_last_chunk_mut()?;
        let (lane, rotary) = lane.split_at_mut_checked(lane.len().checked_sub(layout.rotary)?)?;
        let (lane, input) = lane.split_at_mut_checked(lane.len().checked_sub(layout.input)?)?;
        let (wide, x) = lane.split_at_mut_checked(lane.len().checked_sub(layout.x)?)?;
        Some(Self { state, x: bytemuck::cast_slice_mut(x), wide: bytemuck::cast_slice_mut(wide), input, rotary })
    }

    /// Starts the residual stream; `room` is for n_embd numbers in between.
    pub(super) fn embed(&mut self, model: &Model<'_>, token: TokenId, position: usize, room: &mut [i32]) {
        let mut x_scale = model.matrix(Role::TokenEmbedding, 0).read_row(usize::from(token), self.x);
        if model.config().position == Position::Learned {
            let addend = head_mut(room, self.x.len());
            let scale = model.matrix(Role::PositionEmbedding, 0).read_row(position, addend);
            x_scale = ops::add(self.x, x_scale, addend, scale);
        }
        self.state[X_SCALE] = x_scale.to_word();
        for (word, &step) in self.rotary.iter_mut().zip(model.rotary_steps()) {
            *word = ops::cos_sin((position as u32).wrapping_mul(step)).to_word();
        }
    }

    /// Normalises the residual stream and rounds it to the input of `matrix`.
    #[inline(never)]
    pub(super) fn normalize(
        &mut self,
        model: &Model<'_>,
        (gain, bias): NormRoles,
        layer: usize,
        matrix: &QMatrix<'_>,
        room: &mut [i32],
    ) {
        let config = model.config();
        let out = head_mut(room, self.x.len());
        let eps = Scale::of_f32(config.norm_eps);
        let gain = model.vector(gain, layer);
        let bias = if config.norm == Norm::LayerNorm { model.vector(bias, layer) } else { Vector::NONE };
        let x_scale = Scale::from_word(self.state[X_SCALE]);
        let scale = ops::norm(config.norm, eps, self.x, x_scale, gain, bias, out);
        let operand = matrix.quantize(out, scale, self.input);
        (self.state[INPUT_SCALE], self.state[INPUT_SUM]) = (operand.scale().to_word(), operand.sum() as u32);
    }

    /// Rounds what begins at `at` in `wide`, of the output scale 0, to the input of `matrix`.
    #[inline(never)]
    pub(super) fn quantize_wide(&mut self, matrix: &QMatrix<'_>, at: usize) {
        let operand = matrix.quantize(tail(self.wide, at), self.out_scale(0), self.input);
        (self.state[INPUT_SCALE], self.state[INPUT_SUM]) = (operand.scale().to_word(), operand.sum() as u32);
    }

    /// The input that was made last.
    pub(super) fn operand(&self, matrix: &QMatrix<'_>) -> Operand<'_> {
        matrix.operand(self.input_scale(), self.input_sum(), self.input)
    }

    fn input_scale(&self) -> Scale {
        Scale::from_word(self.state[INPUT_SCALE])
    }

    fn input_sum(&self) -> i32 {
        self.state[INPUT_SUM] as i32
    }

    /// Adds a bias to the products at `at`, of the output scale `i`.
    pub(super) fn add_bias(&mut self, bias: Vector<'_>, at: usize, i: usize) {
        let scale = self.out_scale(i);
        let out = self.wide.get_mut(at..at + bias.mantissas.len()).unwrap_or_default();
        let scale = ops::add_bias(out, scale, bias);
        self.set_out_scale(i, scale);
    }

    /// Adds the start of `wide`, of the output scale 0, to the residual stream.
    pub(super) fn add_wide(&mut self) {
        let x_scale = Scale::from_word(self.state[X_SCALE]);
        let x_scale = ops::add(self.x, x_scale, head(self.wide, self.x.len()), self.out_scale(0));
        self.state[X_SCALE] = x_scale.to_word();
    }

    pub(super) fn out_scale(&self, i: usize) -> Scale {
        Scale::from_word(self.state.get(OUT_SCALES + i).copied().unwrap_or_default())
    }

    pub(super) fn set_out_scale(&mut self, i: usize, scale: Scale) {
        if let Some(word) = self.state.get_mut(OUT_SCALES + i) {
            *word = scale.to_word();
        }
    }
}
