//! What a model expects in one place of a text, in few bytes.

use super::math::{exp, max, sum, vectorized};

/// Candidates that a soft target has. Of all other tokens it has the sum only; how to spread it the learner decides.
pub const CANDIDATES: usize = 32;
/// Candidates are sought among the tokens that are this likely, if there are enough.
const LIKELY: f32 = 5e-4;

/// What could stand in a token's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    pub token: u16,
    /// 65,535 for certainty.
    probability: u16,
}

/// The likeliest candidates for one place in a text, in no order.
pub type SoftTarget = [Candidate; CANDIDATES];

impl Candidate {
    /// A token and its probability.
    pub fn new(token: u16, probability: f32) -> Self {
        Self { token, probability: (probability * f32::from(u16::MAX)).round() as u16 }
    }

    /// The probability, from 0 to 1.
    pub fn probability(self) -> f32 {
        f32::from(self.probability) / f32::from(u16::MAX)
    }
}

/// Makes probabilities of logits.
pub fn to_probabilities(row: &mut [f32]) {
    vectorized(
        #[inline(always)]
        || {
            let top = max(row);
            for x in &mut *row {
                *x = exp(*x - top);
            }
            let factor = sum(row).recip();
            for x in &mut *row {
                *x *= factor;
            }
        },
    );
}

/// The likeliest tokens by their probabilities.
pub fn likeliest(row: &[f32]) -> SoftTarget {
    let mut tokens: Vec<u16> = (0..).zip(row).filter(|(_, p)| **p >= LIKELY).map(|(token, _)| token).collect();
    if tokens.len() < CANDIDATES {
        tokens = (0..row.len() as u16).collect();
    }
    let probability = |token: u16| row[usize::from(token)];
    tokens.select_nth_unstable_by(CANDIDATES - 1, |&a, &b| probability(b).total_cmp(&probability(a)).then(a.cmp(&b)));
    std::array::from_fn(|i| Candidate::new(tokens[i], probability(tokens[i])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_are_kept_with_their_probabilities() {
        let mut row: Vec<f32> = (0..40).map(|i| (i as f32 * 7.0) % 40.0 / 10.0).collect();
        let mass: f32 = row.iter().map(|x| x.exp()).sum();
        let expected: Vec<f32> = row.iter().map(|x| x.exp() / mass).collect();
        to_probabilities(&mut row);
        let soft_target = likeliest(&row);
        let least = soft_target.iter().map(|c| c.probability()).fold(1.0, f32::min);
        for (token, p) in expected.iter().enumerate() {
            match soft_target.iter().find(|candidate| usize::from(candidate.token) == token) {
                Some(candidate) => assert!((candidate.probability() - p).abs() < 1e-5),
                None => assert!(*p <= least + 1e-5),
            }
        }
    }
}
