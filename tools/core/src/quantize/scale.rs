//! The scale of a row with the least squared error.

use super::quant::Quant;

/// Partial sums of a row, so that the compiler can use vectors and the result is the same without them.
const LANES: usize = 16;

/// Code of a weight as a float: the nearest integer, within `low` and `high`.
#[inline(always)]
pub(super) fn code(weight: f32, inverse: f32, low: f32, high: f32) -> f32 {
    // Adding 1.5·2²³ rounds to an integer.
    const ROUND: f32 = 12_582_912.0;
    ((weight * inverse).clamp(low, high) + ROUND) - ROUND
}

/// 1 / scale, 0 for a row of zeros.
#[inline(always)]
pub(super) fn inverse(scale: f32) -> f32 {
    if scale > 0.0 { 1.0 / scale } else { 0.0 }
}

/// Replaces a row by what its codes stand for.
#[inline(always)]
pub fn round_row(row: &mut [f32], scale: f32, quant: Quant) {
    let (low, high) = quant.codes();
    let (low, high, inverse) = (f32::from(low), f32::from(high), inverse(scale));
    row.iter_mut().for_each(|w| *w = code(*w, inverse, low, high) * scale);
}

/// Scale of least squared error among those worth trying; 0 for a row of zeros.
#[inline(always)]
pub fn best_scale(row: &[f32], quant: Quant) -> f32 {
    let largest = row.iter().fold(0.0f32, |max, w| max.max(w.abs()));
    // Scales below the smallest normal number would lose bits.
    if largest < f32::MIN_POSITIVE * 1e6 {
        return 0.0;
    }
    let mut best = (f32::INFINITY, 0.0);
    for (divisor, factor) in quant.candidates() {
        let scale = largest / divisor * factor;
        let error = Fit::of(row, scale, quant).error;
        if error < best.0 {
            best = (error, scale);
        }
    }
    refine(row, best, quant)
}

/// Least squares for given codes, then new codes for the scale, as long as that helps.
#[inline(always)]
fn refine(row: &[f32], (mut error, mut scale): (f32, f32), quant: Quant) -> f32 {
    for _ in 0..2 {
        if error == 0.0 {
            break;
        }
        let candidate = Fit::of(row, scale, quant).least_squares();
        let refined = Fit::of(row, candidate, quant);
        if refined.error >= error {
            break;
        }
        (error, scale) = (refined.error, candidate);
    }
    scale
}

/// How well a scale suits a row.
struct Fit {
    error: f32,
    /// Σ weight · code
    product: f32,
    /// Σ code²
    square: f32,
}

impl Fit {
    #[inline(always)]
    fn of(row: &[f32], scale: f32, quant: Quant) -> Self {
        let (low, high) = quant.codes();
        let (low, high, inverse) = (f32::from(low), f32::from(high), inverse(scale));
        let mut sums = [[0.0f32; LANES]; 3];
        let mut add = |lane: usize, weight: f32| {
            let code = code(weight, inverse, low, high);
            let off = weight - code * scale;
            sums[0][lane] += off * off;
            sums[1][lane] += weight * code;
            sums[2][lane] += code * code;
        };
        let (whole, rest) = row.as_chunks::<LANES>();
        for chunk in whole {
            for (lane, &weight) in chunk.iter().enumerate() {
                add(lane, weight);
            }
        }
        for (lane, &weight) in rest.iter().enumerate() {
            add(lane, weight);
        }
        let [error, product, square] = sums.map(|lanes| lanes.iter().sum::<f32>());
        Self { error, product, square }
    }

    #[inline(always)]
    fn least_squares(&self) -> f32 {
        self.product / self.square
    }
}
