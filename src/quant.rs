//! Quantized matrices and vectors: views of a blob's tensors, and conversions of what is multiplied by them.

use crate::kernel::{self, Input};
use crate::tensor::{Format, Tensor, scales_len};
use crate::tile::{Q4_EXCESS, Q8_EXCESS, q4_place, q8_place};

/// A quantized matrix in the blob.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QMatrix<'a> {
    format: Format,
    cols: usize,
    exponent: i16,
    /// One mantissa per row; the scale is mantissa · 2^exponent.
    scales: &'a [u16],
    tiles: &'a [u8],
}

impl<'a> QMatrix<'a> {
    /// View of a tensor of a checked blob; without rows if the bytes are not those of such a matrix.
    pub(crate) fn new(tensor: Tensor<'a>, rows: usize, cols: usize) -> Self {
        let (scales, tiles) = tensor.bytes.split_at_checked(scales_len(rows)).unwrap_or_default();
        let scales: &[u16] = bytemuck::try_cast_slice(scales).unwrap_or_default();
        let scales = scales.get(..rows).unwrap_or_default();
        Self { format: tensor.format, cols, exponent: tensor.exponent, scales, tiles }
    }

    /// The weights of one row as integers, and the scale that they are multiplied by; a row that is not there is empty.
    pub(crate) fn row(&self, row: usize) -> (f32, impl Iterator<Item = i32> + use<'a>) {
        let scale = self.scales.get(row).map_or(0.0, |&mantissa| f32::from(mantissa) * power_of_two(self.exponent));
        let Self { format, cols, tiles, .. } = *self;
        (scale, (0..cols).map_while(move |col| weight(format, tiles, row, col, cols)))
    }

    /// Rounds what the matrix is to be multiplied by to as many bits as its format asks for.
    ///
    /// `words` holds at least [`kernel::input_words`] of the columns.
    pub(crate) fn quantize<'w>(&self, values: &[f32], words: &'w mut [u32]) -> QVector<'w> {
        let limit = if self.format == Format::Q4 { 127 } else { largest_factor(self.cols) };
        let (scale, per_unit) = scales_for(limit, values);
        let rounded = values.iter().map(|value| round(value * per_unit));
        let input = match self.format {
            Format::Q4 => Input::q4(words, self.cols, rounded),
            _ => Input::q8(words, self.cols, rounded),
        };
        QVector { scale, input }
    }

    /// `out[row] = Σ matrix[row][col] · vector[col]`, with all scales applied.
    pub(crate) fn multiply(&self, vector: &QVector<'_>, out: &mut [f32]) {
        let sums: &mut [i32] = bytemuck::cast_slice_mut(out);
        match self.format {
            Format::Q4 => kernel::sums_q4(self.tiles, &vector.input, sums),
            _ => kernel::sums_q8(self.tiles, &vector.input, sums),
        }
        let scale = vector.scale * power_of_two(self.exponent);
        for (sum, &mantissa) in sums.iter_mut().zip(self.scales) {
            *sum = (*sum as f32 * (f32::from(mantissa) * scale)).to_bits() as i32;
        }
    }
}

fn weight(format: Format, tiles: &[u8], row: usize, col: usize, cols: usize) -> Option<i32> {
    match format {
        Format::Q4 => {
            let (byte, bit) = q4_place(row, col, cols);
            tiles.get(byte).map(|code| i32::from(code >> bit & 15) - Q4_EXCESS)
        }
        _ => tiles.get(q8_place(row, col, cols)).map(|&code| i32::from(code) - Q8_EXCESS),
    }
}

/// A vector in the blob: the gain of a norm, or a bias.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vector<'a> {
    exponent: i16,
    /// The value is mantissa · 2^exponent.
    mantissas: &'a [i16],
}

impl<'a> Vector<'a> {
    /// View of a tensor of a checked blob; empty for one that the model has not.
    pub(crate) fn new(tensor: Tensor<'a>) -> Self {
        Self { exponent: tensor.exponent, mantissas: bytemuck::try_cast_slice(tensor.bytes).unwrap_or_default() }
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = f32> + use<'a> {
        let unit = power_of_two(self.exponent);
        self.mantissas.iter().map(move |&mantissa| f32::from(mantissa) * unit)
    }
}

/// Exact for the exponents of a tensor.
fn power_of_two(exponent: i16) -> f32 {
    f32::from_bits(((i32::from(exponent) + 127) as u32) << 23)
}

/// The input of a matrix with one scale: the value is `scale · element`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QVector<'a> {
    scale: f32,
    input: Input<'a>,
}

/// Smallest magnitude that is not taken for zero; its reciprocal is still far from infinity.
const TINY: f32 = 1e-30;

/// Rounds `values` to signed bytes with the scale `max |value| / 127`, which is returned, and fills the rest of `out`
/// with zeros.
///
/// A vector without a value above 10⁻³⁰, or with one that is not finite, becomes all zeros with scale 0.
pub(crate) fn quantize_bytes(values: &[f32], out: &mut [i8]) -> f32 {
    quantize_to(127, values, out, |value| value as i8)
}

