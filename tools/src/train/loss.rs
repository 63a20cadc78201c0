//! Cross-entropy of next-token predictions and its gradient.

use super::math::{exp, max, sum, vectorized};

/// Target of a position that is not scored.
pub const IGNORED: u16 = u16::MAX;

/// What to predict, and how much each prediction counts.
#[derive(Clone, Copy, Debug)]
pub struct Targets<'a> {
    /// Tokens, or [`IGNORED`].
    pub tokens: &'a [u16],
    /// A weight per token, at least 0; all 1 if there are none.
    pub weights: Option<&'a [f32]>,
}

impl<'a> Targets<'a> {
    /// Targets that all count alike.
    pub fn alike(tokens: &'a [u16]) -> Self {
        Self { tokens, weights: None }
    }

    /// Sum of the weights of those that are scored.
    pub fn total_weight(&self) -> f64 {
        (0..self.tokens.len()).map(|i| f64::from(self.weight(i))).sum()
    }

    /// 0 for what is not scored.
    fn weight(&self, i: usize) -> f32 {
        if self.tokens[i] == IGNORED { 0.0 } else { self.weights.map_or(1.0, |weights| weights[i]) }
    }

    /// As [`chunks`](slice::chunks) of a slice.
    pub fn chunks(self, n: usize) -> impl Iterator<Item = Self> {
        let range = move |start: usize| start..(start + n).min(self.tokens.len());
        (0..self.tokens.len()).step_by(n).map(move |start| Self {
            tokens: &self.tokens[range(start)],
            weights: self.weights.map(|weights| &weights[range(start)]),
        })
    }
}

/// Sum of the losses in nats, each times its weight; `logits` (targets, n_vocab) become the gradient of `scale · sum`.
///
/// Rows whose target is [`IGNORED`] or weighs 0 cost nothing and get a gradient of 0.
pub fn cross_entropy(logits: &mut [f32], targets: Targets<'_>, scale: f32) -> f64 {
    let n_vocab = logits.len() / targets.tokens.len();
    let mut total = 0.0;
    vectorized(
        #[inline(always)]
        || {
            for (i, row) in logits.chunks_exact_mut(n_vocab).enumerate() {
                let weight = targets.weight(i);
                if weight == 0.0 {
                    row.fill(0.0);
                    continue;
                }
                let target = usize::from(targets.tokens[i]);
                let top = max(row);
                let margin = f64::from(top - row[target]);
                for x in &mut *row {
                    *x = exp(*x - top);
                }
                let sum = sum(row);
                total += f64::from(weight) * (f64::from(sum).ln() + margin);
                let scale = scale * weight;
                let factor = scale / sum;
                for x in &mut *row {
                    *x *= factor;
                }
                row[target] -= scale;
            }
        },
    );
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_and_gradient_of_known_logits() {
        let ln = |x: f32| x.ln();
        let mut logits = [ln(1.0), ln(2.0), ln(5.0), 9.0, 9.0, 9.0];
        let loss = cross_entropy(&mut logits, Targets::alike(&[1, IGNORED]), 0.5);
        assert!((loss - 4f64.ln()).abs() < 1e-6, "{loss}");
        let expected = [0.0625, -0.375, 0.3125, 0.0, 0.0, 0.0];
        for (given, expected) in logits.iter().zip(expected) {
            assert!((given - expected).abs() < 1e-6, "{logits:?}");
        }
    }
    #[test]
    fn a_weight_is_worth_as_many_copies() {
        let row = [0.3, -1.0, 2.0];
        let mut weighted = row;
        let targets = Targets { tokens: &[2], weights: Some(&[3.0]) };
        let loss = cross_entropy(&mut weighted, targets, 1.0);
        let mut copies = [row, row, row].concat();
        let expected = cross_entropy(&mut copies, Targets::alike(&[2, 2, 2]), 1.0);
        assert!((loss - expected).abs() < 1e-9 && targets.total_weight() == 3.0);
        for (i, given) in weighted.iter().enumerate() {
            assert!((given - 3.0 * copies[i]).abs() < 1e-6);
        }
        let nothing = Targets { tokens: &[2, IGNORED], weights: Some(&[0.0, 1.0]) };
        assert_eq!((nothing.total_weight(), cross_entropy(&mut [1.0; 6], nothing, 1.0)), (0.0, 0.0));
    }

    #[test]
    fn parts_keep_their_weights() {
        let weights = [1.0, 2.0, 3.0];
        let targets = Targets { tokens: &[7, 8, 9], weights: Some(&weights) };
        let parts: Vec<_> = targets.chunks(2).map(|part| (part.tokens, part.weights.unwrap())).collect();
        assert_eq!(parts, [(&[7, 8][..], &[1.0, 2.0][..]), (&[9], &[3.0])]);
    }
}
