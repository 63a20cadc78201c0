//! Cross-entropy of next-token predictions and its gradient.

use super::math::{exp, max, sum, vectorized};
use super::soft_targets::SoftTarget;

/// Target of a position that is not scored.
pub const IGNORED: u16 = u16::MAX;

/// What to predict, and how much each prediction counts.
#[derive(Clone, Copy, Debug)]
pub struct Targets<'a> {
    /// Tokens, or [`IGNORED`].
    pub tokens: &'a [u16],
    /// A weight per token, at least 0; all 1 if there are none.
    pub weights: Option<&'a [f32]>,
    /// What a teacher expects, if there is one.
    pub soft_targets: Option<SoftTargets<'a>>,
}

/// A teacher's predictions of some targets, and how much they count.
#[derive(Clone, Copy, Debug)]
pub struct SoftTargets<'a> {
    /// What a teacher expects, one soft target per target.
    pub soft_targets: &'a [SoftTarget],
    /// 0: the targets alone are learned; 1: what the teacher expects.
    pub share: f32,
}

impl<'a> Targets<'a> {
    /// Targets that all count alike.
    pub fn alike(tokens: &'a [u16]) -> Self {
        Self { tokens, weights: None, soft_targets: None }
    }

    /// Sum of the weights of those that are scored.
    pub fn total_weight(&self) -> f64 {
        (0..self.tokens.len()).map(|i| f64::from(self.weight(i))).sum()
    }

    /// 0 for what is not scored.
    fn weight(&self, i: usize) -> f32 {
        if self.tokens[i] == IGNORED { 0.0 } else { self.weights.map_or(1.0, |weights| weights[i]) }
    }

    /// Splits the targets into parts of `n`, as [`chunks`](slice::chunks) splits a slice.
    pub fn chunks(self, n: usize) -> impl Iterator<Item = Self> {
        let range = move |start: usize| start..(start + n).min(self.tokens.len());
        (0..self.tokens.len()).step_by(n).map(move |start| Self {
            tokens: &self.tokens[range(start)],
            weights: self.weights.map(|weights| &weights[range(start)]),
            soft_targets: self
                .soft_targets
                .map(|all| SoftTargets { soft_targets: &all.soft_targets[range(start)], ..all }),
        })
    }
}

/// Sums over all targets of their losses in nats, each times its weight.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Nats {
    /// Loss of the targets alone.
    pub targets: f64,
    /// Loss that is learned from: with a teacher, the mean of the targets' and the teacher's by their shares;
    /// without one, that of the targets.
    pub learned: f64,
}

/// The losses; `logits` (targets, n_vocab) become the gradient of `scale · learned`.
///
/// Rows whose target is [`IGNORED`] or weighs 0 cost nothing and get a gradient of 0. The teacher's loss is the
/// cross-entropy with its candidates and, as if they were one more, all other tokens together.
pub fn cross_entropy(logits: &mut [f32], targets: Targets<'_>, scale: f32) -> Nats {
    let n_vocab = logits.len() / targets.tokens.len();
    let mut total = Nats::default();
    vectorized(
        #[inline(always)]
        || {
            for (i, row) in logits.chunks_exact_mut(n_vocab).enumerate() {
                let weight = targets.weight(i);
                if weight == 0.0 {
                    row.fill(0.0);
                    continue;
                }
                let nats = row_loss(row, &targets, i, scale * weight);
                total.targets += f64::from(weight) * nats.targets;
                total.learned += f64::from(weight) * nats.learned;
            }
        },
    );
    total
}

/// The losses of one row, whatever it weighs.
#[inline(always)]
fn row_loss(row: &mut [f32], targets: &Targets<'_>, i: usize, scale: f32) -> Nats {
    let target = usize::from(targets.tokens[i]);
    let top = max(row);
    let margin = f64::from(top - row[target]);
    for x in &mut *row {
        *x = exp(*x - top);
    }
    let sum = sum(row);
    let loss = f64::from(sum).ln() + margin;
    let factor = if targets.soft_targets.is_some() { sum.recip() } else { scale / sum };
    for x in &mut *row {
        *x *= factor;
    }
    let Some(SoftTargets { soft_targets, share }) = targets.soft_targets else {
        row[target] -= scale;
        return Nats { targets: loss, learned: loss };
    };
    let teachers = f64::from(learn(row, &soft_targets[i], share, scale));
    row[target] -= scale * (1.0 - share);
    Nats { targets: loss, learned: loss + f64::from(share) * (teachers - loss) }
}

