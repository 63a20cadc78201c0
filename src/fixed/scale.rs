//! Positive real numbers as a 16-bit mantissa and an exponent, and multiplying vectors by them.

use super::mul17;
use super::root::square_root;

/// `mantissa · 2^exponent`; the mantissa is at least 2¹⁵, or the number is 0.
///
/// Results are rounded to nearest: each operation is within 2⁻¹⁶ of the exact result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scale {
    mantissa: u16,
    exponent: i32,
}

/// `2^(i/16)` in units of 2⁻¹⁵, rounded; the last one, 2, is a unit short.
pub(crate) static SIXTEENTHS: [u16; 17] = [
    32_768, 34_219, 35_734, 37_316, 38_968, 40_693, 42_495, 44_376, 46_341, 48_393, 50_535, 52_773, 55_109, 57_549,
    60_097, 62_757, 65_535,
];

impl Scale {
    pub(crate) const ZERO: Self = Self { mantissa: 0, exponent: 0 };

    /// `mantissa · 2^exponent`
    pub(crate) const fn new(mantissa: u32, exponent: i32) -> Self {
        if mantissa == 0 {
            return Self::ZERO;
        }
        let excess = 16 - mantissa.leading_zeros() as i32;
        if excess <= 0 {
            return Self { mantissa: (mantissa << -excess) as u16, exponent: exponent + excess };
        }
        let rounded = ((mantissa >> (excess - 1)) + 1) >> 1;
        // All ones are rounded to a power of two.
        let carry = rounded >> 16;
        Self { mantissa: (rounded >> carry) as u16, exponent: exponent + excess + carry as i32 }
    }

    /// `mantissa · 2^exponent` for a mantissa of 64 bits.
    pub(crate) const fn wide(mantissa: u64, exponent: i32) -> Self {
        let excess = 32 - (mantissa >> 32 | 1).leading_zeros().saturating_sub(32) as i32;
        if mantissa >> 32 == 0 {
            Self::new(mantissa as u32, exponent)
        } else {
            Self::new((mantissa >> excess) as u32, exponent + excess)
        }
    }

    /// The scale of a constant, which has to be a positive normal number.
    pub(crate) const fn of(value: f64) -> Self {
        let bits = value.to_bits();
        Self::new((bits >> 21) as u32 | 1 << 31, (bits >> 52) as i32 - 1023 - 31)
    }

    /// The scale of a float in the blob's header, which has to be positive and finite.
    pub(crate) const fn of_f32(value: f32) -> Self {
        let bits = value.to_bits();
        let exponent = (bits >> 23) as i32;
        match exponent {
            0 => Self::new(bits, -149),
            _ => Self::new(bits & 0x007F_FFFF | 0x0080_0000, exponent - 150),
        }
    }

    /// The number in units of 2⁻³², rounded down; 0 for numbers of 1 and more.
    pub(crate) const fn fraction(self) -> u32 {
        let shift = -16 - self.exponent;
        if shift < 0 || shift > 31 { 0 } else { (self.mantissa as u32) << 16 >> shift }
    }

    pub(crate) const fn power_of_two(exponent: i32) -> Self {
        Self { mantissa: 1 << 15, exponent: exponent - 15 }
    }

    /// One word with the mantissa in the lower half and the exponent in the upper one, to be kept among the numbers
    /// of a buffer.
    #[inline(never)]
    pub(crate) fn to_word(self) -> u32 {
        let exponent = self.exponent.clamp(i16::MIN.into(), i16::MAX.into());
        (exponent as u32) << 16 | u32::from(self.mantissa)
    }

    pub(crate) const fn from_word(word: u32) -> Self {
        Self { mantissa: word as u16, exponent: word as i32 >> 16 }
    }

    pub(crate) const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    pub(crate) const fn mantissa(self) -> u16 {
        self.mantissa
    }

    pub(crate) const fn exponent(self) -> i32 {
        self.exponent
    }

    #[inline(never)]
    pub(crate) const fn times(self, other: Self) -> Self {
        Self::new(self.mantissa as u32 * other.mantissa as u32, self.exponent + other.exponent)
    }

