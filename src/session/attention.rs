//! Attention of one token over the context.

use super::kv_cache::{CODE_OF_ONE, KvCache, Part, RecordLayout};
use crate::fixed::{Factor, LOG2_E, Scale, bits, power};
use crate::kernel::{self, ScoreScale, Weights};
use crate::ops;

/// What attention reads besides the KV cache.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window<'t> {
    pub(super) layer: usize,
    /// Slot of the oldest token.
    pub(super) first_slot: usize,
    /// Tokens to look at, the newest included.
    pub(super) n: usize,
    pub(super) head_dim: usize,
    /// Query heads that share a key/value head.
    pub(super) group: usize,
    /// Angles of the newest token; empty without rotary positions.
    pub(super) rotary: &'t [u32],
}

/// Bits of a query, key or value before it is rotated.
const HEAD_BITS: u32 = 14;
/// Scores are in units of 2⁻¹⁶ of a logarithm to base 2.
const SCORE_UNIT: i32 = -16;
/// Mixed values are in units of 2⁻²¹ of a step.
const MIXED_UNIT: i32 = -21;

/// Brings a head to 14 bits and rotates it; returns its new scale.
pub(super) fn prepare(head: &mut [i32], scale: Scale, rotary: &[u32]) -> Scale {
    let bits = bits(head.iter().copied());
    head.iter_mut().for_each(|v| *v = *v << (31 - bits) >> (31 - HEAD_BITS));
    ops::rotate(head, rotary);
    scale.times_power_of_two(bits as i32 - HEAD_BITS as i32)
}

/// Attends with every query head of `queries` (n_head, head_dim), which are destroyed, into `out` of the same shape;
/// returns the scale of `out`. `scores` holds at least `window.n` numbers.
pub(super) fn attend(
    cache: &KvCache<'_>,
    window: Window<'_>,
    queries: &mut [i32],
    scale: Scale,
    out: &mut [i32],
    scores: &mut [i32],
) -> Scale {
    let runs = |part| cache.window(window.layer, part, window.first_slot, window.n);
    let (keys, values, layout) = (runs(Part::Key), runs(Part::Value), cache.layout());
    let step_code = values.into_iter().map(|records| layout.largest_code(records)).max().unwrap_or(0);
    let scale = scale.times(LOG2_E).times(Scale::new(window.head_dim as u32, 0).inverse_square_root());
    let heads = queries.chunks_exact_mut(window.head_dim).zip(out.chunks_exact_mut(window.head_dim));
    for (head, (query, out)) in heads.enumerate() {
        let query_scale = prepare(query, scale, window.rotary);
        let head = Head { layout, number: head / window.group };
        let most = head.score(keys, narrow(query), query_scale, scores);
        let weights = Weights { most, step_code, shift: shift_for(window.n) };
        head.mix(values, weights, scores, out);
    }
    power(step_code as i32 - CODE_OF_ONE).times_power_of_two(MIXED_UNIT)
}

/// Packs a query into the 16-bit elements that the kernel takes, in place.
fn narrow(query: &mut [i32]) -> &[i16] {
    let n = query.len();
    for i in 0..n.div_ceil(2) {
        let low = query[2 * i] as u32 & 0xFFFF;
        let high = query.get(2 * i + 1).map_or(0, |&v| (v as u32) << 16);
        query[i] = (low | high) as i32;
    }
    bytemuck::cast_slice::<i32, i16>(query).get(..n).unwrap_or_default()
}

/// Bits by which the weights of `n` values have to be smaller than 2¹⁵ for sums below 2³¹.
fn shift_for(n: usize) -> u32 {
    n.saturating_sub(1).checked_ilog2().map_or(0, |log| (log + 1).saturating_sub(9))
}

/// A key/value head.
#[derive(Clone, Copy, Debug)]
struct Head {
    layout: RecordLayout,
    number: usize,
}

impl Head {
    /// `scores[t] = query · key[t]`; returns the largest one. Beyond ±2¹³ they are not exact.
    #[inline(never)]
    fn score(self, keys: [&[i8]; 2], query: &[i16], scale: Scale, mut scores: &mut [i32]) -> i32 {
        let scale = scale.times(power(-CODE_OF_ONE));
        // A product has up to 22 bits more than the length of the head.
        let left = 31 - 22 - query.len().next_power_of_two().ilog2();
        let shift = SCORE_UNIT - scale.exponent() - 17 - 1 + left as i32;
        let scale = ScoreScale { mantissa: scale.mantissa(), left, shift };
        let mut most = i32::MIN;
        for records in keys.map(|run| self.layout.records(run, self.number)) {
            let (now, later) = scores.split_at_mut_checked(records.count()).unwrap_or_default();
            most = most.max(kernel::score(records, query, scale, now));
            scores = later;
        }
        most
    }

    /// `out = Σ weight[t] · value[t] / Σ weight[t]` with weights `2^score`, in units of 2⁻²¹ of the step. `scores` are
    /// destroyed.
    #[inline(never)]
    fn mix(self, values: [&[i8]; 2], weights: Weights, mut scores: &mut [i32], out: &mut [i32]) {
        out.fill(0);
        let mut total = 0;
        for records in values.map(|run| self.layout.records(run, self.number)) {
            let (now, later) = scores.split_at_mut_checked(records.count()).unwrap_or_default();
            total += kernel::mix(records, weights, now, out);
            scores = later;
        }
        let share = Scale::new(total, 0).inverse().times_power_of_two(weights.shift as i32);
        let bits = 32 - total.leading_zeros() + 7 - weights.shift;
        let factor = Factor::new(share, bits, MIXED_UNIT);
        out.iter_mut().for_each(|v| *v = factor.times(*v));
    }
}
