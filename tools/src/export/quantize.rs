//! Rounding matrices to signed bytes with one f16 scale per row.

use half::f16;

/// A matrix as the blob's `q8` format stores it.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantized {
    /// One per row; exact in f16.
    pub scales: Vec<f16>,
    /// (rows, cols)
    pub bytes: Vec<i8>,
}

/// Candidates for a row's scale, as a share of the one that just fits the largest weight.
const SHRINK: std::ops::Range<u32> = 0..21;

/// Rounds a row-major (rows, cols) matrix; each row gets the scale of least squared error
/// among those that clip up to a tenth of its range.
pub fn quantize_rows(matrix: &[f32], cols: usize) -> Quantized {
    let mut out = Quantized { scales: Vec::new(), bytes: Vec::with_capacity(matrix.len()) };
    for row in matrix.chunks_exact(cols) {
        let scale = best_scale(row);
        out.scales.push(scale);
        out.bytes.extend(row.iter().map(|&w| round(w, scale.to_f32())));
    }
    out
}

fn best_scale(row: &[f32]) -> f16 {
    let max = row.iter().fold(0.0f32, |max, w| max.max(w.abs()));
    let candidates = SHRINK.map(|i| f16::from_f32(max / 127.0 * (1.0 - 0.005 * i as f32)));
    candidates
        .map(|scale| (squared_error(row, scale.to_f32()), scale))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map_or(f16::ZERO, |(_, scale)| scale)
}

fn squared_error(row: &[f32], scale: f32) -> f64 {
    row.iter().map(|&w| f64::from(w - f32::from(round(w, scale)) * scale).powi(2)).sum()
}

fn round(weight: f32, scale: f32) -> i8 {
    if scale == 0.0 { 0 } else { (weight / scale).round().clamp(-127.0, 127.0) as i8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_within_half_a_step() {
        let matrix: Vec<f32> = (0..64).map(|i| ((i * 37) % 64) as f32 / 64.0 - 0.5).collect();
        let q = quantize_rows(&matrix, 16);
        for (i, (&w, &b)) in matrix.iter().zip(&q.bytes).enumerate() {
            let scale = q.scales[i / 16].to_f32();
            let clipped = w.abs() > 127.5 * scale;
            assert!(clipped || (w - f32::from(b) * scale).abs() <= 0.5001 * scale, "{w} {b} {scale}");
        }
    }

    #[test]
    fn zero_and_tiny_rows_have_finite_scales() {
        let q = quantize_rows(&[0.0, 0.0, 1e-30, -1e-30], 2);
        assert_eq!(q.bytes, [0; 4]);
        assert!(q.scales.iter().all(|s| s.is_finite()));
    }
}
