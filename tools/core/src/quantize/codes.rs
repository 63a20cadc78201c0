//! Matrices as small integers with one scale per row: `weight ≈ code · mantissa · 2^exponent`.

use embedded_gpt::format::tensor::EXPONENTS;

use super::quant::Quant;
use super::scale::{self, best_scale};

/// Scales of a matrix's rows: `mantissa · 2^exponent`, 0 for rows of zeros.
#[derive(Clone, Debug, PartialEq)]
pub struct RowScales {
    pub mantissas: Vec<u16>,
    pub exponent: i32,
}

impl RowScales {
    /// The nearest scales that share an exponent; the largest one gets all 16 bits.
    pub fn nearest(scales: &[f32]) -> Self {
        let largest = f64::from(scales.iter().fold(0.0f32, |max, &s| max.max(s)));
        if largest == 0.0 {
            return Self { mantissas: vec![0; scales.len()], exponent: 0 };
        }
        let fits = |&exponent: &i16| (largest / power(exponent.into())).round() <= f64::from(u16::MAX);
        let exponent = i32::from(EXPONENTS.into_iter().find(fits).unwrap_or(*EXPONENTS.end()));
        let mantissa = |&scale: &f32| (f64::from(scale) / power(exponent)).round() as u16;
        Self { mantissas: scales.iter().map(mantissa).collect(), exponent }
    }

    /// A row's scale; exact, as are its products with codes.
    pub fn get(&self, row: usize) -> f32 {
        (f64::from(self.mantissas[row]) * power(self.exponent)) as f32
    }
}

fn power(exponent: i32) -> f64 {
    f64::from(exponent).exp2()
}

/// A matrix in integers.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantized {
    pub scales: RowScales,
    /// (rows, cols)
    pub codes: Vec<i8>,
}

/// Rounds a row-major (rows, cols) matrix; each row gets the scale of least squared error.
///
/// # Panics
/// When the matrix does not have whole rows.
pub fn quantize_rows(matrix: &[f32], cols: usize, quant: Quant) -> Quantized {
    assert!(matrix.len().is_multiple_of(cols));
    let scales: Vec<f32> = matrix.chunks_exact(cols).map(|row| best_scale(row, quant)).collect();
    let scales = RowScales::nearest(&scales);
    let (low, high) = quant.codes();
    let mut codes = Vec::with_capacity(matrix.len());
    for (row, weights) in matrix.chunks_exact(cols).enumerate() {
        let inverse = scale::inverse(scales.get(row));
        codes.extend(weights.iter().map(|&w| scale::code(w, inverse, f32::from(low), f32::from(high)) as i8));
    }
    Quantized { scales, codes }
}

impl Quantized {
    /// The values that the codes stand for.
    pub fn values(&self, cols: usize) -> Vec<f32> {
        let rows = self.codes.chunks_exact(cols).enumerate();
        rows.flat_map(|(row, codes)| codes.iter().map(move |&code| f32::from(code) * self.scales.get(row))).collect()
    }
}