/// The loss of a soft target for a row of probabilities, which becomes `scale` times the gradient of the soft
/// target's share and of all else but the target.
#[inline(always)]
fn learn(row: &mut [f32], soft_target: &SoftTarget, share: f32, scale: f32) -> f32 {
    const LEAST: f32 = 1e-7;
    let own = soft_target.map(|candidate| row[usize::from(candidate.token)].max(LEAST));
    let expected = soft_target.map(|candidate| candidate.probability());
    let rest = (1.0 - expected.iter().sum::<f32>()).max(0.0);
    let own_rest = (1.0 - own.iter().sum::<f32>()).max(LEAST);
    // However the other tokens share what is theirs, they come to `rest` together.
    let factor = scale * (1.0 - share * rest / own_rest);
    for x in &mut *row {
        *x *= factor;
    }
    let mut loss = -rest * own_rest.ln();
    for ((candidate, own), expected) in soft_target.iter().zip(own).zip(expected) {
        row[usize::from(candidate.token)] = scale * (own - share * expected);
        loss -= expected * own.ln();
    }
    loss
}

#[cfg(test)]
mod tests {
    use super::super::soft_targets::Candidate;
    use super::*;

    #[test]
    fn loss_and_gradient_of_known_logits() {
        let ln = |x: f32| x.ln();
        let mut logits = [ln(1.0), ln(2.0), ln(5.0), 9.0, 9.0, 9.0];
        let Nats { targets: loss, learned } = cross_entropy(&mut logits, Targets::alike(&[1, IGNORED]), 0.5);
        assert_eq!(loss, learned);
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
        let targets = Targets { tokens: &[2], weights: Some(&[3.0]), soft_targets: None };
        let loss = cross_entropy(&mut weighted, targets, 1.0).learned;
        let mut copies = [row, row, row].concat();
        let expected = cross_entropy(&mut copies, Targets::alike(&[2, 2, 2]), 1.0).learned;
        assert!((loss - expected).abs() < 1e-9 && targets.total_weight() == 3.0);
        for (i, given) in weighted.iter().enumerate() {
            assert!((given - 3.0 * copies[i]).abs() < 1e-6);
        }
        let nothing = Targets { tokens: &[2, IGNORED], weights: Some(&[0.0, 1.0]), soft_targets: None };
        assert_eq!((nothing.total_weight(), cross_entropy(&mut [1.0; 6], nothing, 1.0)), (0.0, Nats::default()));
    }

    /// Probabilities ½, ¼, ¼ and 32 tokens that share nothing to speak of.
    fn lesson_of_three() -> SoftTarget {
        let mut soft_target = std::array::from_fn(|i| Candidate::new(3 + i as u16, 0.0));
        soft_target[..3].copy_from_slice(&[Candidate::new(0, 0.5), Candidate::new(1, 0.25), Candidate::new(2, 0.25)]);
        soft_target
    }

    #[test]
    fn who_knows_the_lesson_has_nothing_to_learn_from_it() {
        let mut logits = [-30.0; 40];
        logits[..3].copy_from_slice(&[2f32.ln(), 0.0, 0.0]);
        let soft_targets = Some(SoftTargets { soft_targets: &[lesson_of_three()], share: 1.0 });
        let loss = cross_entropy(&mut logits, Targets { soft_targets, ..Targets::alike(&[1]) }, 1.0).learned;
        let entropy = 1.5 * 2f64.ln();
        assert!((loss - entropy).abs() < 1e-4, "{loss} instead of {entropy}");
        assert!(logits.iter().all(|slope| slope.abs() < 1e-4), "{logits:?}");
    }

    #[test]
    fn a_share_mixes_target_and_lesson() {
        let row: [f32; 40] = std::array::from_fn(|i| (i as f32 * 0.37).sin());
        let mut plain = row;
        let plain_loss = cross_entropy(&mut plain, Targets::alike(&[7]), 2.0).targets;
        let with = |share: f32| {
            let mut row = row;
            let soft_targets = Some(SoftTargets { soft_targets: &[lesson_of_three()], share });
            let loss = cross_entropy(&mut row, Targets { soft_targets, ..Targets::alike(&[7]) }, 2.0);
            assert!((loss.targets - plain_loss).abs() < 1e-9, "the targets' own loss is told, too");
            (loss.learned, row)
        };
        let (target, both, soft_target) = (with(0.0), with(0.25), with(1.0));
        assert!((both.0 - (0.75 * target.0 + 0.25 * soft_target.0)).abs() < 1e-5);
        assert_eq!(target.0, plain_loss);
        for (i, plain) in plain.iter().enumerate() {
            assert!((target.1[i] - plain).abs() < 1e-6);
            assert!((both.1[i] - (0.75 * target.1[i] + 0.25 * soft_target.1[i])).abs() < 1e-6);
        }
    }

    #[test]
    fn parts_keep_their_weights() {
        let weights = [1.0, 2.0, 3.0];
        let targets = Targets { tokens: &[7, 8, 9], weights: Some(&weights), soft_targets: None };
        let parts: Vec<_> = targets.chunks(2).map(|part| (part.tokens, part.weights.unwrap())).collect();
        assert_eq!(parts, [(&[7, 8][..], &[1.0, 2.0][..]), (&[9], &[3.0])]);
    }
}
