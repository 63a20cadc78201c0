//! How far a changed model's predictions are from the original's.

use anyhow::{Result, ensure};

use super::windows::{group_len, windows};
use crate::network::activations::Activations;
use crate::network::dropout::Dropout;
use crate::network::forward::{Pass, check_vocabulary};
use crate::network::math;
use crate::network::params::Layout;
use crate::parallel;
use crate::weights::Weights;

/// What the original says of a text; others are compared with it.
#[derive(Debug)]
pub struct Original<'t> {
    layout: Layout,
    params: Vec<f32>,
    tokens: &'t [u16],
}

impl<'t> Original<'t> {
    /// A model and the text that it and others are to predict.
    ///
    /// # Errors
    /// If there are no tokens, one is not in the vocabulary, or the weights do not fit their configuration.
    pub fn new(weights: &Weights, tokens: &'t [u16]) -> Result<Self> {
        ensure!(!tokens.is_empty(), "there is no text to compare two models on");
        check_vocabulary(tokens, weights.config.n_vocab)?;
        let layout = Layout::new(&weights.config)?;
        let params = layout.flatten(weights)?;
        Ok(Self { layout, params, tokens })
    }

    /// Mean Kullback–Leibler divergence of a changed model's predictions, in nats per token: what
    /// the change adds to the loss where the original is right. It is far less noisy than the
    /// difference of two losses.
    ///
    /// # Errors
    /// If the weights are not of the same shape.
    pub fn divergence(&self, changed: &Weights) -> Result<f64> {
        let changed = self.layout.flatten(changed)?;
        let config = &self.layout.config;
        let len = config.n_ctx.min(self.tokens.len());
        let starts: Vec<usize> = windows(self.tokens.len(), len, len).into_iter().map(|(start, _)| start).collect();
        let group = group_len(starts.len(), len);
        let mut workers: Vec<_> = (0..parallel::n_workspaces(starts.len().div_ceil(group)))
            .map(|_| [(); 2].map(|()| Activations::new(config, group, len)))
            .collect();
        let mut sums = vec![0.0; starts.len().div_ceil(group)];
        parallel::for_each(&mut workers, starts.chunks(group).zip(&mut sums), |[p, q], (starts, sum)| {
            let batch: Vec<u16> = starts.iter().flat_map(|&start| &self.tokens[start..start + len]).copied().collect();
            for (params, acts) in [(&self.params, &mut *p), (&changed, &mut *q)] {
                Pass { layout: &self.layout, params, dropout: Dropout::default() }.forward(&batch, acts);
            }
            let rows = |acts: &'_ mut Activations| acts.logits_mut(batch.len(), config.n_vocab).to_vec();
            let (p, q) = (rows(p), rows(q));
            *sum =
                p.chunks_exact(config.n_vocab).zip(q.chunks_exact(config.n_vocab)).map(|(p, q)| of_logits(p, q)).sum();
        });
        Ok(sums.iter().sum::<f64>() / (starts.len() * len) as f64)
    }
}

/// Divergence of softmax(q) from softmax(p).
pub(super) fn of_logits(p: &[f32], q: &[f32]) -> f64 {
    let (max_p, max_q) = (math::max(p), math::max(q));
    let (mut sum_p, mut sum_q, mut weighted) = (0.0f64, 0.0f64, 0.0f64);
    for (&p, &q) in p.iter().zip(q) {
        let (p, q) = (p - max_p, q - max_q);
        let weight = f64::from(math::exp(p));
        sum_p += weight;
        sum_q += f64::from(math::exp(q));
        weighted += weight * f64::from(p - q);
    }
    weighted / sum_p - sum_p.ln() + sum_q.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::random::llama_config;

    #[test]
    fn divergence_of_a_known_pair() {
        // (1/2, 1/2) against (3/4, 1/4)
        let (p, q) = ([0.0, 0.0], [3f32.ln(), 0.0]);
        let expected = 0.5 * (0.5f64 / 0.75).ln() + 0.5 * (0.5f64 / 0.25).ln();
        assert!((of_logits(&p, &q) - expected).abs() < 1e-6);
        assert!(of_logits(&q, &q).abs() < 1e-6);
    }

    #[test]
    fn a_model_does_not_diverge_from_itself_but_from_another() {
        let weights = Weights::random(llama_config(), 1);
        let tokens: Vec<u16> = (0..50).map(|i| i * 7 % 37).collect();
        let original = Original::new(&weights, &tokens).unwrap();
        assert!(original.divergence(&weights).unwrap().abs() < 1e-6);
        let with_threads = |n| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
            pool.install(|| original.divergence(&Weights::random(llama_config(), 2)).unwrap())
        };
        assert!(with_threads(1) > 0.1);
        assert_eq!([with_threads(2), with_threads(5)], [with_threads(1); 2]);
    }
}
