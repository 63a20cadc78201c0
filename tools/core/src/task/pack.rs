//! Examples laid into rows as long as the context, with weights that say what is to be predicted.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::Example;
use crate::train::replay;

/// A stream of rows of `context` tokens, and one token more: the last target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    pub tokens: Vec<u16>,
    /// How much each token counts as a target.
    pub weights: Vec<f32>,
}

impl Rows {
    fn push(&mut self, token: u16, weight: f32) {
        self.tokens.push(token);
        self.weights.push(weight);
    }

    /// Fills the row that is being laid with `filler`, which counts nothing.
    fn fill(&mut self, context: usize, filler: u16) {
        let len = self.tokens.len().next_multiple_of(context);
        self.tokens.resize(len, filler);
        self.weights.resize(len, 0.0);
    }
}

/// Lays whole examples into rows, as many as fit into each; what is given weighs 0, what is to be predicted 1.
///
/// Examples of one row see those before them, so an order by label would give the answer away: [`shuffled`] before.
///
/// # Panics
/// If an example is longer than a row.
pub fn pack<'e>(examples: impl Iterator<Item = &'e Example>, context: usize, filler: u16) -> Rows {
    let mut rows = Rows::default();
    for example in examples {
        assert!(example.tokens.len() <= context, "an example of {} tokens", example.tokens.len());
        if rows.tokens.len() % context + example.tokens.len() > context {
            rows.fill(context, filler);
        }
        for (i, &token) in example.tokens.iter().enumerate() {
            rows.push(token, if i < example.n_given { 0.0 } else { 1.0 });
        }
    }
    rows.fill(context, filler);
    rows.push(filler, 0.0);
    rows
}

/// The examples in an order that `seed` decides.
pub fn shuffled(examples: &[Example], seed: u64) -> Vec<&Example> {
    let mut order: Vec<&Example> = examples.iter().collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    order
}

/// Rows of examples in orders that `seed` decides, and of the text `before`, which is `share` of all tokens; the
/// scarcer of them is repeated.
///
/// The answers of an example weigh as much together as its row has tokens, so that the share is that of the loss, too.
pub fn mix(examples: &[Example], before: &[u16], share: f64, context: usize, filler: u16, seed: u64) -> Rows {
    let before = &before[..before.len() - before.len() % context];
    let n_own = pack(examples.iter(), context, filler).tokens.len();
    let (own_copies, before_copies) = replay::copies(n_own, before.len(), share);
    let mut rows = Rows::default();
    for copy in 0..own_copies as u64 {
        let mut own = pack(shuffled(examples, seed.wrapping_add(copy)).into_iter(), context, filler);
        let weight = own.tokens.len() as f32 / own.weights.iter().sum::<f32>().max(1.0);
        own.weights.iter_mut().for_each(|w| *w *= weight);
        own.tokens.pop();
        own.weights.pop();
        rows.tokens.extend(own.tokens);
        rows.weights.extend(own.weights);
    }
    for _ in 0..before_copies {
        rows.tokens.extend(before);
        rows.weights.resize(rows.tokens.len(), 1.0);
    }
    rows.push(filler, 0.0);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(tokens: &[u16], n_given: usize) -> Example {
        Example { tokens: tokens.to_vec(), n_given }
    }

    #[test]
    fn whole_examples_fill_rows_and_only_answers_count() {
        let examples = [example(&[1, 2, 3], 2), example(&[4, 5], 1), example(&[6, 7, 8, 9], 1)];
        let rows = pack(examples.iter(), 6, 0);
        assert_eq!(rows.tokens, [1, 2, 3, 4, 5, 0, 6, 7, 8, 9, 0, 0, 0]);
        assert_eq!(rows.weights, [0., 0., 1., 0., 1., 0., 0., 1., 1., 1., 0., 0., 0.]);
        assert_eq!(pack(examples[2..].iter(), 4, 0).tokens, [6, 7, 8, 9, 0]);
    }

    #[test]
    fn old_text_has_its_share_of_tokens_and_of_weight() {
        let examples: Vec<_> = (0..50).map(|i| example(&[0, i + 1, 99], 2)).collect();
        let before = vec![7; 10_003];
        let rows = mix(&examples, &before, 0.25, 8, 0, 1);
        assert_eq!(rows.tokens.len() % 8, 1);
        assert_eq!(rows.tokens.len(), rows.weights.len());
        let old = rows.tokens.iter().filter(|&&token| token == 7).count();
        assert!((old as f64 / rows.tokens.len() as f64 - 0.25).abs() < 0.01);
        let weight: f32 = rows.weights.iter().zip(&rows.tokens).filter(|(_, token)| **token == 7).map(|(w, _)| w).sum();
        let all: f32 = rows.weights.iter().sum();
        assert!((weight / all - 0.25).abs() < 0.02, "{}", weight / all);
        let alone = mix(&examples, &[], 0.5, 8, 0, 1);
        assert_eq!(alone.tokens.len(), 25 * 8 + 1);
        assert_ne!(alone.tokens, pack(examples.iter(), 8, 0).tokens);
    }
}
