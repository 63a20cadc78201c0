//! LayerNorm and RMSNorm.

use super::add_bias;
use crate::config::Norm;
use crate::fixed::Scale;
use crate::kernel;
use crate::quant::Vector;

/// Normalises `x` into `out`, which is as long. Returns the scale of `out`.
///
/// With elements of 28 bits or more in `x`, an element of `out` is exact to about 2⁻¹⁵ of its own size and
/// 2⁻²⁵ of the largest. The common factor of all is within 2⁻¹⁴.
#[inline(never)]
pub(crate) fn norm(
    kind: Norm,
    eps: Scale,
    x: &[i32],
    x_scale: Scale,
    gain: Vector<'_>,
    bias: Vector<'_>,
    out: &mut [i32],
) -> Scale {
    let mean = if kind == Norm::LayerNorm { mean(x) } else { 0 };
    let bits = kernel::subtract(out, x, mean);
    let scale = divide_by_root_mean_square(out, bits, x_scale, eps, gain);
    if bias.mantissas.is_empty() { scale } else { add_bias(out, scale, bias) }
}

/// Divides `x`, of up to `bits` bits, by the root of its mean square plus `eps`, and multiplies it by a gain. Returns
/// the scale of the result.
pub(crate) fn divide_by_root_mean_square(
    x: &mut [i32],
    bits: u32,
    scale: Scale,
    eps: Scale,
    gain: Vector<'_>,
) -> Scale {
    let room = 31 - bits;
    let squares = kernel::times_gain(x, gain.mantissas, room);
    let room = room as i32;
    let per_element = Scale::new(x.len() as u32, 0).inverse();
    let variance = Scale::wide(squares, 2 * (16 - room)).times(per_element).times(scale).times(scale).plus(eps);
    let exponent = 17 - room + i32::from(gain.exponent);
    scale.times(variance.inverse_square_root()).times_power_of_two(exponent)
}

/// Mean of numbers up to 2³⁰, within one unit for up to 2 of them, within two units for up to 4, and so on.
fn mean(x: &[i32]) -> i32 {
    let n = x.len().max(1) as u32;
    let shift = (n - 1).checked_ilog2().unwrap_or(0);
    // A division of 64 bits would cost more than the whole sum on small cores.
    let sum = x.iter().fold(0i64, |sum, &x| sum + i64::from(x)) >> shift;
    ((sum as i32) / n as i32) << shift
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::vec::Vec;

    const EPS: f64 = 1e-5;

    fn real(scale: Scale) -> f64 {
        f64::from(scale.mantissa()) * f64::powi(2.0, scale.exponent())
    }

    fn right(kind: Norm, x: &[f64], gain: &[f64], bias: &[f64]) -> Vec<f64> {
        let n = x.len() as f64;
        let mean = if kind == Norm::LayerNorm { x.iter().sum::<f64>() / n } else { 0.0 };
        let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        let factor = 1.0 / (variance + EPS).sqrt();
        x.iter().zip(gain).zip(bias).map(|((x, g), b)| (x - mean) * factor * g + b).collect()
    }

    fn check(kind: Norm, x: &[i32], scale: Scale) {
        let gain: Vec<i16> = (0..x.len()).map(|i| (32_767 - (i as i32 % 7) * 9000) as i16).collect();
        let bias: Vec<i16> = match kind {
            Norm::LayerNorm => (0..x.len()).map(|i| (i as i16 % 5) * 3000 - 6000).collect(),
            Norm::RmsNorm => Vec::new(),
        };
        let mut out = std::vec![7; x.len()];
        let gain_of = Vector { mantissas: &gain, exponent: -14 };
        let bias_of = Vector { mantissas: &bias, exponent: -15 };
        let out_scale = norm(kind, Scale::of(EPS), x, scale, gain_of, bias_of, &mut out);

        let reals: Vec<f64> = x.iter().map(|&x| f64::from(x) * real(scale)).collect();
        let gains: Vec<f64> = gain.iter().map(|&g| f64::from(g) / 16_384.0).collect();
        let biases: Vec<f64> = (0..x.len()).map(|i| bias.get(i).map_or(0.0, |&b| f64::from(b) / 32_768.0)).collect();
        let right = right(kind, &reals, &gains, &biases);
        let size = right.iter().fold(0.0f64, |max, v| max.max(v.abs()));
        for (i, (&out, right)) in out.iter().zip(right).enumerate() {
            let error = (f64::from(out) * real(out_scale) - right).abs();
            assert!(error <= size / 8192.0, "{kind:?} of {x:?} · {scale:?}, element {i}: {error} of {size}");
        }
    }

    #[test]
    fn norms_are_those_of_floats() {
        let noise: Vec<i32> = (1..=300i32).map(|i| i.wrapping_mul(-1_640_531_527) >> 2).collect();
        let offset: Vec<i32> = noise.iter().map(|v| (v >> 4) + (1 << 29)).collect();
        let mut outlier: Vec<i32> = noise.iter().map(|v| v >> 9).collect();
        outlier[17] = -(1 << 29);
        for kind in [Norm::RmsNorm, Norm::LayerNorm] {
            for scale in [Scale::power_of_two(-28), Scale::power_of_two(-40), Scale::power_of_two(10)] {
                check(kind, &noise, scale);
                check(kind, &outlier, scale);
                check(kind, &[0; 8], scale);
                check(kind, &[1 << 29], scale);
                check(kind, &[(1 << 30) - 1, -(1 << 30)], scale);
            }
            check(kind, &offset, Scale::power_of_two(-28));
            check(kind, &[1 << 29; 64], Scale::power_of_two(-28));
            check(kind, &noise, Scale::ZERO);
        }
    }

    #[test]
    fn the_mean_of_many_is_close() {
        for n in [1, 2, 3, 4, 5, 64, 65, 16_384] {
            for value in [0, 1, (1 << 30) - 1, -(1 << 30), 123_456_789] {
                let mean = i64::from(mean(&std::vec![value; n]));
                assert!((mean - i64::from(value)).abs() <= n as i64, "{n} times {value}: {mean}");
            }
        }
    }

    #[test]
    fn extremes_do_not_panic() {
        for kind in [Norm::RmsNorm, Norm::LayerNorm] {
            let (gain, none) =
                (Vector { mantissas: &[i16::MIN; 4], exponent: 32_767 }, Vector { mantissas: &[], exponent: 0 });
            let mut out = [0; 4];
            norm(
                kind,
                Scale::of(EPS),
                &[i32::MIN, i32::MAX, 0, i32::MIN],
                Scale::power_of_two(30_000),
                gain,
                none,
                &mut out,
            );
            norm(kind, Scale::of(EPS), &[], Scale::ZERO, gain, none, &mut []);
        }
    }
}
