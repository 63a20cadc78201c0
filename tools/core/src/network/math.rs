//! Element-wise functions and row sums of the trainer, in forms that the compiler vectorises.
//!
//! Everything here is `inline(always)` so that it takes on the instruction set of the
//! [`vectorized`] closure that calls it.

use std::f32::consts::{FRAC_1_SQRT_2, LOG2_E};

/// Runs `work` compiled for the widest vectors of this processor.
///
/// Pass `#[inline(always)] || …`: only code inlined into the call is widened.
#[inline(always)]
pub fn vectorized<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// `eˣ`, relative error below 3e-7; saturates at e⁻⁸⁷ and e⁸⁸.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // Adding 1.5·2²³ rounds to an integer and leaves it in the low mantissa bits.
    const ROUND: f32 = 12_582_912.0;
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let tail = 1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0));
    let mantissa = 1.0 + r + r * r * (0.5 + r * (1.0 / 6.0 + r * tail));
    f32::from_bits(mantissa.to_bits().wrapping_add(shifted.to_bits() << 23))
}

/// `1 / (1 + e⁻ˣ)`.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// `x · sigmoid(x)`.
#[inline(always)]
pub fn silu(x: f32) -> f32 {
    x * sigmoid(x)
}

/// Derivative of [`silu`].
#[inline(always)]
pub fn silu_slope(x: f32) -> f32 {
    let s = sigmoid(x);
    s + x * s * (1.0 - s)
}

// tanh-GELU is x·sigmoid(2u) with u = SCALE·(x + CUBIC·x³).
const GELU_SCALE: f32 = 0.797_884_6;
const GELU_CUBIC: f32 = 0.044_715;

/// GELU by the tanh approximation (Hendrycks & Gimpel 2016), as GPT-2 has it.
#[inline(always)]
pub fn gelu_tanh(x: f32) -> f32 {
    x * sigmoid(2.0 * GELU_SCALE * x * (1.0 + GELU_CUBIC * x * x))
}

/// Derivative of [`gelu_tanh`].
#[inline(always)]
pub fn gelu_tanh_slope(x: f32) -> f32 {
    let s = sigmoid(2.0 * GELU_SCALE * x * (1.0 + GELU_CUBIC * x * x));
    let inner = 2.0 * GELU_SCALE * (1.0 + 3.0 * GELU_CUBIC * x * x);
    s + x * s * (1.0 - s) * inner
}

/// The standard normal distribution function and density at `x`, absolute error below 2e-7.
///
/// Abramowitz & Stegun 7.1.26; both share one exponential.
#[inline(always)]
fn normal(x: f32) -> (f32, f32) {
    let z = x.abs() * FRAC_1_SQRT_2;
    let bell = exp(-z * z);
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let poly = 0.254_829_6 + t * (-0.284_496_74 + t * (1.421_413_7 + t * (-1.453_152 + t * 1.061_405_4)));
    let upper_tail = 0.5 * t * poly * bell;
    let cumulative = if x < 0.0 { upper_tail } else { 1.0 - upper_tail };
    (cumulative, 0.398_942_3 * bell)
}

/// GELU with the normal distribution function itself.
#[inline(always)]
pub fn gelu(x: f32) -> f32 {
    x * normal(x).0
}

/// Derivative of [`gelu`].
#[inline(always)]
pub fn gelu_slope(x: f32) -> f32 {
    let (cumulative, density) = normal(x);
    cumulative + x * density
}

const LANES: usize = 16;

/// Folds `f` over pairs of elements into lanes that are joined at the end.
#[inline(always)]
fn fold(a: &[f32], b: &[f32], start: f32, f: impl Fn(f32, f32, f32) -> f32, join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [start; LANES];
    let (a_chunks, a_rest) = a.as_chunks::<LANES>();
    let (b_chunks, b_rest) = b.as_chunks::<LANES>();
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for (lane, (&a, &b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane = f(*lane, a, b);
        }
    }
    for (lane, (&a, &b)) in lanes.iter_mut().zip(a_rest.iter().zip(b_rest)) {
        *lane = f(*lane, a, b);
    }
    lanes.into_iter().reduce(join).unwrap_or(start)
}

/// Sum of the elements.
#[inline(always)]
pub fn sum(x: &[f32]) -> f32 {
    fold(x, x, 0.0, |s, x, _| s + x, |a, b| a + b)
}

/// Sum of the products of two rows.
#[inline(always)]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    fold(a, b, 0.0, |s, a, b| s + a * b, |a, b| a + b)
}

/// Largest element.
#[inline(always)]
pub fn max(x: &[f32]) -> f32 {
    fold(x, x, f32::NEG_INFINITY, |m, x, _| m.max(x), f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points() -> impl Iterator<Item = f32> {
        (-800..=800).map(|i| i as f32 * 0.01)
    }

    #[test]
    fn exp_is_accurate_and_saturates() {
        for x in points().map(|x| x * 10.0) {
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 3e-7, "exp({x})");
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(-1e30) < 2e-38 && exp(1e30) > 1e38);
    }

    #[test]
    fn slopes_are_the_derivatives() {
        type Function = fn(f32) -> f32;
        let pairs: [(Function, Function); 3] = [(silu, silu_slope), (gelu, gelu_slope), (gelu_tanh, gelu_tanh_slope)];
        for (f, slope) in pairs {
            for x in points() {
                let numeric = (f(x + 0.01) - f(x - 0.01)) / 0.02;
                assert!((numeric - slope(x)).abs() < 1e-4, "at {x}");
            }
        }
    }

    #[test]
    fn gelus_match_known_values() {
        assert!((gelu(1.0) - 0.841_344_7).abs() < 1e-6);
        assert!((gelu(-2.0) + 0.045_500_26).abs() < 1e-6);
        assert!((gelu_tanh(1.0) - 0.841_192).abs() < 1e-6);
    }

    #[test]
    fn rows_of_any_length_are_summed() {
        let x: Vec<f32> = (1..=37).map(|i| i as f32).collect();
        assert_eq!(sum(&x), 703.0);
        assert_eq!(dot(&x[..3], &x[1..4]), 20.0);
        assert_eq!(max(&x[..20]), 20.0);
    }
}
