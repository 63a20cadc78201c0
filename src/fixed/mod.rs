//! Fixed-point arithmetic: integers that stand for real numbers. The whole forward pass is made of it.
//!
//! A vector is a slice of `i32` with one [`Scale`]: the value of an element is `element · scale`. Nothing here uses
//! floats or panics. What does not fit is saturated, or made smaller where the function says so. Every operation is
//! defined to the last bit, so that all targets agree.

mod exp2;
mod root;
mod scale;

#[cfg(any(thumb2, kernel = "x86"))]
pub(crate) use exp2::POWERS;
pub(crate) use exp2::{exp, exp2_neg, exp2_neg_fine, log2};
pub(crate) use scale::{Factor, SIXTEENTHS, Scale, power, sixteenths_of_octave};

/// 1 / ln 2
pub(crate) const LOG2_E: Scale = Scale::of(core::f64::consts::LOG2_E);

/// `⌊a · m / 2¹⁷⌋`: the upper word of one multiplication where the processor has it.
#[inline(always)]
pub(crate) const fn mul17(a: i32, m: u16) -> i32 {
    if cfg!(kernel = "arm-v6m") {
        // The only multiplication there is 32 × 32 → 32 bits.
        let low = ((a as u32 & 0xFFFF) * m as u32) >> 16;
        ((a >> 16) * m as i32 + low as i32) >> 1
    } else {
        ((a as i64 * ((m as i32) << 15) as i64) >> 32) as i32
    }
}

/// `⌊a · m / 2¹⁷⌋` for a signed factor.
#[inline(always)]
pub(crate) const fn mul17_signed(a: i32, m: i16) -> i32 {
    if cfg!(kernel = "arm-v6m") {
        let low = ((a & 0xFFFF) * m as i32) >> 16;
        ((a >> 16) * m as i32 + low) >> 1
    } else {
        ((a as i64 * ((m as i32) << 15) as i64) >> 32) as i32
    }
}

/// A number with as many bits as `v` has without its sign.
#[inline(always)]
pub(crate) const fn magnitude(v: i32) -> u32 {
    (v ^ (v >> 31)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_multiplying_agree() {
        for a in [0, 1, -1, 65_535, 65_536, -65_536, -65_537, i32::MAX, i32::MIN, 123_456_789, -987_654_321] {
            for m in [0, 1, 255, 32_767, 32_768, 65_535] {
                let split = ((a >> 16) * i32::from(m) + (((a as u32 & 0xFFFF) * u32::from(m)) >> 16) as i32) >> 1;
                assert_eq!(i64::from(split), (i64::from(a) * i64::from(m)) >> 17, "{a} · {m}");
                assert_eq!(mul17(a, m), split);
            }
            for m in [0, 1, -1, 255, -256, i16::MAX, i16::MIN] {
                let split = ((a >> 16) * i32::from(m) + (((a & 0xFFFF) * i32::from(m)) >> 16)) >> 1;
                assert_eq!(i64::from(split), (i64::from(a) * i64::from(m)) >> 17, "{a} · {m}");
                assert_eq!(mul17_signed(a, m), split);
            }
        }
    }
}
