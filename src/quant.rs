//! Quantized matrices and vectors: views of a blob's tensors, and conversions of what is multiplied by them.

use crate::fixed::Scale;
use crate::format::tensor::{Tensor, scales_len};
use crate::format::tile::{BLOCK_ROWS, column_units};
use crate::kernel::{self, Input, Multiplier, Rounding};

/// A quantized matrix in the blob.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QMatrix<'a> {
    multiplier: &'static Multiplier,
    cols: usize,
    exponent: i16,
    /// One mantissa per row; the scale is mantissa · 2^exponent.
    scales: &'a [u16],
    tiles: &'a [u8],
}

impl<'a> QMatrix<'a> {
    /// View of a tensor of a checked blob. It has no rows if the bytes are not those of such a matrix.
    pub(crate) fn new(tensor: Tensor<'a>, rows: usize, cols: usize) -> Self {
        let (scales, tiles) = tensor.bytes.split_at_checked(scales_len(rows)).unwrap_or_default();
        let scales: &[u16] = bytemuck::try_cast_slice(scales).unwrap_or_default();
        let scales = scales.get(..rows).unwrap_or_default();
        Self { multiplier: Multiplier::of(tensor.format), cols, exponent: tensor.exponent, scales, tiles }
    }

    /// How the matrix is multiplied. What is quantized for one matrix serves for all of its width and multiplier.
    pub(crate) fn multiplier(&self) -> &'static Multiplier {
        self.multiplier
    }

    /// Reads the weights of one row as integers of up to 23 bits; returns the scale of their unit. What is not there
    /// is left as it was.
    #[inline(never)]
    pub(crate) fn read_row(&self, row: usize, out: &mut [i32]) -> Scale {
        let mantissa = self.scales.get(row).map_or(0, |&mantissa| i32::from(mantissa));
        let packing = self.multiplier.packing;
        for (col, out) in out.iter_mut().enumerate().take(self.cols) {
            let Some(weight) = packing.weight(self.tiles, packing.place(row, col, self.cols)) else { break };
            *out = weight * mantissa;
        }
        Scale::power_of_two(self.exponent.into())
    }

    /// Rounds what the matrix is to be multiplied by to as many bits as its format asks for.
    ///
    /// `values` are at most 2³⁰; `words` holds at least [`kernel::input_words`] of the columns.
    #[inline(never)]
    pub(crate) fn quantize<'w>(&self, values: &[i32], scale: Scale, words: &'w mut [u32]) -> Operand<'w> {
        let values = values.get(..self.cols).unwrap_or(values);
        let multiplier = self.multiplier;
        let (rounding, unit) = rounding(multiplier.largest_input(self.cols), multiplier.range_of(values));
        let input = Input::rounded(multiplier.layout(), words, values, rounding);
        Operand { scale: scale.times(unit), input }
    }

    /// The operand that was [quantized](Self::quantize) into `words` for a matrix of this format and width.
    pub(crate) fn operand<'w>(&self, scale: Scale, sum: i32, words: &'w [u32]) -> Operand<'w> {
        let input = Input::laid_out(self.multiplier.layout(), words, self.cols, sum);
        Operand { scale, input }
    }

    pub(crate) fn n_row(&self) -> usize {
        self.scales.len()
    }

    /// Rows of as many whole blocks as `len` bytes of tiles hold, but at least of one block.
    pub(crate) fn rows_in(&self, len: usize) -> usize {
        len.checked_div(self.block_len()).unwrap_or_default().max(1) * BLOCK_ROWS
    }

    fn block_len(&self) -> usize {
        column_units(self.cols) * self.multiplier.packing.unit_len()
    }

    /// `out[row] = Σ matrix[row][col] · operand[col]`, below 2³⁰. Returns the scale of `out`.
    pub(crate) fn multiply(&self, operand: &Operand<'_>, out: &mut [i32]) -> Scale {
        self.multiply_rows(0, operand, out)
    }

    /// Multiplies as [`multiply`](Self::multiply) does, by the rows from `first` on, a multiple of [`BLOCK_ROWS`]:
    /// as many rows as `out` has room for.
    #[inline(never)]
    pub(crate) fn multiply_rows(&self, first: usize, operand: &Operand<'_>, out: &mut [i32]) -> Scale {
        let tiles = self.tiles.get(first / BLOCK_ROWS * self.block_len()..).unwrap_or_default();
        let multiplier = self.multiplier;
        multiplier.multiply(tiles, &operand.input, out);
        let largest_weight = multiplier.packing.zero_point();
        let most = (multiplier.largest_input(self.cols) * largest_weight) as u32 * self.cols as u32;
        // All bits that the sums leave unused go to the precision of the products.
        let left = most.leading_zeros().saturating_sub(1);
        let scales = self.scales.get(first..).unwrap_or_default();
        #[cfg(all(feature = "kernel-check", not(target_os = "none")))]
        {
            let len = out.len().div_ceil(BLOCK_ROWS) * self.block_len();
            kernel::read(&tiles[..len.min(tiles.len())], &scales[..out.len().min(scales.len())]);
        }
        kernel::scale_rows(out, scales, left);
        operand.scale.times_power_of_two(i32::from(self.exponent) + 17 - left as i32)
    }
}

