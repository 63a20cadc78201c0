//! Attention of one head over records of the KV cache.

use super::{add_scaled, dot};
use crate::fixed::{SIXTEENTHS, exp2_neg, mul16, shift_right};

/// A head's bytes in records that follow each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Records<'a> {
    pub(crate) bytes: &'a [i8],
    /// Bytes of a record.
    pub(crate) len: usize,
    /// Where in a record the head is, and how many bytes it has.
    pub(crate) start: usize,
    pub(crate) head: usize,
    /// Where in a record the code of the head's step is.
    pub(crate) code: usize,
}

impl<'a> Records<'a> {
    pub(crate) fn count(self) -> usize {
        self.bytes.len() / self.len.max(1)
    }

    /// All but the first `n`.
    #[allow(dead_code)] // for kernels that take several at once
    pub(super) fn after(self, n: usize) -> Self {
        Self { bytes: self.bytes.get(n * self.len..).unwrap_or_default(), ..self }
    }

    /// Bytes and code of each.
    #[inline(always)]
    fn heads(self) -> impl Iterator<Item = (&'a [i8], u8)> {
        let Self { start, head, code, .. } = self;
        self.bytes.chunks_exact(self.len.max(1)).map(move |record| {
            let bytes = record.get(start..start + head).unwrap_or_default();
            (bytes, record.get(code).map_or(0, |&code| code as u8))
        })
    }
}

/// What dot products are multiplied by: `mantissa · 2^(code/16)` in units that `shift` says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScoreScale {
    pub(crate) mantissa: u16,
    /// To the right, less one for every 16 of the code.
    pub(crate) shift: i32,
}

impl ScoreScale {
    /// The mantissa for the lowest four bits of a code.
    #[inline(always)]
    pub(super) fn factor(self, code: u8) -> u16 {
        ((u32::from(self.mantissa) * u32::from(SIXTEENTHS[usize::from(code & 15)])) >> 16) as u16
    }
}

/// `scores[t] = query · key[t]`, scaled; returns the largest one. Beyond ±2¹⁴ they are cut off.
#[inline(always)]
pub(crate) fn score(keys: Records<'_>, query: &[i16], scale: ScoreScale, scores: &mut [i32]) -> i32 {
    let mut most = i32::MIN;
    for (score, (key, code)) in scores.iter_mut().zip(keys.heads()) {
        let product = mul16(dot(query, key), scale.factor(code));
        *score = shift_right(product, scale.shift - i32::from(code >> 4));
        most = most.max(*score);
    }
    most
}

/// How scores become weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    /// The largest score.
    pub(crate) most: i32,
    /// The step in which values are added up; no code is larger.
    pub(crate) step_code: u8,
    /// Bits by which weights are smaller than 2¹⁵.
    pub(crate) shift: u32,
}

impl Weights {
    /// `2^(score − most)` in units of 2⁻¹⁵, and the same in the step's units.
    #[inline(always)]
    fn of(self, score: i32, code: u8) -> (u32, i32) {
        let power = exp2_neg(self.most.wrapping_sub(score) as u32);
        let below = self.step_code.wrapping_sub(code);
        let shift = (16 + u32::from(below >> 4) + self.shift).min(31);
        let weight = power * u32::from(SIXTEENTHS[usize::from(16 - (below & 15))]);
        (power, ((weight + (1 << (shift - 1))) >> shift) as i32)
    }
}

/// `out += Σ weight[t] · value[t]`; returns the sum of the powers of which the weights were made. `scores` are destroyed.
#[inline(always)]
pub(crate) fn mix(values: Records<'_>, weights: Weights, scores: &mut [i32], out: &mut [i32]) -> u32 {
    let mut total = 0;
    for (&mut score, (value, code)) in scores.iter_mut().zip(values.heads()) {
        let (power, weight) = weights.of(score, code);
        total += power;
        if weight != 0 {
            add_scaled(out, weight, value);
        }
    }
    total
}
