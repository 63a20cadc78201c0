//! Loops over elements on Armv7-M and Armv8-M mainline, with and without the DSP extension.
//!
//! Four numbers are loaded and stored at a time where they fit into the registers, and `smull` divides by 2¹⁷ if one
//! factor has been shifted to the left by 15. The optimization level of the firmware does not matter here.

use core::arch::global_asm;

use super::activation::Samples;
use crate::fixed::Factor;

/// Which functions these are.
#[allow(dead_code)] // for `check`
pub(super) fn elementwise_name() -> &'static str {
    "thumb2"
}

unsafe extern "C" {
    /// `|` of `v ^ (v >> 31)` over `n` values.
    fn egpt_magnitudes(values: *const i32, n: usize) -> u32;
    /// See [`scale_rows`], for `n` of both.
    fn egpt_scale_rows(sums: *mut i32, mantissas: *const u16, n: usize, left: u32);
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
    // SAFETY: there are as many values, and as many factors or none; `most` is a place between two samples, and a smaller one is, too.
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

// SAFETY: the functions read and write what is said above, keep the registers that the procedure call standard (AAPCS)
// says, and give back the stack that they take, less than 100 bytes.
global_asm!(include_str!("thumb2_elementwise.s"), options(raw));
