//! What the model says about the next token.

use crate::TokenId;
use crate::fixed::{exp2_neg_fine, log2, mul17};

/// Scores of every token for the next place in the text: the larger, the likelier.
///
/// They are integers in units of 2⁻¹⁶ ([`Logits::ONE`] is 1), the same on every target; the probability of
/// a token is `exp((score − log_sum_exp) / 65536)`.
///
/// Borrowed from the session, so that the next step cannot run while an old score is being read.
///
/// ```
/// use embedded_gpt::Logits;
/// let logits = Logits::new(&[Logits::ONE, 3 * Logits::ONE, 0]);
/// assert_eq!((logits.argmax(), logits.get(1)), (1, 3.0));
///
/// let log_prob = logits.values()[1] - logits.log_sum_exp();
/// assert!((log_prob as f32 / 65536.0 - 0.8438f32.ln()).abs() < 1e-3);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Logits<'s> {
    values: &'s [i32],
}

impl<'s> Logits<'s> {
    /// The score 1.
    pub const ONE: i32 = 1 << 16;

    /// Wraps scores from elsewhere, one per token.
    pub const fn new(values: &'s [i32]) -> Self {
        Self { values }
    }

    /// The scores in units of 2⁻¹⁶, (n_vocab).
    pub const fn values(&self) -> &'s [i32] {
        self.values
    }

    /// A token's score as a number; −∞ for a token that there is not.
    pub fn get(&self, token: TokenId) -> f32 {
        self.values.get(usize::from(token)).map_or(f32::NEG_INFINITY, |&value| value as f32 / Self::ONE as f32)
    }

    /// The likeliest token; the first of equals.
    pub fn argmax(&self) -> TokenId {
        let mut best = (0, i32::MIN);
        for (token, &value) in self.values.iter().enumerate() {
            if value > best.1 {
                best = (token, value);
            }
        }
        best.0 as TokenId
    }

    /// `ln Σ exp(score)` over all tokens, in the unit of the scores and within 10 of them: what a score has to be
    /// compared with to know its probability.
    pub fn log_sum_exp(&self) -> i32 {
        let most = self.values.iter().copied().max().unwrap_or(i32::MIN);
        let sum: u64 = self.values.iter().map(|&value| u64::from(weight(most, value))).sum();
        most.saturating_add(mul17((log2(sum) - (31 << 16)) << 1, LN_2))
    }
}

/// ln 2 in units of 2⁻¹⁶.
const LN_2: u16 = 45_426;
/// 1 / ln 2 − 1 in units of 2⁻¹⁶.
const LOG2_E_LESS_1: u16 = 29_012;

/// `exp(value − most)` in units of 2⁻³¹.
fn weight(most: i32, value: i32) -> u32 {
    // Beyond 32 all is 0.
    let below = most.saturating_sub(value).min(32 << 16);
    exp2_neg_fine((below + mul17(below << 1, LOG2_E_LESS_1)) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::vec::Vec;

    fn exact(values: &[i32]) -> f64 {
        let most = values.iter().copied().max().unwrap();
        let sum: f64 = values.iter().map(|&v| (f64::from(v) / 65_536.0 - f64::from(most) / 65_536.0).exp()).sum();
        f64::from(most) + sum.ln() * 65_536.0
    }

    #[test]
    fn log_sum_exp_is_that_of_floats() {
        let noise: Vec<i32> = (0..5000i32).map(|i| i.wrapping_mul(-1_640_531_527) >> 12).collect();
        let flat = std::vec![-7 << 16; 60_000];
        let mut one = flat.clone();
        one[5] = 0;
        for values in [&noise[..], &flat, &one, &[0], &[-5 << 16, 9 << 16], &[1 << 30, -(1 << 30)]] {
            let logits = Logits::new(values);
            let error = f64::from(logits.log_sum_exp()) - exact(values);
            assert!(error.abs() <= 10.0, "{error}");
        }
    }

    #[test]
    fn extremes_do_not_panic() {
        assert_eq!(Logits::new(&[]).argmax(), 0);
        Logits::new(&[]).log_sum_exp();
        assert_eq!(Logits::new(&[i32::MIN; 3]).argmax(), 0);
        Logits::new(&[i32::MAX; 3]).log_sum_exp();
        assert!(Logits::new(&[i32::MIN, i32::MAX]).log_sum_exp() > i32::MAX - 5);
        assert_eq!(Logits::new(&[0]).get(1), f32::NEG_INFINITY);
    }
}
