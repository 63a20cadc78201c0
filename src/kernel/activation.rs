//! A vector times an s-shaped function of itself.

use crate::fixed::{Factor, interpolate, mul17};

/// Bits of a number below a sample of the function.
pub(crate) const SAMPLE_BITS: u32 = 8;

/// `value = value · s(value)`, in half the unit of the values shifted to the left by `room`.
///
/// `samples` are those of the function for x ≥ 0 in units of 2⁻¹⁶, with `s(−x) = 1 − s(x)`; `to_x` takes a value to
/// its place among them.
#[inline(always)]
pub(crate) fn gate(values: &mut [i32], samples: &[u16], to_x: Factor, room: u32) {
    for v in values {
        let x = to_x.times(*v);
        let at_abs = interpolate::<SAMPLE_BITS>(samples, x.unsigned_abs());
        let s = if x < 0 { 65_536 - at_abs } else { at_abs };
        *v = mul17(*v << room, s as u16);
    }
}
