//! Scores and weighted sums of a head against naive loops.

use super::{CANARY, Failure, VALUES, Values, compare, hash};
use crate::fixed::{SIXTEENTHS, exp2_neg};
use crate::kernel::attention::{Records, ScoreScale, Weights};
use crate::kernel::target_attention;

/// Every `head_dim` up to this one.
const MAX_HEAD_DIM: usize = 66;
/// Tokens around every unroll, and a few more.
const TOKENS: [usize; 8] = [0, 1, 2, 3, 4, 7, 8, 13];
/// Key/value heads, and which one is taken.
const HEADS: [(usize, usize); 3] = [(1, 0), (2, 1), (5, 2)];
/// Shifts of scores: none, usual ones, and beyond what a number has.
const SHIFTS: [i32; 5] = [-3, 4, 12, 23, 60];

/// What is called.
pub(in crate::kernel) struct Functions {
    pub(in crate::kernel) score: fn(Records<'_>, &[i16], ScoreScale, &mut [i32]) -> i32,
    pub(in crate::kernel) mix: fn(Records<'_>, Weights, &mut [i32], &mut [i32]) -> u32,
}

pub(in crate::kernel) const TARGET: Functions = Functions {
    score: |keys, query, scale, scores| target_attention::score(keys, query, scale, scores),
    mix: |values, weights, scores, out| target_attention::mix(values, weights, scores, out),
};

/// Puts the functions through everything. Returns the number of results compared.
pub(in crate::kernel) fn check(functions: &Functions, memory: &mut [u32]) -> Result<usize, Failure> {
    let mut n = 0;
    for head_dim in 1..=MAX_HEAD_DIM {
        for (tokens, values) in TOKENS.into_iter().flat_map(|tokens| VALUES.map(|values| (tokens, values))) {
            let (n_head, head) = HEADS[(head_dim + tokens) % HEADS.len()];
            n += Case { head_dim, tokens, values, n_head, head }.check(functions, memory)?;
        }
    }
    Ok(n)
}

/// One head of one query.
struct Case {
    head_dim: usize,
    tokens: usize,
    values: Values,
    n_head: usize,
    head: usize,
}

impl Case {
    fn check(&self, functions: &Functions, memory: &mut [u32]) -> Result<usize, Failure> {
        let &Self { head_dim, tokens, values, n_head, head } = self;
        let bytes = head_dim.next_multiple_of(4);
        let len = n_head * bytes + n_head.next_multiple_of(4);
        let (query, rest) = memory.split_at_mut(bytes / 2);
        let (numbers, rest) = rest.split_at_mut(tokens + 1);
        let (out, rest) = rest.split_at_mut(head_dim + 1);
        let query: &mut [i16] = &mut bytemuck::cast_slice_mut(query)[..head_dim];
        let (numbers, out): (&mut [i32], &mut [i32]) =
            (bytemuck::cast_slice_mut(numbers), bytemuck::cast_slice_mut(out));
        query.iter_mut().enumerate().for_each(|(i, to)| *to = values.input(i, 23_170) as i16);
        let cache: &mut [i8] = &mut bytemuck::cast_slice_mut(rest)[..tokens * len];
        cache.iter_mut().enumerate().for_each(|(at, byte)| *byte = self.byte(at, len, bytes));
        let records = Records { bytes: cache, len, start: head * bytes, head: bytes, code: n_head * bytes + head };
        let failure = |function, at| Failure { function, rows: tokens, cols: head_dim, values, at };

        let shift = SHIFTS[(head_dim + 3 * tokens) % SHIFTS.len()];
        let left = 9 - head_dim.next_power_of_two().ilog2();
        let scale = ScoreScale { mantissa: 0x8000 | hash(head_dim as u32) as u16, left, shift };
        numbers.fill(CANARY);
        let most = (functions.score)(records, query, scale, &mut numbers[..tokens]);
        let expected = |t| expected_score(records, query, scale, t);
        compare(numbers, tokens, expected).map_err(|at| failure("scores", at))?;
        if most != (0..tokens).map(expected).fold(i32::MIN, i32::max) {
            return Err(failure("largest score", 0));
        }

        // Differences of every size that scores can have.
        let score = |t: usize| (hash(t as u32 + 5) >> (2 + t % 7 * 5).min(31)) as i32 - (1 << 29);
        numbers.iter_mut().enumerate().take(tokens).for_each(|(t, to)| *to = score(t));
        let most = (0..tokens).map(score).fold(i32::MIN, i32::max);
        let step_code = (0..tokens).map(|t| code(records, t)).fold(0, u32::max);
        let weights = Weights { most, step_code, shift: (head_dim % 8) as u32 };
        out.fill(7);
        out[head_dim] = CANARY;
        let total = (functions.mix)(records, weights, &mut numbers[..tokens], &mut out[..head_dim]);
        let power = |t| exp2_neg(most.abs_diff(score(t)));
        let weight = |t| expected_weight(power(t), code(records, t), weights);
        let expected = |i| (0..tokens).fold(7, |sum: i32, t| sum.wrapping_add(weight(t) * element(records, t, i)));
        compare(out, head_dim, expected).map_err(|at| failure("weighted sums", at))?;
        if total != (0..tokens).map(power).sum() || numbers[tokens] != CANARY {
            return Err(failure("total of weights", 0));
        }
        Ok(tokens + head_dim + 2)
    }

    /// A byte of the cache: zero beyond a head's numbers, any for codes.
    fn byte(&self, at: usize, len: usize, bytes: usize) -> i8 {
        let in_record = at % len;
        if in_record >= self.n_head * bytes {
            return hash(at as u32) as i8;
        }
        if in_record % bytes >= self.head_dim {
            return 0;
        }
        (self.values.code(at / len, in_record, 255) as i32 - 128) as i8
    }
}

fn element(records: Records<'_>, t: usize, i: usize) -> i32 {
    records.bytes[t * records.len + records.start + i].into()
}

fn code(records: Records<'_>, t: usize) -> u32 {
    (records.bytes[t * records.len + records.code] as u8).into()
}

fn expected_score(keys: Records<'_>, query: &[i16], scale: ScoreScale, t: usize) -> i32 {
    let dot: i64 = query.iter().enumerate().map(|(i, &q)| i64::from(q) * i64::from(element(keys, t, i))).sum();
    let (octave, sixteenth) = (code(keys, t) / 16, code(keys, t) % 16);
    let factor = (i64::from(scale.mantissa) * i64::from(SIXTEENTHS[sixteenth as usize])) >> 16;
    let shift = (scale.shift - octave as i32).clamp(0, 31);
    ((((dot << scale.left) * factor) >> 17) >> shift) as i32
}

/// `power · 2^((code − step) / 16)`, rounded.
fn expected_weight(power: u32, code: u32, weights: Weights) -> i32 {
    let below = weights.step_code - code;
    let product = u64::from(power) * u64::from(SIXTEENTHS[16 - (below % 16) as usize]);
    let shift = (16 + below / 16 + weights.shift).min(31);
    ((product + (1 << (shift - 1))) >> shift) as i32
}