    pub(crate) const fn times_power_of_two(self, power: i32) -> Self {
        Self { mantissa: self.mantissa, exponent: self.exponent + power }
    }

    /// 1 / self; 0 for 0.
    #[inline(never)]
    pub(crate) const fn inverse(self) -> Self {
        match self.mantissa {
            0 => Self::ZERO,
            mantissa => Self::new(u32::MAX / mantissa as u32, -32 - self.exponent),
        }
    }

    pub(crate) const fn plus(self, other: Self) -> Self {
        let (large, small) = if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        if large.mantissa == 0 {
            return small;
        }
        let distance = large.exponent - small.exponent;
        let small = if distance > 14 { 0 } else { (small.mantissa as u32) << 14 >> distance };
        Self::new(((large.mantissa as u32) << 14) + small, large.exponent - 14)
    }

    /// 1 / √self; 0 for 0.
    pub(crate) const fn inverse_square_root(self) -> Self {
        // The exponent has to become even.
        let shift = 16 - (self.exponent & 1);
        let root = square_root((self.mantissa as u32) << shift);
        Self::new(root, (self.exponent - shift) / 2).inverse()
    }
}

/// `2^(n/16)`
pub(crate) fn power(n: i32) -> Scale {
    Scale { mantissa: SIXTEENTHS[(n & 15) as usize], exponent: (n >> 4) - 15 }
}

/// Smallest `n` with `2^(n/16) ≥ scale`, up to the precision of [`SIXTEENTHS`]; only for numbers above 0.
pub(crate) fn sixteenths_of_octave(scale: Scale) -> i32 {
    // 2ˣ is below 1 + x between 0 and 1, so no power before this one can be it.
    let first = usize::from(scale.mantissa >> 11 & 15);
    let above = (first..16).find(|&n| scale.mantissa <= SIXTEENTHS[n]).unwrap_or(16);
    (scale.exponent + 15) * 16 + above as i32
}

/// A scale made ready to multiply integers of a known size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Factor {
    pub(crate) left: u32,
    pub(crate) mantissa: u16,
    pub(crate) right: u32,
}

impl Factor {
    /// A multiplier for integers of up to `bits` bits without sign. Products are in units of `2^unit`.
    ///
    /// Where products could reach 2²⁹, all of them may become smaller by the same power of two instead.
    pub(crate) const fn new(scale: Scale, bits: u32, unit: i32) -> Self {
        let left = 31u32.saturating_sub(bits);
        let right = left as i32 - 17 - (scale.exponent - unit);
        let right = if right < 0 {
            0
        } else if right > 31 {
            31
        } else {
            right as u32
        };
        Self { left, mantissa: scale.mantissa, right }
    }

