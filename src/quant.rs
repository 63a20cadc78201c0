//! Quantized matrices and vectors: views and conversions, no loops over rows.

use half::f16;

use crate::tensor::{q8_scales_len, q8_stride};

/// A `q8` matrix in the blob: signed bytes with one scale per row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QMatrix<'a> {
    /// f16 bits, one per row.
    scales: &'a [u16],
    /// (rows, stride)
    data: &'a [i8],
    stride: usize,
}

impl<'a> QMatrix<'a> {
    /// View of a tensor of a checked blob; without rows if the bytes are not those of such a matrix.
    pub(crate) fn new(bytes: &'a [u8], rows: usize, cols: usize) -> Self {
        let (scales, data) = bytes.split_at_checked(q8_scales_len(rows)).unwrap_or_default();
        let scales = bytemuck::try_cast_slice(scales).unwrap_or_default();
        Self {
            scales: scales.get(..rows).unwrap_or_default(),
            data: bytemuck::cast_slice(data),
            stride: q8_stride(cols),
        }
    }

    pub(crate) fn stride(&self) -> usize {
        self.stride
    }

    /// Scale and bytes of each row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (f32, &'a [i8])> + use<'a> {
        self.scales.iter().map(|&bits| f16::from_bits(bits).to_f32()).zip(self.data.chunks_exact(self.stride))
    }

    /// Scale and bytes of one row; a row that is not there has none.
    pub(crate) fn row(&self, row: usize) -> (f32, &'a [i8]) {
        let scale = self.scales.get(row).map_or(0.0, |&bits| f16::from_bits(bits).to_f32());
        (scale, self.data.get(row * self.stride..(row + 1) * self.stride).unwrap_or_default())
    }
}

/// A vector in 16 bits with one scale: the value is `scale · element`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QVector<'a> {
    pub(crate) scale: f32,
    /// Padded with zeros to a multiple of 4.
    pub(crate) data: &'a [i16],
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

/// Rounds `values` to 16 bits, or to as many as keep the sum of products with bytes below 2³¹; otherwise
/// as [`quantize_bytes`].
pub(crate) fn quantize<'a>(values: &[f32], out: &'a mut [i16]) -> QVector<'a> {
    let scale = quantize_to(largest_factor(out.len()), values, out, |value| value as i16);
    QVector { scale, data: out }
}

/// Largest 16-bit factor of which `n` products with bytes stay below 2³¹ together.
pub(crate) fn largest_factor(n: usize) -> i32 {
    (i32::MAX / 128 / n.max(1) as i32).min(32_767)
}

fn quantize_to<T: Default + Clone>(limit: i32, values: &[f32], out: &mut [T], narrow: impl Fn(i32) -> T) -> f32 {
    let max = values.iter().fold(0.0, |max: f32, v| max.max(v.abs()));
    let limit = limit as f32;
    if !(TINY..f32::INFINITY).contains(&max) {
        out.fill(T::default());
        return 0.0;
    }
    let per_unit = limit / max;
    for (out, &value) in out.iter_mut().zip(values) {
        *out = narrow(round(value * per_unit));
    }
    out.get_mut(values.len()..).unwrap_or_default().fill(T::default());
    max / limit
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
        let q = quantize(&[-2.0, 1.0, 0.5], &mut out);
        assert_eq!((q.scale, q.data), (2.0 / 32_767.0, &[-32_767, 16_384, 8_192, 0][..]));
    }

    #[test]
    fn quantize_survives_zero_tiny_and_infinite_vectors() {
        let mut out = [9i8; 4];
        for values in [[0.0; 4], [1e-38; 4], [f32::INFINITY, 1.0, 0.0, 0.0]] {
            assert_eq!((quantize_bytes(&values, &mut out), out), (0.0, [0; 4]), "{values:?}");
            assert_eq!(quantize(&values, &mut [9; 4]).data, &[0; 4], "{values:?}");
        }
        quantize_bytes(&[f32::MAX; 4], &mut out);
        assert_eq!(out, [127; 4]);
    }

    #[test]
    fn long_vectors_have_fewer_bits() {
        let mut out = [0i16; 1024];
        let q = quantize(&[1.0; 1024], &mut out);
        assert!(i64::from(q.data[0]) * 128 * 1024 <= i64::from(i32::MAX));
        assert!(q.data[0] > 16_000);
    }
}
