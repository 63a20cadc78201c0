//! A vector times an s-shaped function of itself.

use crate::fixed::{Factor, mul17, mul17_signed};

/// Bits of a number below a sample of the function.
pub(crate) const SAMPLE_BITS: u32 = 8;

/// Samples of an s-shaped function `s` for x ≥ 0 in units of 2⁻¹⁶; `s(−x) = 1 − s(x)`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Samples(&'static [u16]);

impl Samples {
    /// Takes at least two samples, the last ones nearly the same. So the last place between two samples stands for
    /// all that follow.
    ///
    /// # Panics
    /// If the samples are not like that. In a `const` that is a compile error.
    pub(crate) const fn new(samples: &'static [u16]) -> Self {
        assert!(matches!(samples, [.., before, last] if before.abs_diff(*last) <= 1 << (SAMPLE_BITS - 1)));
        Self(samples)
    }

    #[allow(dead_code)] // for kernels with gates of their own
    pub(super) const fn samples(self) -> &'static [u16] {
        self.0
    }

    /// The largest place between two samples.
    #[inline(always)]
    pub(super) const fn most(self) -> u32 {
        ((self.0.len() - 1) << SAMPLE_BITS) as u32 - 1
    }

    /// The function at a place of 0 or more.
    #[inline(always)]
    #[allow(dead_code)] // for kernels without a gate of their own
    fn at(self, place: u32) -> i32 {
        let place = place.min(self.most());
        let entry = (place >> SAMPLE_BITS) as usize;
        let fraction = (place & ((1 << SAMPLE_BITS) - 1)) as i32;
        // SAFETY: the place is before that of the last sample.
        let (from, to) = unsafe { (*self.0.get_unchecked(entry), *self.0.get_unchecked(entry + 1)) };
        let (from, to) = (i32::from(from), i32::from(to));
        from + (((to - from) * fraction + (1 << SAMPLE_BITS >> 1)) >> SAMPLE_BITS)
    }
}

/// `value = value · s(value)`, in half the unit of the values shifted to the left by `to_x.left`. Then, if there
/// are as many `up`, times the upper half of `up << up_left`, in units of 2¹⁷.
///
/// `to_x` takes a value to its place among the samples.
#[inline(always)]
#[allow(dead_code)] // for kernels without a gate of their own
pub(crate) fn gate(values: &mut [i32], samples: Samples, to_x: Factor, up: &[i32], up_left: u32) {
    for v in &mut *values {
        let shifted = *v << to_x.left;
        let x = mul17(shifted, to_x.mantissa) >> to_x.right;
        let at_abs = samples.at(x.unsigned_abs());
        let s = if x < 0 { 65_536 - at_abs } else { at_abs };
        *v = mul17(shifted, s as u16);
    }
    multiply(values, up, up_left);
}

/// `value = value · upper half of (up << up_left) / 2¹⁷`, if there are as many `up`.
#[inline(always)]
#[allow(dead_code)] // for kernels without a gate of their own
pub(super) fn multiply(values: &mut [i32], up: &[i32], up_left: u32) {
    if up.len() >= values.len() {
        super::map_with(values, up, |value, up| mul17_signed(value, ((up << up_left) >> 16) as i16));
    }
}
