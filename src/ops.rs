//! The float operations of a decoder: norms, softmax, activations, rotary angles.
//!
//! Plain `f32` additions, multiplications, divisions and square roots in an order that is
//! written down here, which IEEE 754 makes the same on every target, with or without an FPU.

use crate::quant::Vector;
use crate::{Config, Mlp, Norm};

/// Partial sums that run side by side; part of the definition of every sum below.
const LANES: usize = 4;

/// `Σ f(value)`: value `i` goes to partial sum `i mod 4`, and the four are added at the end.
fn sum(values: &[f32], f: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += f(value);
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(rest) {
        *lane += f(value);
    }
    (lanes[0] + lanes[2]) + (lanes[1] + lanes[3])
}

/// Normalises `x` into `out`; `bias` is empty for RMSNorm.
pub(crate) fn norm(config: &Config, x: &[f32], gain: Vector<'_>, bias: Vector<'_>, out: &mut [f32]) {
    let n = x.len() as f32;
    let mean = if config.norm == Norm::LayerNorm { sum(x, |v| v) / n } else { 0.0 };
    let variance = sum(x, |v| (v - mean) * (v - mean)) / n;
    let factor = 1.0 / libm::sqrtf(variance + config.norm_eps);
    for ((out, &x), gain) in out.iter_mut().zip(x).zip(gain.values()) {
        *out = (x - mean) * factor * gain;
    }
    add(out, bias.values());
}

/// `x += y`, as far as both go.
pub(crate) fn add(x: &mut [f32], y: impl Iterator<Item = f32>) {
    for (x, y) in x.iter_mut().zip(y) {
        *x += y;
    }
}

/// `eˣ`, within 2 units in the last place for −87 ≤ x ≤ 88, clamped outside.
///
/// Cody and Waite's reduction to |r| ≤ ln 2 / 2 and a polynomial for eʳ.
pub(crate) fn exp(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let power = crate::quant::round(x * core::f32::consts::LOG2_E);
    let r = x - power as f32 * LN2_HIGH - power as f32 * LN2_LOW;
    let tail = 1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * (1.0 / 720.0)));
    let series = 1.0 + (r + r * r * (0.5 + r * tail));
    series * f32::from_bits(((power + 127) as u32) << 23)
}

/// Turns scores into probabilities, in place.
pub(crate) fn softmax(scores: &mut [f32]) {
    let max = scores.iter().fold(f32::MIN, |max, &s| max.max(s));
    for score in scores.iter_mut() {
        *score = exp(*score - max);
    }
    let factor = 1.0 / sum(scores, |v| v);
    for score in scores {
        *score *= factor;
    }
}

/// The MLP's non-linearity: `up` becomes `gelu(up)`, or `silu(gate) · up`.
pub(crate) fn activate(mlp: Mlp, gate: &[f32], up: &mut [f32]) {
    match mlp {
        Mlp::SwiGlu => up.iter_mut().zip(gate).for_each(|(up, &gate)| *up *= silu(gate)),
        Mlp::GeluTanh => up.iter_mut().for_each(|x| *x = gelu_tanh(*x)),
        Mlp::Gelu => up.iter_mut().for_each(|x| *x = gelu(*x)),
    }
}

fn silu(x: f32) -> f32 {
    x / (1.0 + exp(-x))
}

/// `x/2 · (1 + tanh(√(2/π) (x + 0.044715 x³)))`, with `1 + tanh(u) = 2 / (1 + e⁻²ᵘ)`.
fn gelu_tanh(x: f32) -> f32 {
    const TWICE_SQRT_2_OVER_PI: f32 = 1.595_769;
    x / (1.0 + exp(-TWICE_SQRT_2_OVER_PI * (x + 0.044_715 * x * x * x)))
}

fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + libm::erff(x * core::f32::consts::FRAC_1_SQRT_2))
}

/// Cosine and sine of an angle given in units of 2⁻³² turns, within 2·10⁻⁷.
pub(crate) fn cos_sin(turns: u32) -> (f32, f32) {
    const RADIANS: f32 = core::f32::consts::TAU / 4_294_967_296.0;
    let quadrant = turns.wrapping_add(1 << 29) >> 30;
    let x = turns.wrapping_sub(quadrant << 30) as i32 as f32 * RADIANS;
    let xx = x * x;
    let sin = x + x * xx * (-1.0 / 6.0 + xx * (1.0 / 120.0 - xx * (1.0 / 5040.0)));
    let cos = 1.0 - xx * (0.5 - xx * (1.0 / 24.0 - xx * (1.0 / 720.0 - xx * (1.0 / 40_320.0))));
    match quadrant & 3 {
        0 => (cos, sin),
        1 => (-sin, cos),
        2 => (-cos, -sin),
        _ => (sin, -cos),
    }
}

/// Turns pair `(i, i + head_dim / 2)` of each head by `position · steps[i]`; `steps` are those of section `ROPE`.
pub(crate) fn rotate(heads: &mut [f32], head_dim: usize, steps: &[u32], position: usize) {
    for (i, &step) in steps.iter().enumerate() {
        let (cos, sin) = cos_sin((position as u32).wrapping_mul(step));
        for head in heads.chunks_exact_mut(head_dim) {
            let (a, b) = (head[i], head[i + head_dim / 2]);
            head[i] = a * cos - b * sin;
            head[i + head_dim / 2] = b * cos + a * sin;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_within_two_ulp() {
        for i in -8700..=8800 {
            let x = i as f32 / 100.0;
            let right = libm::exp(f64::from(x));
            assert!(((f64::from(exp(x)) - right) / right).abs() < 2.4e-7, "exp({x}) = {}", exp(x));
        }
        assert!(exp(f32::NEG_INFINITY) > 0.0 && exp(f32::INFINITY).is_finite());
    }

    #[test]
    fn cos_sin_all_around() {
        for i in 0..4096u32 {
            let turns = i.wrapping_mul(0x0010_0001);
            let angle = f64::from(turns) / 4_294_967_296.0 * core::f64::consts::TAU;
            let (cos, sin) = cos_sin(turns);
            assert!((f64::from(cos) - libm::cos(angle)).abs() < 4e-7, "cos {angle}");
            assert!((f64::from(sin) - libm::sin(angle)).abs() < 4e-7, "sin {angle}");
        }
    }

    #[test]
    fn activations_match_their_definitions() {
        for i in -60..=60 {
            let x = f64::from(i) / 10.0;
            let cube = 0.797_884_560_802_865_4 * (x + 0.044_715 * x * x * x);
            assert!((f64::from(gelu_tanh(x as f32)) - 0.5 * x * (1.0 + libm::tanh(cube))).abs() < 2e-6);
            assert!((f64::from(gelu(x as f32)) - 0.5 * x * (1.0 + libm::erf(x * 0.5f64.sqrt()))).abs() < 2e-6);
            assert!((f64::from(silu(x as f32)) - x / (1.0 + libm::exp(-x))).abs() < 2e-6);
        }
    }

    #[test]
    fn softmax_of_extremes_stays_a_distribution() {
        let mut scores = [1e30, -1e30, 0.0];
        softmax(&mut scores);
        assert_eq!(scores[0], 1.0);
        assert!(scores[1] < 1e-30 && scores[2] < 1e-30);
    }
}