/// A vector in the blob: the gain of a norm, or a bias.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Vector<'a> {
    /// The value is mantissa · 2^exponent.
    pub(crate) mantissas: &'a [i16],
    pub(crate) exponent: i16,
}

impl<'a> Vector<'a> {
    /// A vector that the model does not have.
    pub(crate) const NONE: Self = Self { mantissas: &[], exponent: 0 };

    /// View of a tensor of a checked blob; empty if the model does not have it.
    pub(crate) fn new(tensor: Tensor<'a>) -> Self {
        Self { exponent: tensor.exponent, mantissas: bytemuck::try_cast_slice(tensor.bytes).unwrap_or_default() }
    }

    /// What the mantissas are multiplied by.
    pub(crate) fn unit(&self) -> Scale {
        Scale::power_of_two(self.exponent.into())
    }
}

/// What a matrix is multiplied by: the value is `scale · element`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operand<'a> {
    scale: Scale,
    input: Input<'a>,
}

impl Operand<'_> {
    pub(crate) fn scale(&self) -> Scale {
        self.scale
    }

    /// Sum of all elements.
    pub(crate) fn sum(&self) -> i32 {
        self.input.sum()
    }
}

/// How to round integers to fewer bits, so that the largest becomes the limit, and what a unit of the result stands
/// for.
///
/// `limit` is at most 32,767, `largest` at most 2³⁰; if it is 0, the unit is 0, too.
fn rounding(limit: i32, largest: u32) -> (Rounding, Scale) {
    if largest == 0 {
        return (Rounding { left: 0, factor: 0, right: 31 }, Scale::ZERO);
    }
    let left = largest.leading_zeros().saturating_sub(1);
    // The factor has 15 or 16 bits, and is too small rather than too large.
    let spare = limit.leading_zeros() - 17;
    let factor = ((limit as u32) << spare << 16) / (((largest << left) >> 15) + 1);
    let right = 14 + spare;
    let unit = Scale::new(factor, 0).inverse().times_power_of_two((17 + right) as i32 - left as i32);
    (Rounding { left, factor: factor as u16, right }, unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::tensor::Format;

    fn real(scale: Scale) -> f64 {
        f64::from(scale.mantissa()) * f64::powi(2.0, scale.exponent())
    }

    #[test]
    fn rounding_is_to_the_nearest_and_uses_the_whole_range() {
        for limit in [127, 255, 4096, 21_845, 32_767] {
            for largest in [1, 2, 3, 127, 128, 32_767, 65_535, 1_000_003, (1 << 30) - 1, 1 << 30] {
                let (rounding, unit) = rounding(limit, largest);
                let most = largest as i32;
                for value in [most, -most, most / 2, most / 3, -most / 7, 0] {
                    let rounded = rounding.round(value);
                    assert!(rounded.abs() <= limit);
                    let error = (f64::from(rounded) * real(unit) - f64::from(value)).abs();
                    assert!(error <= 0.51 * real(unit) + f64::from(most) * 2e-5, "{value} of {most}: {rounded}");
                }
                assert!(f64::from(rounding.round(most)) >= f64::from(limit) * 0.9999 - 0.51, "{limit} {largest}");
            }
        }
        let (nothing, unit) = rounding(127, 0);
        assert_eq!((nothing.round(0), unit), (0, Scale::ZERO));
        // Beyond what is promised there is no panic.
        rounding(127, 1 << 31).0.round(i32::MIN);
    }

    /// Two rows of 1, 2, 3 and −1, 0, 1 with the scales 3/4 and 1/2.
    fn matrix(format: Format, bytes: &mut crate::Aligned<[u8; 144]>) -> QMatrix<'_> {
        bytes.0[..4].copy_from_slice(&[0, 0x60, 0, 0x40]);
        for (i, weight) in [1, 2, 3, -1, 0, 1].into_iter().enumerate() {
            let packing = format.packing().unwrap();
            packing.put(&mut bytes.0[16..], packing.place(i / 3, i % 3, 3), weight);
        }
        QMatrix::new(Tensor { format, exponent: -15, bytes: &bytes.0 }, 2, 3)
    }

    #[test]
    fn multiply_applies_row_and_vector_scales() {
        for format in [Format::Q8, Format::Q4] {
            let mut bytes = crate::Aligned([0; 144]);
            let matrix = matrix(format, &mut bytes);
            let mut words = [9; 32];
            let operand = matrix.quantize(&[127 << 20, 0, -3 << 20], Scale::power_of_two(-20), &mut words);
            let mut out = [0; 2];
            let scale = matrix.multiply(&operand, &mut out);
            for (out, right) in out.into_iter().zip([118.0 * 0.75, -130.0 * 0.5]) {
                assert!((f64::from(out) * real(scale) / right - 1.0).abs() < 1e-4, "{format:?}: {out}");
            }
        }
    }

    #[test]
    fn rows_can_be_read() {
        for format in [Format::Q8, Format::Q4] {
            let mut bytes = crate::Aligned([0; 144]);
            let matrix = matrix(format, &mut bytes);
            let mut out = [5; 3];
            assert_eq!(matrix.read_row(1, &mut out), Scale::power_of_two(-15));
            assert_eq!(out, [-1 << 14, 0, 1 << 14], "{format:?}");
            matrix.read_row(2, &mut out);
            assert_eq!(out, [0; 3]);
            matrix.read_row(usize::MAX / 1024, &mut [5; 3]);
        }
    }
}
