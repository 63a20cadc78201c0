//! Attention of one head over records of the KV cache.

use core::cell::Cell;

use crate::fixed::{SIXTEENTHS, exp2_neg, mul17};
use crate::part::{head, head_mut};

/// A head's bytes in records that follow each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Records<'a> {
    pub(crate) bytes: &'a [i8],
    /// Length of a record in bytes, a multiple of four.
    pub(crate) len: usize,
    /// Where in a record the head is, and how many bytes it has. Both are multiples of four; the last bytes are
    /// zeros.
    pub(crate) start: usize,
    pub(crate) head: usize,
    /// Where in a record, behind its heads, the code of the head's scale is.
    pub(crate) code: usize,
}

impl<'a> Records<'a> {
    /// Number of records. There are none if the head is not inside them, or the code not behind the head.
    pub(crate) fn count(self) -> usize {
        let Self { len, start, head, code, .. } = self;
        let is_inside = (len | start | head).is_multiple_of(GROUP) && start + head <= code && code < len;
        if is_inside { self.bytes.len() / len } else { 0 }
    }

    /// The bytes of another head of the same records.
    #[inline(always)]
    pub(super) fn of_head(self, number: usize) -> Self {
        Self { start: self.start + number * self.head, code: self.code + number, ..self }
    }

    /// All records but the first `n`.
    #[allow(dead_code)] // for kernels that take several at once
    pub(super) fn after(self, n: usize) -> Self {
        Self { bytes: self.bytes.get(n * self.len..).unwrap_or_default(), ..self }
    }

    /// The code in the record that starts at `at`.
    #[inline(always)]
    fn code(&self, at: usize) -> u32 {
        self.bytes.get(at + self.code).map_or(0, |&code| code as u8).into()
    }
}

/// The factor of dot products: `mantissa · 2^(code/16)` in units that `shift` says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScoreScale {
    pub(crate) mantissa: u16,
    /// How far products can be shifted to the left without an overflow, in bits.
    pub(crate) left: u32,
    /// Shift to the right afterwards, less one for every 16 of the code.
    pub(crate) shift: i32,
}

impl ScoreScale {
    /// The mantissa, for each value of the lowest four bits of a code.
    #[inline(always)]
    pub(super) fn factor(self, code: u32) -> u16 {
        ((u32::from(self.mantissa) * u32::from(SIXTEENTHS[(code & 15) as usize])) >> 16) as u16
    }
}

/// The name of these functions.
#[allow(dead_code)] // for `check`
pub(super) fn attention_name() -> &'static str {
    "portable"
}

/// `scores[t] = query · key[t]`, scaled. Returns the largest one. Scores are exact below 2¹³ units of 2¹⁶; larger
/// ones may be too small.
#[inline(always)]
pub(crate) fn score(keys: Records<'_>, query: &[i16], scale: ScoreScale, scores: &mut [i32]) -> i32 {
    let n = keys.count().min(scores.len());
    let scores = &mut scores[..n];
    dots(keys, query, scores);
    let (mut most, mut at) = (i32::MIN, 0);
    for score in scores {
        let code = keys.code(at);
        let shift = (scale.shift - (code >> 4) as i32).clamp(0, 31);
        *score = mul17(*score << scale.left, scale.factor(code)) >> shift;
        most = most.max(*score);
        at += keys.len;
    }
    most
}

/// How scores become weights.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    /// The largest score.
    pub(crate) most: i32,
    /// Code of the scale in which values are added up; no value's code is larger.
    pub(crate) step_code: u32,
    /// How much smaller than 2¹⁵ weights are, in bits, at most 7.
    pub(crate) shift: u32,
}

/// `out += Σ weight[t] · value[t]`. Returns the sum of the powers of which the weights were made. The scores are
/// destroyed.
#[inline(always)]
pub(crate) fn mix(values: Records<'_>, weights: Weights, scores: &mut [i32], out: &mut [i32]) -> u32 {
    let n = values.count().min(scores.len());
    let scores = &mut scores[..n];
    let (mut total, mut at) = (0u32, 0);
    for score in &mut *scores {
        // `2^(score − most)` in units of 2⁻¹⁵, then in units of the common scale of the values.
        let power = exp2_neg(weights.most.wrapping_sub(*score) as u32);
        total = total.wrapping_add(power);
        let below = weights.step_code.wrapping_sub(values.code(at));
        let weight = power * u32::from(SIXTEENTHS[16 - (below & 15) as usize]);
        let shift = (16 + (below >> 4 & 15) + weights.shift).min(31);
        *score = ((weight + (1 << (shift - 1))) >> shift) as i32;
        at += values.len;
    }
    add_all(values, scores, out);
    total
}