/// Rounds a query head to 16 bits, or to as many as keep the sum of products with bytes below 2³¹; otherwise
/// as [`quantize_bytes`].
pub(crate) fn quantize_halves(values: &[f32], out: &mut [i16]) -> f32 {
    quantize_to(largest_factor(out.len()), values, out, |value| value as i16)
}

/// Largest 16-bit factor of which `n` products with bytes stay below 2³¹ together.
pub(crate) fn largest_factor(n: usize) -> i32 {
    (i32::MAX / 128 / n.max(1) as i32).min(32_767)
}

fn quantize_to<T: Default + Clone>(limit: i32, values: &[f32], out: &mut [T], narrow: impl Fn(i32) -> T) -> f32 {
    let (scale, per_unit) = scales_for(limit, values);
    out.fill(T::default());
    for (out, &value) in out.iter_mut().zip(values) {
        *out = narrow(round(value * per_unit));
    }
    scale
}

/// What one unit stands for if the largest of `values` is to be `limit`, and units per 1.0; 0 and 0 for a vector that
/// becomes all zeros.
fn scales_for(limit: i32, values: &[f32]) -> (f32, f32) {
    let max = values.iter().fold(0.0, |max: f32, v| max.max(v.abs()));
    let limit = limit as f32;
    if (TINY..f32::INFINITY).contains(&max) { (max / limit, limit / max) } else { (0.0, 0.0) }
}

/// Nearest integer, halves away from zero.
pub(crate) fn round(value: f32) -> i32 {
    (value + 0.5f32.copysign(value)) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantize_reaches_both_ends_and_pads() {
        let mut out = [9i8; 4];
        let scale = quantize_bytes(&[-2.0, 1.0, 0.5], &mut out);
        assert_eq!((scale, out), (2.0 / 127.0, [-127, 64, 32, 0]));
        let mut out = [9i16; 4];
        let scale = quantize_halves(&[-2.0, 1.0, 0.5], &mut out);
        assert_eq!((scale, out), (2.0 / 32_767.0, [-32_767, 16_384, 8_192, 0]));
    }

    #[test]
    fn quantize_survives_zero_tiny_and_infinite_vectors() {
        let mut out = [9i8; 4];
        for values in [[0.0; 4], [1e-38; 4], [f32::INFINITY, 1.0, 0.0, f32::NAN]] {
            assert_eq!((quantize_bytes(&values, &mut out), out), (0.0, [0; 4]), "{values:?}");
            let mut out = [9; 4];
            assert_eq!((quantize_halves(&values, &mut out), out), (0.0, [0; 4]), "{values:?}");
        }
        quantize_bytes(&[f32::MAX; 4], &mut out);
        assert_eq!(out, [127; 4]);
    }

    #[test]
    fn long_vectors_have_fewer_bits() {
        let mut out = [0i16; 1024];
        quantize_halves(&[1.0; 1024], &mut out);
        assert!(i64::from(out[0]) * 128 * 1024 <= i64::from(i32::MAX));
        assert!(out[0] > 16_000);
    }

    /// Two rows of 1, 2, 3 and −1, 0, 1 with the scales 3/4 and 1/2.
    fn matrix(format: Format, bytes: &mut crate::Aligned<[u8; 144]>) -> QMatrix<'_> {
        bytes.0[..4].copy_from_slice(&[3, 0, 2, 0]);
        for (i, weight) in [1, 2, 3, -1, 0, 1].into_iter().enumerate() {
            let tiles = &mut bytes.0[16..];
            if format == Format::Q8 {
                tiles[q8_place(i / 3, i % 3, 3)] = (weight + Q8_EXCESS) as u8;
            } else {
                let (byte, bit) = q4_place(i / 3, i % 3, 3);
                tiles[byte] |= ((weight + Q4_EXCESS) as u8) << bit;
            }
        }
        QMatrix::new(Tensor { format, exponent: -2, bytes: &bytes.0 }, 2, 3)
    }

    #[test]
    fn multiply_applies_row_and_vector_scales() {
        for (format, limit) in [(Format::Q8, 32_767.0), (Format::Q4, 127.0)] {
            let mut bytes = crate::Aligned([0; 144]);
            let matrix = matrix(format, &mut bytes);
            let mut words = [9; 32];
            let vector = matrix.quantize(&[limit, 0.0, -3.0], &mut words);
            let mut out = [0.0; 2];
            matrix.multiply(&vector, &mut out);
            assert_eq!(out, [(limit - 9.0) * 0.75, (-limit - 3.0) * 0.5], "{format:?}");
        }
    }

    #[test]
    fn rows_can_be_read() {
        for format in [Format::Q8, Format::Q4] {
            let mut bytes = crate::Aligned([0; 144]);
            let matrix = matrix(format, &mut bytes);
            let (scale, weights) = matrix.row(1);
            assert!(scale == 0.5 && weights.eq([-1, 0, 1]), "{format:?}");
            assert_eq!(matrix.row(2).0, 0.0);
            assert_eq!(matrix.row(usize::MAX / 1024).1.count(), 0);
        }
    }

    #[test]
    fn powers_of_two_are_exact() {
        for exponent in crate::tensor::EXPONENTS {
            assert_eq!(power_of_two(exponent), libm::exp2f(f32::from(exponent)));
        }
    }
}
