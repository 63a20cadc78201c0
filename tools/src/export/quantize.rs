//! Rounding matrices to integer weights with one scale per row.

use embedded_gpt::tensor::{Format, scales_len};

use super::tiles::pack_tiles;
use super::vector::smallest_exponent;

/// A matrix as the blob stores it: value = weight · scale, scale = mantissa · 2^exponent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantizedMatrix {
    /// [`Format::Q8`] or [`Format::Q4`].
    pub format: Format,
    pub exponent: i16,
    /// Mantissa of each row's scale.
    pub scales: Vec<u16>,
    /// Row-major, (rows, cols): −127 to 127 in `q8`, −8 to 7 in `q4`.
    pub weights: Vec<i8>,
    pub cols: usize,
}

impl QuantizedMatrix {
    /// The values that the blob stands for, row-major, (rows, cols).
    pub fn values(&self) -> Vec<f32> {
        let unit = f32::from(self.exponent).exp2();
        let rows = self.weights.chunks_exact(self.cols).zip(&self.scales);
        rows.flat_map(|(row, &scale)| row.iter().map(move |&w| f32::from(w) * (f32::from(scale) * unit))).collect()
    }

    /// The tensor's bytes in the blob: scales, then tiles.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out: Vec<u8> = self.scales.iter().flat_map(|scale| scale.to_le_bytes()).collect();
        out.resize(scales_len(self.scales.len()), 0);
        out.extend(pack_tiles(&self.weights, self.cols, self.format));
        out
    }
}

/// Rounds a row-major (rows, cols) matrix; each row gets the scale of least squared error.
///
/// # Panics
/// If `cols` is 0 or `format` is not that of a matrix.
pub fn quantize_rows(matrix: &[f32], cols: usize, format: Format) -> QuantizedMatrix {
    let grid = Grid::of(format);
    let max = matrix.iter().fold(0.0f32, |max, w| max.max(w.abs()));
    let exponent = smallest_exponent(max / grid.max, u16::MAX.into());
    let unit = f32::from(exponent).exp2();
    let mut out = QuantizedMatrix { format, exponent, scales: Vec::new(), weights: Vec::new(), cols };
    for row in matrix.chunks_exact(cols) {
        let mantissa = grid.best_scale(row, unit);
        out.scales.push(mantissa);
        out.weights.extend(row.iter().map(|&w| grid.round(w, f32::from(mantissa) * unit)));
    }
    out
}

/// The integers of a format, and the scales that are tried.
struct Grid {
    min: f32,
    max: f32,
    /// Smallest scale that is tried, as a share of the one that just holds the largest weight.
    shrink_to: f32,
}

/// Scales that are tried for a row.
const CANDIDATES: u16 = 21;

impl Grid {
    fn of(format: Format) -> Self {
        match format {
            Format::Q8 => Self { min: -127.0, max: 127.0, shrink_to: 0.9 },
            Format::Q4 => Self { min: -8.0, max: 7.0, shrink_to: 0.5 },
            Format::I16 => panic!("a matrix is stored as q8 or q4"),
        }
    }

    /// Mantissa of the scale of least squared error: each candidate, and the scale that suits the weights which the
    /// candidate rounds to.
    fn best_scale(&self, row: &[f32], unit: f32) -> u16 {
        let max = row.iter().fold(0.0f32, |max, w| max.max(w.abs()));
        let step = (1.0 - self.shrink_to) / f32::from(CANDIDATES - 1);
        let candidates = (0..CANDIDATES).flat_map(|i| {
            let scale = max / self.max * (1.0 - step * f32::from(i));
            let mantissa = to_mantissa(scale, unit);
            [mantissa, to_mantissa(self.refit(row, f32::from(mantissa) * unit), unit)]
        });
        let with_error = candidates.map(|mantissa| (self.squared_error(row, f32::from(mantissa) * unit), mantissa));
        with_error.min_by(|a, b| a.0.total_cmp(&b.0)).map_or(0, |(_, mantissa)| mantissa)
    }

    /// The scale of least squared error for the integers that `scale` gives.
    fn refit(&self, row: &[f32], scale: f32) -> f32 {
        let (mut product, mut square) = (0.0, 0.0);
        for &w in row {
            let rounded = f64::from(self.round(w, scale));
            product += f64::from(w) * rounded;
            square += rounded * rounded;
        }
        if square > 0.0 { (product / square) as f32 } else { 0.0 }
    }

    fn squared_error(&self, row: &[f32], scale: f32) -> f64 {
        row.iter().map(|&w| f64::from(w - f32::from(self.round(w, scale)) * scale).powi(2)).sum()
    }

    fn round(&self, weight: f32, scale: f32) -> i8 {
        if scale == 0.0 { 0 } else { (weight / scale).round().clamp(self.min, self.max) as i8 }
    }
}

/// Nearest mantissa; more than the largest becomes the largest.
fn to_mantissa(scale: f32, unit: f32) -> u16 {
    (scale / unit).round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix() -> Vec<f32> {
        (0..64).map(|i| ((i * 37) % 64) as f32 / 64.0 - 0.5).collect()
    }

    #[test]
    fn rows_are_within_half_a_step() {
        for (format, top) in [(Format::Q8, 127.5), (Format::Q4, 7.5)] {
            let q = quantize_rows(&matrix(), 16, format);
            for (i, (&w, value)) in matrix().iter().zip(q.values()).enumerate() {
                let scale = f32::from(q.scales[i / 16]) * f32::from(q.exponent).exp2();
                let clipped = w.abs() > top * scale;
                assert!(clipped || (w - value).abs() <= 0.5001 * scale, "{format:?}: {w} {value} {scale}");
            }
        }
    }

    #[test]
    fn rounding_again_changes_nothing() {
        for format in [Format::Q8, Format::Q4] {
            let once = quantize_rows(&matrix(), 16, format);
            let twice = quantize_rows(&once.values(), 16, format);
            assert_eq!(twice.values(), once.values(), "{format:?}");
        }
    }

    #[test]
    fn the_scale_suits_the_row() {
        // Half the range of the outlier costs the others less than the outlier gains.
        let mut row = vec![0.1; 256];
        row[0] = 1.0;
        let q = quantize_rows(&row, 256, Format::Q4);
        assert!((q.values()[1] - 0.1).abs() < 0.01, "{}", q.values()[1]);
    }

    #[test]
    fn zero_tiny_and_uneven_rows() {
        for format in [Format::Q8, Format::Q4] {
            assert_eq!(quantize_rows(&[0.0, 0.0, 1e-30, -1e-30], 2, format).values(), [0.0; 4]);
            let q = quantize_rows(&[1000.0, -1000.0, 1.0, -1.0], 2, format);
            // A scale that is a thousandth of the largest has fewer bits left.
            assert!((q.values()[2] - 1.0).abs() < 0.02, "{:?}", q.values());
            let q = quantize_rows(&[65_504.0], 1, format);
            assert!((q.values()[0] - 65_504.0).abs() < 10.0);
        }
    }
}
