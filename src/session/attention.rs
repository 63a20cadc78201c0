//! Attention of one token over the context.

use super::kv_cache::{Kv, KvCache, Part};
use crate::kernel;
use crate::ops;
use crate::quant::{largest_factor, quantize_halves, round};

/// What attention reads besides the KV cache.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) layer: usize,
    /// Slot of the oldest token.
    pub(super) first_slot: usize,
    /// Tokens to look at, the newest included.
    pub(super) n: usize,
    pub(super) head_dim: usize,
    /// Query heads that share a key/value head.
    pub(super) group: usize,
}

impl Window {
    fn slots(&self, context: usize) -> impl Iterator<Item = usize> + use<> {
        let first = self.first_slot;
        (first..first + self.n).map(move |slot| if slot >= context { slot - context } else { slot })
    }
}

/// Attends with every query head of `queries` (n_head, head_dim) into `out` of the same shape.
///
/// `scores` holds at least `window.n` floats, `rounded` at least one query head.
pub(super) fn attend(
    cache: &KvCache<'_>,
    window: Window,
    queries: &[f32],
    out: &mut [f32],
    scores: &mut [f32],
    rounded: &mut [i16],
) {
    let head_dim = window.head_dim;
    let scores = scores.get_mut(..window.n).unwrap_or_default();
    let heads = queries.chunks_exact(head_dim).zip(out.chunks_exact_mut(head_dim));
    for (head, (query, out)) in heads.enumerate() {
        let head = head / window.group;
        match cache.kv() {
            Kv::Int8 => {
                let rounded = rounded.get_mut(..head_dim).unwrap_or_default();
                score_int8(cache, window, query, head, scores, rounded);
                ops::softmax(scores);
                mix_int8(cache, window, head, scores, out);
            }
            Kv::F16 => {
                score_f16(cache, window, query, head, scores);
                ops::softmax(scores);
                mix_f16(cache, window, head, scores, out);
            }
        }
    }
}

/// `scores[t] = query · key[t] / √head_dim`, the products in integers.
fn score_int8(
    cache: &KvCache<'_>,
    window: Window,
    query: &[f32],
    head: usize,
    scores: &mut [f32],
    rounded: &mut [i16],
) {
    let factor = quantize_halves(query, rounded) / libm::sqrtf(window.head_dim as f32);
    for (score, slot) in scores.iter_mut().zip(window.slots(cache.context())) {
        let (scale, key) = cache.bytes(window.layer, Part::Key, slot, head);
        *score = kernel::dot(rounded, key) as f32 * (scale * factor);
    }
}

/// `out = Σ weights[t] · value[t]`: the weights, times the scales of the values, are rounded to integers
/// as large as keep the sum below 2³¹.
fn mix_int8(cache: &KvCache<'_>, window: Window, head: usize, weights: &mut [f32], out: &mut [f32]) {
    let mut max = 0.0f32;
    for (weight, slot) in weights.iter_mut().zip(window.slots(cache.context())) {
        *weight *= cache.bytes(window.layer, Part::Value, slot, head).0;
        max = max.max(*weight);
    }
    let sums: &mut [i32] = bytemuck::cast_slice_mut(out);
    sums.fill(0);
    let limit = largest_factor(window.n) as f32;
    if max < 1e-30 {
        return; // all values are zero, and 0.0 and 0 have the same bits
    }
    let per_unit = limit / max;
    for (&weight, slot) in weights.iter().zip(window.slots(cache.context())) {
        let weight = round(weight * per_unit);
        if weight != 0 {
            let (_, value) = cache.bytes(window.layer, Part::Value, slot, head);
            kernel::add_scaled(sums, weight, value);
        }
    }
    for sum in sums {
        *sum = (*sum as f32 * (max / limit)).to_bits() as i32;
    }
}

fn score_f16(cache: &KvCache<'_>, window: Window, query: &[f32], head: usize, scores: &mut [f32]) {
    let factor = 1.0 / libm::sqrtf(window.head_dim as f32);
    for (score, slot) in scores.iter_mut().zip(window.slots(cache.context())) {
        let key = cache.floats(window.layer, Part::Key, slot, head);
        *score = query.iter().zip(key).map(|(&q, k)| q * k).sum::<f32>() * factor;
    }
}

fn mix_f16(cache: &KvCache<'_>, window: Window, head: usize, weights: &[f32], out: &mut [f32]) {
    out.fill(0.0);
    for (&weight, slot) in weights.iter().zip(window.slots(cache.context())) {
        let value = cache.floats(window.layer, Part::Value, slot, head);
        for (out, value) in out.iter_mut().zip(value) {
            *out += weight * value;
        }
    }
}
