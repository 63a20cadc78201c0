//! Vectors as 16-bit integers with one power of two.

use embedded_gpt::format::tensor::EXPONENTS;

/// A vector as the blob stores it: value = mantissa · 2^exponent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantizedVector {
    pub exponent: i16,
    pub mantissas: Vec<i16>,
}

impl QuantizedVector {
    /// The tensor's bytes in the blob.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.mantissas.iter().flat_map(|mantissa| mantissa.to_le_bytes()).collect()
    }
}

/// Rounds to the finest power of two that the largest value allows.
pub fn quantize_vector(values: &[f32]) -> QuantizedVector {
    let max = values.iter().fold(0.0f32, |max, v| max.max(v.abs()));
    let exponent = smallest_exponent(max, i16::MAX as u32);
    let unit = f64::from(exponent).exp2();
    let mantissas = values.iter().map(|&v| (f64::from(v) / unit).round() as i16).collect();
    QuantizedVector { exponent, mantissas }
}

/// The smallest exponent of a tensor with which `max` is rounded to at most `largest`; 0 if `max` is 0.
pub(super) fn smallest_exponent(max: f32, largest: u32) -> i16 {
    let fits = |&exponent: &i16| (f64::from(max) / f64::from(exponent).exp2()).round() <= f64::from(largest);
    if max == 0.0 { 0 } else { EXPONENTS.into_iter().find(fits).unwrap_or(*EXPONENTS.end()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_uses_all_bits() {
        assert_eq!(quantize_vector(&[1.0, -0.5]), QuantizedVector { exponent: -14, mantissas: vec![16_384, -8_192] });
        assert_eq!(quantize_vector(&[0.0]), QuantizedVector { exponent: 0, mantissas: vec![0] });
        assert_eq!(quantize_vector(&[65_504.0, 3.0]), QuantizedVector { exponent: 1, mantissas: vec![32_752, 2] });
        assert_eq!(quantize_vector(&[1e-30]).mantissas, [0]);
    }

    #[test]
    fn values_are_within_half_a_unit() {
        let values: Vec<f32> = (0..50).map(|i| (i as f32 * 0.7).sin() * 3.0).collect();
        let vector = quantize_vector(&values);
        let unit = f32::from(vector.exponent).exp2();
        for (value, &mantissa) in values.iter().zip(&vector.mantissas) {
            assert!((value - f32::from(mantissa) * unit).abs() <= 0.5001 * unit);
        }
    }
}
