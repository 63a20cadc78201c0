//! Cross-entropy of next-token predictions and its gradient.

use super::math::{exp, max, sum, vectorized};

/// Target of a position that is not scored.
pub const IGNORED: u16 = u16::MAX;

/// Number of scored positions.
pub fn count_scored(targets: &[u16]) -> usize {
    targets.iter().filter(|&&t| t != IGNORED).count()
}

/// Sum of the losses in nats; `logits` (targets, n_vocab) become the gradient of `scale · sum`.
///
/// Rows whose target is [`IGNORED`] cost nothing and get a gradient of 0.
pub fn cross_entropy(logits: &mut [f32], targets: &[u16], scale: f32) -> f64 {
    let n_vocab = logits.len() / targets.len();
    let mut total = 0.0;
    vectorized(
        #[inline(always)]
        || {
            for (row, &target) in logits.chunks_exact_mut(n_vocab).zip(targets) {
                if target == IGNORED {
                    row.fill(0.0);
                    continue;
                }
                let target = usize::from(target);
                let top = max(row);
                let margin = f64::from(top - row[target]);
                for x in &mut *row {
                    *x = exp(*x - top);
                }
                let sum = sum(row);
                total += f64::from(sum).ln() + margin;
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
        let loss = cross_entropy(&mut logits, &[1, IGNORED], 0.5);
        assert!((loss - 4f64.ln()).abs() < 1e-6, "{loss}");
        let expected = [0.0625, -0.375, 0.3125, 0.0, 0.0, 0.0];
        for (given, expected) in logits.iter().zip(expected) {
            assert!((given - expected).abs() < 1e-6, "{logits:?}");
        }
    }
}
