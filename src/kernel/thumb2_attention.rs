//! Attention of a head on Armv7-M and Armv8-M mainline.
//!
//! With the DSP extension, which cores with Helium have, too, `sxtb16` makes two pairs of a word of four bytes, and
//! `smlad` multiplies a pair.
//!
//! - Scores: eight numbers of the query stay in four registers while the keys go by. The loop of the last eight
//!   numbers scales the products, too.
//! - Values: two tokens and four columns at a time. A pair of neighbours is a column of both tokens.
//!
//! Without the extension a byte is a load, and eight numbers of the query take eight registers. So products are
//! scaled in a loop of its own.
//!
//! Weights go up to 2¹⁵, which is no signed half-word. They are kept negative, and the sums are subtracted.

use core::arch::global_asm;

use super::attention::{Records, ScoreScale, Weights};
use crate::fixed::{POWERS, SIXTEENTHS};

/// The name of these functions.
#[allow(dead_code)] // for `check`
pub(super) fn attention_name() -> &'static str {
    if cfg!(kernel = "arm-v7m") { "arm-v7m" } else { "arm-dsp" }
}

/// Numbers of a query that are in registers.
const QUERY: usize = 8;
/// Columns that are added up at a time.
const COLUMNS: usize = 4;
/// Counters share a register with a number of 8 bits.
const MAX_RECORDS: usize = (1 << 24) - 1;

super::assembled! {
    /// `sums[t] += Σ query[i] · key[t][i]` for eight numbers of `n` keys, at least one.
    fn egpt_dots8(key: *const i8, len: usize, sums: *mut i32, query: *const i16, n: usize);
    /// `sums[t] += Σ query[i] · key[t][i]` for the last eight numbers, then what [`score`] says. Returns the
    /// largest score. The upper 24 bits of `later_and_left` are `n − 1`.
    fn egpt_scores(
        key: *const i8,
        len: usize,
        scores: *mut i32,
        query: *const i16,
        code_from_key: usize,
        shift: i32,
        later_and_left: usize,
        mantissa: u32,
        sixteenths: *const u16,
    ) -> i32;
    /// Replaces `n` scores by as many weights of 16 bits, negative, and one that is zero. Returns the total of
    /// powers. The upper 24 bits of `later_and_step_code` are `n − 1`.
    fn egpt_weights(
        scores: *mut i32,
        most: i32,
        code: *const i8,
        len: usize,
        later_and_step_code: usize,
        shift: u32,
        powers: *const u16,
        sixteenths: *const u16,
    ) -> u32;
    /// `sums[i] −= Σ weight[t] · value[t][i]` for `4 · n_group` columns of `n` values, both at least one.
    fn egpt_add_values(value: *const i8, len: usize, weights: *const i32, n: usize, sums: *mut i32, n_group: usize);
}

/// See [`attention::score`](super::attention::score).
pub(super) fn score(keys: Records<'_>, query: &[i16], scale: ScoreScale, scores: &mut [i32]) -> i32 {
    let n = keys.count().min(scores.len()).min(MAX_RECORDS);
    if n == 0 {
        return i32::MIN;
    }
    let scores = &mut scores[..n];
    scores.fill(0);
    let mut rest = query.get(..keys.head).unwrap_or(query);
    let (mut key, mut code_from_key) = (keys.bytes.as_ptr().wrapping_add(keys.start), keys.code - keys.start);
    while let Some((eight, others)) = rest.split_at_checked(QUERY).filter(|(_, others)| !others.is_empty()) {
        // SAFETY: `count` has checked that each of `n` keys has `head` bytes inside its record. These are eight of
        // them.
        unsafe { egpt_dots8(key, keys.len, scores.as_mut_ptr(), eight.as_ptr(), n) };
        (key, code_from_key, rest) = (key.wrapping_add(QUERY), code_from_key - QUERY, others);
    }
    let mut padded = [0; QUERY];
    let last = rest.first_chunk().unwrap_or_else(|| {
        padded.iter_mut().zip(rest).for_each(|(to, &number)| *to = number);
        &padded
    });
    // SAFETY: `count` has checked that each of `n` keys has `head` bytes inside its record. If fewer than eight
    // bytes are left of the head, these are four, and four bytes of the record follow: `count` has checked that its
    // code is behind the head and that both start at a multiple of four.
    unsafe {
        egpt_scores(
            key,
            keys.len,
            scores.as_mut_ptr(),
            last.as_ptr(),
            code_from_key,
            scale.shift,
            (n - 1) << 8 | (scale.left & 31) as usize,
            scale.mantissa.into(),
            SIXTEENTHS.as_ptr(),
        )
    }
}

/// See [`attention::mix`](super::attention::mix).
pub(super) fn mix(values: Records<'_>, weights: Weights, scores: &mut [i32], out: &mut [i32]) -> u32 {
    let n = values.count().min(scores.len()).min(MAX_RECORDS);
    if n == 0 {
        return 0;
    }
    let start = values.bytes.as_ptr();
    // SAFETY: there are `n` scores and `n` records with a code in each. The tables have more entries than are
    // looked up: 65 powers, 17 sixteenths.
    let total = unsafe {
        egpt_weights(
            scores.as_mut_ptr(),
            weights.most,
            start.wrapping_add(values.code),
            values.len,
            (n - 1) << 8 | (weights.step_code & 0xFF) as usize,
            16 + weights.shift,
            POWERS.as_ptr(),
            SIXTEENTHS.as_ptr(),
        )
    };
    let add = |value: *const i8, sums: *mut i32, n_group| {
        // SAFETY: each of `n` values has `head` bytes, a multiple of four, inside its record, and these groups are
        // among them. The weights are there since the call above.
        unsafe { egpt_add_values(value, values.len, scores.as_ptr(), n, sums, n_group) }
    };
    let columns = out.len().min(values.head);
    let (whole, rest) = out[..columns].split_at_mut(columns / COLUMNS * COLUMNS);
    let value = start.wrapping_add(values.start);
    if !whole.is_empty() {
        add(value, whole.as_mut_ptr(), whole.len() / COLUMNS);
    }
    if !rest.is_empty() {
        let mut sums = [0; COLUMNS];
        add(value.wrapping_add(whole.len()), sums.as_mut_ptr(), 1);
        rest.iter_mut().zip(sums).for_each(|(to, sum)| *to = to.wrapping_add(sum));
    }
    total
}

// SAFETY: the functions read and write what is said above, keep the registers that the procedure call standard (AAPCS)
// says, and give back the stack that they take, about 200 bytes.
#[cfg(not(kernel = "arm-v7m"))]
global_asm!(
    super::arm_cpu!(),
    super::assembly!("thumb2_attention.s"),
    super::assembly!("arm_dsp_attention.s"),
    "    .purgem egpt_factors",
    options(raw)
);
// SAFETY: as above.
#[cfg(kernel = "arm-v7m")]
global_asm!(
    super::assembly!("thumb2_attention.s"),
    super::assembly!("arm_v7m_attention.s"),
    "    .purgem egpt_factors",
    options(raw)
);
