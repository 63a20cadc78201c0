//! Attention of one token over the context.

use super::kv_cache::{CODE_OF_ONE, KvCache, Part};
use crate::fixed::{Factor, LOG2_E, Scale, power};
use crate::kernel::{self, Heads, ScoreScale};
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
    let bits = kernel::bits(head);
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
    let layout = cache.layout();
    let runs = |part| {
        let [first, second] = cache.window(window.layer, part, window.first_slot, window.n);
        [layout.records(first, 0), layout.records(second, 0)]
    };
    let (keys, values) = (runs(Part::Key), runs(Part::Value));
    let step_code = layout.largest_code(values[0].bytes).max(layout.largest_code(values[1].bytes));
    let scale = scale.times(LOG2_E).times(Scale::new(window.head_dim as u32, 0).inverse_square_root());
    let heads = Heads { keys, values, group: window.group, step_code, shift: shift_for(window.n) };
    let prepare = |query: &mut [i32]| score_scale(prepare(query, scale, window.rotary), window.head_dim);
    let finish = |total, mixed: &mut [i32]| divide(mixed, total, heads.shift);
    kernel::attend(heads, queries, window.head_dim, out, scores, prepare, finish);
    power(step_code as i32 - CODE_OF_ONE).times_power_of_two(MIXED_UNIT)
}

/// Bits by which the weights of `n` values have to be smaller than 2¹⁵ for sums below 2³¹.
fn shift_for(n: usize) -> u32 {
    n.saturating_sub(1).checked_ilog2().map_or(0, |log| (log + 1).saturating_sub(9))
}

/// What products of a query with keys have to be multiplied by. Beyond ±2¹³ scores are not exact.
#[inline(always)]
fn score_scale(query: Scale, head_dim: usize) -> ScoreScale {
    let scale = query.times_power_of_two(-CODE_OF_ONE / 16);
    // A product has up to 22 bits more than the length of the head.
    let left = 31 - 22 - (usize::BITS - head_dim.saturating_sub(1).leading_zeros());
    let shift = SCORE_UNIT - scale.exponent() - 17 - 1 + left as i32;
    ScoreScale { mantissa: scale.mantissa(), left, shift }
}

/// Divides sums of weighted values by the sum of the weights, in units of 2⁻²¹ of the step.
#[inline(always)]
fn divide(mixed: &mut [i32], total: u32, shift: u32) {
    let share = Scale::new(total, 0).inverse().times_power_of_two(shift as i32);
    let bits = 32 - total.leading_zeros() + 7 - shift;
    let factor = Factor::new(share, bits, MIXED_UNIT);
    kernel::times(mixed, factor);
}
