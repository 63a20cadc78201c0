//! Loops over elements on Armv7-M and Armv8-M mainline, with and without the DSP extension.
//!
//! Four numbers are loaded and stored at a time where they fit into the registers, and `smull` divides by 2¹⁷ if one
//! factor has been shifted to the left by 15. The optimization level of the firmware does not matter here.

use core::arch::global_asm;

use super::activation::Samples;
#[cfg(not(kernel = "arm-dsp"))]
pub(super) use super::elementwise::round_to_halves;
pub(super) use super::elementwise::round_to_tiles;
#[cfg(kernel = "arm-dsp")]
use super::input::Rounding;
use crate::fixed::Factor;

/// The name of these functions.
#[allow(dead_code)] // for `check`
pub(super) fn elementwise_name() -> &'static str {
    "thumb2"
}

super::assembled! {
    /// `|` of `v ^ (v >> 31)` over `n` values.
    fn egpt_magnitudes(values: *const i32, n: usize) -> u32;
    /// See [`largest`], of `n` values.
    fn egpt_largest(values: *const i32, n: usize) -> u32;
    /// `out = x − middle` for `n` of both; returns what `egpt_magnitudes` does of `out`.
    fn egpt_subtract(out: *mut i32, x: *const i32, n: usize, middle: i32) -> u32;
    /// See [`times_gain`], for `n` of both.
    fn egpt_times_gain(values: *mut i32, gains: *const i16, n: usize, left: u32) -> u64;
    /// See [`scale_rows`], for `n` of both.
    fn egpt_scale_rows(sums: *mut i32, mantissas: *const u16, n: usize, left: u32);
    /// See [`times`], for `n` values; the mantissa comes times 2¹⁵.
    fn egpt_times(values: *mut i32, n: usize, left: u32, mantissa: u32, right: u32);
    /// Writes [`Rounding::round`] of `n` values, two to a word; returns their sum. The factor comes times 2¹⁵.
    #[cfg(kernel = "arm-dsp")]
    fn egpt_round_halves(words: *mut u32, values: *const i32, n: usize, left: u32, factor: u32, right: u32) -> i32;
    /// See [`gate`]; the upper 24 bits of `later_and_left` are the number of values after the first.
    fn egpt_gate(
        values: *mut i32,
        up: *const i32,
        samples: *const u16,
        later_and_left: usize,
        mantissa: u32,
        right: u32,
        most: u32,
        up_left: u32,
    );
}

/// See [`elementwise::bits`](super::elementwise::bits).
pub(crate) fn bits(values: &[i32]) -> u32 {
    // SAFETY: there are as many values.
    32 - unsafe { egpt_magnitudes(values.as_ptr(), values.len()) }.leading_zeros()
}

/// See [`elementwise::largest`](super::elementwise::largest).
pub(crate) fn largest(values: &[i32]) -> u32 {
    // SAFETY: there are as many values.
    unsafe { egpt_largest(values.as_ptr(), values.len()) }
}

/// See [`elementwise::subtract`](super::elementwise::subtract).
pub(crate) fn subtract(out: &mut [i32], x: &[i32], middle: i32) -> u32 {
    let n = out.len().min(x.len());
    // SAFETY: there are `n` of both.
    32 - unsafe { egpt_subtract(out.as_mut_ptr(), x.as_ptr(), n, middle) }.leading_zeros()
}

/// See [`elementwise::times_gain`](super::elementwise::times_gain).
pub(crate) fn times_gain(values: &mut [i32], gains: &[i16], left: u32) -> u64 {
    let n = values.len().min(gains.len());
    // SAFETY: there are `n` of both.
    unsafe { egpt_times_gain(values.as_mut_ptr(), gains.as_ptr(), n, left & 31) }
}

/// See [`elementwise::times`](super::elementwise::times).
pub(crate) fn times(values: &mut [i32], factor: Factor) {
    let mantissa = u32::from(factor.mantissa) << 15;
    // SAFETY: there are as many values.
    unsafe { egpt_times(values.as_mut_ptr(), values.len(), factor.left & 31, mantissa, factor.right & 31) }
}

/// See [`elementwise::scale_rows`](super::elementwise::scale_rows).
pub(crate) fn scale_rows(sums: &mut [i32], mantissas: &[u16], left: u32) {
    let n = sums.len().min(mantissas.len());
    // SAFETY: there are `n` of both.
    unsafe { egpt_scale_rows(sums.as_mut_ptr(), mantissas.as_ptr(), n, left & 31) }
}

/// See [`activation::gate`](super::activation::gate).
pub(crate) fn gate(values: &mut [i32], samples: Samples, to_x: Factor, up: &[i32], up_left: u32) {
    // A model has 65,536 of them at most; more do not fit beside the shift.
    let Some(later) = values.len().checked_sub(1).filter(|&later| later < 1 << 24) else { return };
    let up = if up.len() < values.len() { core::ptr::null() } else { up.as_ptr() };
    // SAFETY: there are as many values, and as many factors or none. `most` is a place between two samples, and a
    // smaller one is, too.
    unsafe {
        egpt_gate(
            values.as_mut_ptr(),
            up,
            samples.samples().as_ptr(),
            later << 8 | (to_x.left & 31) as usize,
            u32::from(to_x.mantissa) << 15,
            to_x.right & 31,
            samples.most(),
            up_left & 31,
        );
    }
}

/// See [`elementwise::round_to_halves`](super::elementwise::round_to_halves).
#[cfg(kernel = "arm-dsp")]
pub(super) fn round_to_halves(words: &mut [u32], values: &[i32], rounding: Rounding) -> i32 {
    let n = values.len();
    // The last of an odd number is alone in its word.
    let Some(rest) = words.get_mut(n / 2..).filter(|rest| n.is_multiple_of(2) || !rest.is_empty()) else { return 0 };
    rest.fill(0);
    let Rounding { left, factor, right } = rounding;
    let (left, factor, right) = (left & 31, u32::from(factor) << 15, right & 31);
    // SAFETY: there is a half of a word for each value.
    unsafe { egpt_round_halves(words.as_mut_ptr(), values.as_ptr(), n, left, factor, right) }
}

// SAFETY: the functions read and write what is said above, keep the registers that the procedure call standard (AAPCS)
// says, and give back the stack that they take, less than 100 bytes.
#[cfg(not(kernel = "arm-v7m"))]
global_asm!(
    super::arm_cpu!(),
    r"
    .macro egpt_add_square low, high, value
    smlaltt \low, \high, \value, \value
    .endm
    .macro egpt_times_lower value, halves
    smulwb \value, \value, \halves
    asr \value, \value, #1
    .endm
    .macro egpt_times_upper value, halves
    smulwt \value, \value, \halves
    asr \value, \value, #1
    .endm",
    super::assembly!("thumb2_elementwise.s"),
    options(raw)
);
// SAFETY: as above.
#[cfg(kernel = "arm-v7m")]
global_asm!(
    r"
    .macro egpt_add_square low, high, value
    asr r12, \value, #16
    smlal \low, \high, r12, r12
    .endm
    .macro egpt_times_lower value, halves
    lsl r12, \halves, #16
    asr r12, r12, #1
    smull lr, \value, \value, r12
    .endm
    .macro egpt_times_upper value, halves
    asr r12, \halves, #16
    lsl r12, r12, #15
    smull lr, \value, \value, r12
    .endm",
    super::assembly!("thumb2_elementwise.s"),
    options(raw)
);
// SAFETY: as above.
#[cfg(kernel = "arm-dsp")]
global_asm!(super::arm_cpu!(), super::assembly!("arm_dsp_round.s"), options(raw));
