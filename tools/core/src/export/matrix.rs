//! Rounded matrices as bytes of a blob.

use embedded_gpt::format::tensor::{Format, scales_len};

use super::tiles::pack_tiles;
use crate::quantize::{self, Quant, Quantized, QuantizedTensor};

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
    /// A rounded matrix with rows of `cols` codes, in a format that holds them.
    pub fn new(rounded: Quantized, cols: usize, format: Format) -> Self {
        let Quantized { scales, codes } = rounded;
        Self { format, exponent: scales.exponent as i16, scales: scales.mantissas, weights: codes, cols }
    }

    /// A tensor of a model as the blob stores it.
    pub fn of(tensor: &QuantizedTensor) -> Self {
        Self::new(tensor.matrix.clone(), tensor.spec.cols, tensor.quant.format())
    }

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
    let quant = Quant::of(format).expect("the format of a matrix");
    QuantizedMatrix::new(quantize::quantize_rows(matrix, cols, quant), cols, format)
}

#[cfg(test)]
mod tests {
    use embedded_gpt::format::tensor::EXPONENTS;

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
            assert!(EXPONENTS.contains(&q.exponent));
            assert!(EXPONENTS.contains(&quantize_rows(&[1e-25, 1e-26], 1, format).exponent));
        }
    }
}
