//! Powers and logarithms to base 2, from tables with straight lines between their entries.

/// A function given by samples at equal distances. The argument is `entry + fraction / 2^BITS`: a straight line
/// between two samples, a constant behind the last one.
#[inline(always)]
fn interpolate<const BITS: u32>(samples: &[u16], place: u32) -> i32 {
    let entry = (place >> BITS) as usize;
    let fraction = (place & ((1 << BITS) - 1)) as i32;
    match samples.get(entry..entry + 2) {
        Some(&[from, to]) => {
            let difference = i32::from(to) - i32::from(from);
            i32::from(from) + ((difference * fraction + (1 << BITS >> 1)) >> BITS)
        }
        _ => samples.last().map_or(0, |&last| i32::from(last)),
    }
}

const STEPS: usize = 64;

/// `2⁻ˣ` for 0 ≤ x ≤ 1, in units of 2⁻¹⁵.
pub(crate) static POWERS: [u16; STEPS + 1] = {
    let mut table = [0; STEPS + 1];
    let mut i = 0;
    while i <= STEPS {
        let x = i as f64 / STEPS as f64;
        table[i] = (32_768.0 * exp(-x * core::f64::consts::LN_2) + 0.5) as u16;
        i += 1;
    }
    table
};

/// `log2(1 + x) − x` for 0 ≤ x ≤ 1, in units of 2⁻¹⁶.
static LOGARITHMS: [u16; STEPS + 1] = {
    let mut table = [0; STEPS + 1];
    let mut i = 0;
    while i <= STEPS {
        let x = i as f64 / STEPS as f64;
        table[i] = (65_536.0 * (ln(1.0 + x) / core::f64::consts::LN_2 - x) + 0.5) as u16;
        i += 1;
    }
    table
};

/// `2^(−x / 2¹⁶)` in units of 2⁻¹⁵, at most 2 units less or 1.5 more.
#[inline(always)]
pub(crate) fn exp2_neg(x: u32) -> u32 {
    let x = x.min((32 << 16) - 1);
    (interpolate::<10>(&POWERS, x & 0xFFFF) as u32) >> (x >> 16)
}

/// `2^(−x / 2¹⁶)` in units of 2⁻³¹, exact to 2⁻¹⁴ of itself, for sums of many small powers.
pub(crate) fn exp2_neg_fine(x: u32) -> u32 {
    let power = interpolate::<10>(&POWERS, x & 0xFFFF) as u32;
    power << 16 >> (x >> 16).min(31)
}

/// `log2(x)` in units of 2⁻¹⁶, within 5 units; −2³⁰ for 0.
pub(crate) fn log2(x: u64) -> i32 {
    let zeros = x.leading_zeros();
    if zeros == 64 {
        return -(1 << 30);
    }
    let fraction = ((x << zeros) << 1 >> 48) as u32;
    ((63 - zeros as i32) << 16) + fraction as i32 + interpolate::<10>(&LOGARITHMS, fraction)
}

/// `eˣ` by its series, for tables; for |x| up to about 20.
pub(crate) const fn exp(x: f64) -> f64 {
    // e^x = (e^(x/64))^64
    let x = x / 64.0;
    let (mut sum, mut term, mut n) = (1.0, 1.0, 1.0);
    while n < 16.0 {
        term = term * x / n;
        sum += term;
        n += 1.0;
    }
    let mut squarings = 0;
    while squarings < 6 {
        sum *= sum;
        squarings += 1;
    }
    sum
}

/// `ln x` for 1 ≤ x ≤ 2, for tables: `2 artanh((x − 1) / (x + 1))`.
const fn ln(x: f64) -> f64 {
    let t = (x - 1.0) / (x + 1.0);
    let (mut sum, mut power, mut n) = (0.0, t, 1.0);
    while n < 60.0 {
        sum += power / n;
        power *= t * t;
        n += 2.0;
    }
    2.0 * sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_within_two_units() {
        for x in (0..20 << 16).step_by(77).chain([u32::MAX, 1 << 16, (1 << 16) - 1, 31 << 16, 32 << 16]) {
            let right = 32_768.0 * (-f64::from(x) / 65_536.0).exp2();
            assert!((-2.0..1.5).contains(&(f64::from(exp2_neg(x)) - right)), "{x}: {} for {right}", exp2_neg(x));
        }
        for x in (0..32 << 16).step_by(777) {
            let right = 2_147_483_648.0 * (-f64::from(x) / 65_536.0).exp2();
            let error = (f64::from(exp2_neg_fine(x)) - right).abs();
            assert!(error <= right / 16_384.0 + 1.0, "{x}: {} for {right}", exp2_neg_fine(x));
        }
        assert_eq!((exp2_neg_fine(0), exp2_neg_fine(32 << 16)), (1 << 31, 1));
        assert_eq!((exp2_neg(0), exp2_neg(1 << 16), exp2_neg(u32::MAX)), (32_768, 16_384, 0));
    }

    #[test]
    fn powers_never_rise() {
        assert!((0..4 << 16).all(|x| exp2_neg(x) >= exp2_neg(x + 1)));
    }

    #[test]
    fn logarithms_are_within_five_units() {
        for i in 0..60_000u32 {
            let x = i.wrapping_mul(2_654_435_761) >> (i % 32) | 1;
            for x in [u64::from(x), u64::from(x) << 20 | 1] {
                let right = 65_536.0 * (x as f64).log2();
                assert!((f64::from(log2(x)) - right).abs() <= 5.0, "{x}: {} for {right}", log2(x));
            }
        }
        assert_eq!((log2(1), log2(2), log2(1 << 63), log2(0)), (0, 65_536, 63 << 16, -(1 << 30)));
    }

    #[test]
    fn series_for_tables_are_exact() {
        for i in -100..=100 {
            let x = f64::from(i) / 10.0;
            assert!((exp(x) / x.exp() - 1.0).abs() < 1e-12);
        }
        assert!((0..=64).map(|i| 1.0 + f64::from(i) / 64.0).all(|x| (ln(x) - x.ln()).abs() < 1e-12));
    }
}