/// All heads of a token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heads<'c> {
    /// The records of the first key/value head, in two runs. The other heads follow it.
    pub(crate) keys: [Records<'c>; 2],
    pub(crate) values: [Records<'c>; 2],
    /// Query heads that share a key/value head.
    pub(crate) group: usize,
    /// Code of the scale in which values are added up, as in [`Weights`].
    pub(crate) step_code: u32,
    pub(crate) shift: u32,
}

impl Heads<'_> {
    /// Scores of one query head. Returns the largest one.
    #[inline(never)]
    fn score(&self, kv_head: usize, query: &[i16], scale: ScoreScale, mut scores: &mut [i32]) -> i32 {
        let mut most = i32::MIN;
        for keys in &self.keys {
            let keys = keys.of_head(kv_head);
            let n = keys.count();
            if n == 0 {
                continue;
            }
            let (now, later) = scores.split_at_mut_checked(n).unwrap_or_default();
            most = most.max(super::score(keys, query, scale, now));
            scores = later;
        }
        most
    }

    /// Weights of the scores, and the weighted sum of the values. Returns the total of the weights.
    #[inline(never)]
    fn mix(&self, kv_head: usize, most: i32, mut scores: &mut [i32], out: &mut [i32]) -> u32 {
        out.fill(0);
        let weights = Weights { most, step_code: self.step_code, shift: self.shift };
        let mut total = 0;
        for values in &self.values {
            let values = values.of_head(kv_head);
            let n = values.count();
            if n == 0 {
                continue;
            }
            let (now, later) = scores.split_at_mut_checked(n).unwrap_or_default();
            total += super::mix(values, weights, now, out);
            scores = later;
        }
        total
    }
}

/// `out[head] = Σ weight[head][t] · value[t]` for all heads of `head_dim` numbers of `queries` and `out`.
///
/// `prepare` brings a query to 16 bits, at most 2¹⁴·⁵, and tells its scale. `finish` gets the total of a head's
/// weights and its sums. `queries` are destroyed; `scores` is room for a number per record.
#[inline(always)]
pub(crate) fn attend(
    heads: Heads<'_>,
    queries: &mut [i32],
    head_dim: usize,
    out: &mut [i32],
    scores: &mut [i32],
    prepare: impl Fn(&mut [i32]) -> ScoreScale,
    finish: impl Fn(u32, &mut [i32]),
) {
    let all = queries.chunks_exact_mut(head_dim).zip(out.chunks_exact_mut(head_dim));
    let (mut kv_head, mut n_of_head) = (0, 0);
    for (query, out) in all {
        // Small cores divide by a function of the library.
        if n_of_head == heads.group {
            (kv_head, n_of_head) = (kv_head + 1, 0);
        }
        n_of_head += 1;
        let scale = prepare(query);
        let most = heads.score(kv_head, narrow(query), scale, scores);
        finish(heads.mix(kv_head, most, scores, out), out);
    }
}

/// Packs a query into the 16-bit elements that kernels take, in place.
pub(super) fn narrow(query: &mut [i32]) -> &[i16] {
    let n = query.len();
    let halves: &mut [i16] = bytemuck::cast_slice_mut(query);
    let cells = Cell::from_mut(&mut *halves).as_slice_of_cells();
    // The lower half comes first in memory.
    cells.chunks_exact(2).zip(cells).for_each(|(number, to)| to.set(number[0].get()));
    head(halves, n)
}

/// Elements of a head that are in registers at a time.
const GROUP: usize = 4;

/// `sums[t] = query · key[t]` for all of `sums`, which are not more than there are keys. Four elements of the query
/// stay in registers while the keys go by.
#[inline(never)]
fn dots(keys: Records<'_>, query: &[i16], sums: &mut [i32]) {
    debug_assert!(sums.len() <= keys.count());
    sums.fill(0);
    for (group, query) in head(query, keys.head).chunks(GROUP).enumerate() {
        let [a, b, c, d]: [i32; GROUP] = core::array::from_fn(|i| query.get(i).map_or(0, |&q| q.into()));
        let mut key = keys.bytes.as_ptr().wrapping_add(keys.start + group * GROUP);
        for sum in &mut *sums {
            // SAFETY: `count` has checked that each of the keys, of which there are as many as sums, has `head`
            // bytes inside its record. This is group `group` of the `head / 4`.
            let [w, x, y, z] = unsafe { elements(key) };
            *sum = sum.wrapping_add(a.wrapping_mul(w)).wrapping_add(b.wrapping_mul(x));
            *sum = sum.wrapping_add(c.wrapping_mul(y)).wrapping_add(d.wrapping_mul(z));
            key = key.wrapping_add(keys.len);
        }
    }
}