    #[inline(always)]
    pub(crate) const fn times(&self, value: i32) -> i32 {
        mul17(value << self.left, self.mantissa) >> self.right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn real(scale: Scale) -> f64 {
        f64::from(scale.mantissa) * f64::powi(2.0, scale.exponent)
    }

    fn assert_near(scale: Scale, right: f64, ulps: f64) {
        assert!(scale.is_zero() || scale.mantissa >> 15 == 1, "{scale:?}");
        assert!((real(scale) / right - 1.0).abs() <= ulps / 65_536.0, "{} for {right}", real(scale));
    }

    const SAMPLES: [Scale; 8] = [
        Scale::new(1, 0),
        Scale::new(65_535, -9),
        Scale::new(u32::MAX, -40),
        Scale::new(0xFFFF_7FFF, 3),
        Scale::new(32_769, -17),
        Scale::new(3, 100),
        Scale::new(0x1_8000, -16),
        Scale::of(0.000_123),
    ];

    #[test]
    fn arithmetic_is_within_an_ulp() {
        for a in SAMPLES {
            assert_near(a.inverse(), 1.0 / real(a), 1.01);
            assert_near(a.inverse_square_root(), 1.0 / real(a).sqrt(), 2.5);
            for b in SAMPLES {
                assert_near(a.times(b), real(a) * real(b), 1.0);
                assert_near(a.plus(b), real(a) + real(b), 1.01);
            }
            assert_eq!((a.plus(Scale::ZERO), Scale::ZERO.plus(a), a.times(Scale::ZERO)), (a, a, Scale::ZERO));
        }
        assert_eq!(Scale::ZERO.inverse(), Scale::ZERO);
        assert_eq!(Scale::ZERO.inverse_square_root(), Scale::ZERO);
        assert_eq!(Scale::new(0xFFFF_FFFF, 0), Scale::power_of_two(32));
    }

    #[test]
    fn constants_and_floats() {
        for value in [1.0, 0.1, 1e-5, 12_345.678, 1.999_999_9] {
            assert_near(Scale::of(value), value, 0.51);
            assert_near(Scale::of_f32(value as f32), value, 0.51);
        }
        assert_near(Scale::of_f32(1e-40), f64::from(1e-40f32), 0.51);
        for value in [1, 1 << 31, 1 << 32, 0x1_8000_0000, u64::MAX, 3 << 40] {
            assert_near(Scale::wide(value, -3), value as f64 / 8.0, 1.0);
        }
        assert_eq!(Scale::wide(0, 5), Scale::ZERO);
        assert_eq!([0.5, 0.75, 1e-3, 1e-30].map(|v| Scale::of(v).fraction()), [1 << 31, 3 << 30, 4_294_912, 0]);
        for (i, &sixteenth) in SIXTEENTHS.iter().enumerate() {
            assert!((f64::from(sixteenth) - 32_768.0 * f64::powf(2.0, i as f64 / 16.0)).abs() <= 1.0);
        }
    }

    #[test]
    fn sixteenths_are_the_next_larger_ones() {
        for scale in SAMPLES {
            let n = f64::from(sixteenths_of_octave(scale));
            let exact = real(scale).log2() * 16.0;
            assert!(n >= exact - 1e-3 && n < exact + 1.0, "{n} for {exact}");
            assert_near(power(n as i32), (n / 16.0).exp2(), 1.0);
        }
        assert_eq!(sixteenths_of_octave(Scale::power_of_two(-3)), -48);
        for mantissa in 1 << 15..1 << 16 {
            let above = SIXTEENTHS.iter().position(|&sixteenth| mantissa <= sixteenth.into()).unwrap_or(16);
            assert_eq!(sixteenths_of_octave(Scale::new(mantissa, -15)), above as i32, "{mantissa}");
        }
    }

    #[test]
    fn words_hold_scales() {
        for scale in SAMPLES.into_iter().chain([Scale::ZERO, Scale::power_of_two(-30_000)]) {
            assert_eq!(Scale::from_word(scale.to_word()), scale);
        }
        assert_eq!(Scale::from_word(Scale::power_of_two(1 << 20).to_word()), Scale::power_of_two(32_767 + 15));
    }

    #[test]
    fn factors_multiply_within_a_unit() {
        for scale in SAMPLES {
            for bits in [1, 8, 16, 24, 30, 31] {
                let most = ((1u64 << bits) - 1) as i32;
                let values = [0, 1, -1, most / 2, -most / 2, most, -most];
                let unit = (bits as f64 + real(scale).log2()).ceil() as i32 - 29;
                let factor = Factor::new(scale, bits, unit);
                for value in values {
                    let right = f64::from(value) * real(scale) * f64::powi(2.0, -unit);
                    let error = (f64::from(factor.times(value)) - right).abs();
                    assert!(error <= if bits > 30 { 2.0 } else { 1.0 }, "{value} · {scale:?}: {error}");
                }
            }
        }
    }

    #[test]
    fn factors_too_large_keep_the_order_and_too_small_give_zero() {
        let factor = Factor::new(Scale::power_of_two(40), 20, 0);
        assert!(factor.times(1_000_000) > factor.times(999_999) && factor.times(-1) < 0);
        let factor = Factor::new(Scale::power_of_two(-100), 31, 0);
        assert_eq!((factor.times(i32::MAX), factor.times(0)), (0, 0));
        assert_eq!(Factor::new(Scale::ZERO, 31, 0).times(i32::MIN), 0);
    }
}
