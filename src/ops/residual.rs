//! Sums of vectors with different scales.

use crate::fixed::{Factor, Scale};
use crate::kernel;
use crate::quant::Vector;

/// `x += addend`. Returns the new scale of `x`, which has the mantissa of the old one.
///
/// Every element keeps 28 bits, counted from the largest one of both vectors, and the sums stay below 2³⁰. A vector
/// of zeros takes over the other one's scale.
#[inline(never)]
pub(crate) fn add(x: &mut [i32], x_scale: Scale, addend: &[i32], scale: Scale) -> Scale {
    let sum = Sum::new(x, x_scale, kernel::bits(addend), scale);
    kernel::map_with(x, addend, |x, v| sum.of(x, v));
    sum.scale
}

/// Adds a bias as [`add`] does.
#[inline(never)]
pub(crate) fn add_bias(x: &mut [i32], x_scale: Scale, bias: Vector<'_>) -> Scale {
    let sum = Sum::new(x, x_scale, kernel::bits_of_any(bias.mantissas), bias.unit());
    kernel::map_with(x, bias.mantissas, |x, v| sum.of(x, v.into()));
    sum.scale
}

/// How two numbers with different scales are added.
struct Sum {
    left: u32,
    right: u32,
    factor: Factor,
    scale: Scale,
}

impl Sum {
    /// How to add an addend of `addend_bits` to all elements of `x`. Where one of the two is zero, `x` becomes what
    /// the sum needs.
    #[inline(never)]
    fn new(x: &mut [i32], x_scale: Scale, addend_bits: u32, scale: Scale) -> Self {
        if addend_bits == 0 || scale.is_zero() {
            return Self { left: 0, right: 0, factor: Factor::new(Scale::ZERO, 31, 0), scale: x_scale };
        }
        if x_scale.is_zero() {
            x.fill(0);
        }
        let x_bits = kernel::bits(x) as i32;
        let x_scale = if x_bits == 0 { scale } else { x_scale };
        let ratio = scale.times(x_scale.inverse());
        // Shifted by this much to the right, neither vector needs more than 29 bits.
        let shift = x_bits.max(addend_bits as i32 + ratio.exponent() + 16) - 29;
        let factor = Factor::new(ratio, addend_bits, shift);
        let (left, right) = ((-shift).clamp(0, 31) as u32, shift.clamp(0, 31) as u32);
        Self { left, right, factor, scale: x_scale.times_power_of_two(shift) }
    }

    #[inline(always)]
    fn of(&self, x: i32, addend: i32) -> i32 {
        (x << self.left >> self.right) + self.factor.times(addend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::vec::Vec;

    fn real(scale: Scale) -> f64 {
        f64::from(scale.mantissa()) * f64::powi(2.0, scale.exponent())
    }

    #[test]
    fn sums_are_exact_to_28_bits_of_the_largest() {
        let vectors: [&[i32]; 6] = [
            &[0, 0, 0],
            &[1, -1, 0],
            &[i32::MIN, 5, i32::MAX],
            &[1 << 29, -(1 << 29), 1],
            &[0, 1000, 0],
            &[-70_000, 12, 3],
        ];
        let scales = [Scale::ZERO, Scale::power_of_two(-20), Scale::of(0.3), Scale::new(65_535, 30), Scale::of(1e-6)];
        for (a, b) in vectors.into_iter().flat_map(|a| vectors.into_iter().map(move |b| (a, b))) {
            for (sa, sb) in scales.into_iter().flat_map(|a| scales.into_iter().map(move |b| (a, b))) {
                let mut x = a.to_vec();
                let scale = add(&mut x, sa, b, sb);
                let right: Vec<f64> =
                    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * real(sa) + f64::from(b) * real(sb)).collect();
                let size = a.iter().map(|&a| f64::from(a).abs() * real(sa));
                let size = size.chain(b.iter().map(|&b| f64::from(b).abs() * real(sb))).fold(0.0, f64::max);
                for (&x, right) in x.iter().zip(right) {
                    let error = (f64::from(x) * real(scale) - right).abs();
                    // The ratio of the scales has 16 bits.
                    assert!(error <= size / 20_000.0, "{a:?}·{sa:?} + {b:?}·{sb:?}: {error}");
                }
            }
        }
    }

    #[test]
    fn powers_of_two_lose_nothing_and_biases_are_taken() {
        let mut x = [3 << 20, -5 << 20];
        let scale = add(&mut x, Scale::power_of_two(-20), &[1, 2], Scale::power_of_two(0));
        assert_eq!(x.map(|v| f64::from(v) * real(scale)), [4.0, -3.0]);
        let scale = add_bias(&mut x, scale, Vector { mantissas: &[-1, 6], exponent: -1 });
        assert_eq!(x.map(|v| f64::from(v) * real(scale)), [3.5, 0.0]);
    }

    #[test]
    fn sums_stay_below_two_to_the_30() {
        let mut x = [i32::MAX, i32::MIN];
        let mut scale = Scale::power_of_two(0);
        for _ in 0..100 {
            scale = add(&mut x, scale, &[i32::MAX, i32::MIN], scale);
            assert!(x.iter().all(|v| v.unsigned_abs() <= 1 << 30), "{x:?}");
        }
    }
}