/// `sums += Σ weights[t] · value[t]`, with not more weights than there are values. Four sums stay in registers
/// while the values go by.
#[inline(never)]
fn add_all(values: Records<'_>, weights: &[i32], sums: &mut [i32]) {
    debug_assert!(weights.len() <= values.count());
    for (group, sums) in head_mut(sums, values.head).chunks_mut(GROUP).enumerate() {
        let (mut a, mut b, mut c, mut d) = (0i32, 0i32, 0i32, 0i32);
        let mut value = values.bytes.as_ptr().wrapping_add(values.start + group * GROUP);
        for &weight in weights {
            // SAFETY: `count` has checked that each of the values, of which there are as many as weights, has
            // `head` bytes inside its record. This is group `group` of the `head / 4`.
            let [w, x, y, z] = unsafe { elements(value) };
            (a, b) = (a.wrapping_add(weight.wrapping_mul(w)), b.wrapping_add(weight.wrapping_mul(x)));
            (c, d) = (c.wrapping_add(weight.wrapping_mul(y)), d.wrapping_add(weight.wrapping_mul(z)));
            value = value.wrapping_add(values.len);
        }
        sums.iter_mut().zip([a, b, c, d]).for_each(|(sum, total)| *sum = sum.wrapping_add(total));
    }
}

/// Reads a group of elements, one by one, and so is what is done with them. Where code is to be small, the compiler
/// unrolls no loop.
///
/// # Safety
/// There are as many elements.
#[inline(always)]
unsafe fn elements(from: *const i8) -> [i32; GROUP] {
    // SAFETY: the caller's promise.
    let [w, x, y, z] = unsafe { [from.read(), from.add(1).read(), from.add(2).read(), from.add(3).read()] };
    [w.into(), x.into(), y.into(), z.into()]
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::vec::Vec;

    fn numbers(n: usize, seed: u32) -> impl Iterator<Item = u32> {
        (0..n as u32).map(move |i| (i + seed).wrapping_mul(2_654_435_761).rotate_left(15).wrapping_mul(2_246_822_519))
    }

    #[test]
    fn products_are_those_of_naive_loops() {
        let shapes = [
            (36, 8, 8, 8, 5),
            (16, 4, 8, 6, 3),
            (8, 0, 4, 1, 1),
            (100, 32, 64, 64, 17),
            (40, 0, 36, 34, 2),
            (12, 4, 4, 4, 0),
        ];
        for (len, start, head, head_dim, n) in shapes {
            let bytes: Vec<i8> = numbers(len * n, 1).map(|v| v as i8).collect();
            let records = Records { bytes: &bytes, len, start, head, code: len - 1 };
            assert_eq!(records.count(), n);
            let query: Vec<i16> = numbers(head_dim, 2).map(|v| v as i16).collect();
            let weights: Vec<i32> = numbers(n, 3).map(|v| (v >> 16) as i32).collect();
            let element = |t: usize, i: usize| i32::from(bytes[t * len + start + i]);
            let dot = |t: usize| (0..head_dim).map(|i| i32::from(query[i]) * element(t, i)).sum::<i32>();
            let mut sums = std::vec![9; n];
            dots(records, &query, &mut sums);
            assert!(sums.into_iter().eq((0..n).map(dot)), "{len} {start} {head} {n}");
            let mixed = |i: usize| 7 + (0..n).map(|t| weights[t] * element(t, i)).sum::<i32>();
            let mut sums = std::vec![7; head_dim];
            add_all(records, &weights, &mut sums);
            assert!(sums.into_iter().eq((0..head_dim).map(mixed)), "{len} {start} {head} {n}");
        }
    }

    #[test]
    fn heads_outside_the_records_are_none() {
        let shapes = [
            (8, 8, 4, 8),
            (8, 4, 8, 7),
            (8, 0, 6, 7),
            (0, 0, 4, 4),
            (8, 100, 4, 104),
            (8, 0, 4, 3),
            (8, 0, 4, 8),
            (8, 2, 4, 7),
            (10, 0, 4, 9),
        ];
        for (len, start, head, code) in shapes {
            assert_eq!(Records { bytes: &[1; 20], len, start, head, code }.count(), 0, "{len} {start} {head} {code}");
        }
        assert_eq!(Records { bytes: &[1; 20], len: 8, start: 0, head: 4, code: 4 }.count(), 2);
    }
}
