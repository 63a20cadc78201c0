//! Probabilities in one byte each: powers of two from 2^-24 to 1, evenly spaced exponents.

const MIN_LOG2: f64 = -24.0;
const STEPS: f64 = 255.0;

/// A probability or a back-off weight, rounded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Prob(u8);

impl Prob {
    /// The nearest that can be written; what is smaller than 2^-24 is that, what is larger than 1 is 1.
    pub fn nearest(prob: f64) -> Self {
        let log2 = prob.log2().max(MIN_LOG2); // NaN and -inf become the least
        Self(((log2 / MIN_LOG2).mul_add(-STEPS, STEPS)).round().min(STEPS) as u8)
    }

    /// The probability.
    pub fn value(self) -> f64 {
        (MIN_LOG2 - f64::from(self.0) * MIN_LOG2 / STEPS).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_within_half_a_step() {
        for prob in [1.0, 0.3, 1e-3, 2.5e-7] {
            let ratio = Prob::nearest(prob).value() / prob;
            assert!(ratio.log2().abs() <= 12.0 / 255.0 + 1e-9, "{prob}: {ratio}");
        }
        assert_eq!(Prob::nearest(0.0).value(), 2f64.powi(-24));
        assert_eq!(Prob::nearest(1.5).value(), 1.0);
    }
}
