//! Probabilities in integers: logarithms in units of 2⁻¹⁶ nat, linear ones in units of 2⁻³⁰.

use crate::fixed::{exp2_neg_fine, log2, mul17};
use crate::{Logits, TokenId};

/// Natural logarithm of a probability, at most 0, in units of 2⁻¹⁶.
pub(super) type LogProb = i32;
/// A probability in units of 2⁻³⁰.
pub(super) type Prob = u32;

/// 1 nat.
pub(super) const NAT: LogProb = Logits::ONE;
/// Probability 1.
pub(super) const ONE: Prob = 1 << 30;
/// Logarithm of what is too unlikely to count.
pub(super) const NEVER: LogProb = -21 * NAT;
/// ln 2 in units of 2⁻¹⁶.
pub(super) const LN_2: LogProb = 45_426;
/// 1 / ln 2 − 1 in units of 2⁻¹⁶.
const LOG2_E_LESS_1: u16 = 29_012;

/// `exp(log)`; 1 for a positive `log`, 0 from [`NEVER`] down.
pub(super) fn exp(log: LogProb) -> Prob {
    if log <= NEVER {
        return 0;
    }
    let below = -log.min(0);
    exp2_neg_fine((below + mul17(below << 1, LOG2_E_LESS_1)) as u32) >> 1
}

/// `ln(prob)`; [`NEVER`] for 0.
pub(super) fn ln(prob: Prob) -> LogProb {
    if prob == 0 { NEVER } else { ln_of(prob) - ln_of(ONE) }
}

/// `ln(n)` of a whole number; [`NEVER`] for 0.
#[inline(never)] // called in nine places
pub(super) fn ln_of(n: u32) -> LogProb {
    if n == 0 { NEVER } else { mul17(log2(u64::from(n)) << 1, LN_2 as u16) }
}

/// A probability times another.
pub(super) fn scale(prob: Prob, by: Prob) -> Prob {
    ((u64::from(prob) * u64::from(by)) >> 30) as Prob
}

/// Tokens with their log-probabilities, from [`NEVER`] to 0.
pub(super) fn log_probs(logits: Logits<'_>) -> impl Iterator<Item = (TokenId, LogProb)> {
    let total = logits.log_sum_exp();
    let log_prob = move |&logit: &i32| logit.saturating_sub(total).clamp(NEVER, 0);
    logits.values().iter().enumerate().map(move |(token, logit)| (token as TokenId, log_prob(logit)))
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    #[test]
    fn exp_and_ln_are_close_to_the_real_ones() {
        for i in 0..6_000 {
            let x = -f64::from(i) / 200.0;
            let got = f64::from(exp((x * 65_536.0) as i32)) / f64::from(ONE);
            assert!((got - x.exp()).abs() <= 3e-4 * x.exp() + 2e-9, "exp({x}) = {got}");
        }
        for i in 0..20_000u32 {
            let n = 1 + i * i * 5;
            let got = f64::from(ln_of(n)) / 65_536.0;
            assert!((got - f64::from(n).ln()).abs() < 1e-3, "ln({n}) = {got}");
        }
        assert_eq!((exp(0), exp(NEVER), ln(ONE), ln(0), ln_of(0)), (ONE, 0, 0, NEVER, NEVER));
    }

    #[test]
    fn log_probabilities_add_up_to_one() {
        let logits: Vec<i32> = (0..1000).map(|i| (i * 37 % 101 - 27) * NAT / 9).collect();
        let sum: f64 = log_probs(Logits::new(&logits)).map(|(_, p)| f64::from(exp(p))).sum();
        assert!((sum / f64::from(ONE) - 1.0).abs() < 1e-3, "{sum}");
    }
}
