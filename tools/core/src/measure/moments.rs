//! Second moments of what enters each matrix of a model, over a text.

use anyhow::{Result, ensure};
use embedded_gpt::format::tensor::Role;
use rayon::prelude::*;

use super::windows::{group_len, windows};
use crate::network::activations::Activations;
use crate::network::dropout::Dropout;
use crate::network::forward::{Pass, check_vocabulary};
use crate::network::matmul::{Matrix, Store, matmul};
use crate::network::params::Layout;
use crate::parallel;
use crate::weights::Weights;

/// Σ x xᵀ over the inputs of a matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    n: usize,
    /// (n, n)
    sums: Vec<f64>,
}

impl Moments {
    /// Moments of inputs whose `n` elements are equally large and independent.
    pub fn identity(n: usize) -> Self {
        let mut sums = vec![0.0; n * n];
        sums.iter_mut().step_by(n + 1).for_each(|v| *v = 1.0);
        Self { n, sums }
    }

    fn zeroed(n: usize) -> Self {
        Self { n, sums: vec![0.0; n * n] }
    }

    /// Moments of given inputs, (rows, n).
    ///
    /// # Panics
    /// If `inputs` is not a whole number of rows.
    pub fn of(n: usize, inputs: &[f32]) -> Self {
        let mut moments = Self::zeroed(n);
        moments.add(inputs);
        moments
    }

    /// Width of the input.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Σ xᵢ xⱼ.
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.sums[i * self.n + j]
    }

    /// Mean of the diagonal.
    pub fn mean(&self) -> f64 {
        (0..self.n).map(|i| self.at(i, i)).sum::<f64>() / self.n as f64
    }

    /// Adds `share` times the mean of the diagonal to the diagonal.
    pub fn damp(&mut self, share: f64) {
        let more = self.mean() * share;
        self.sums.iter_mut().step_by(self.n + 1).for_each(|v| *v += more);
    }

    fn add(&mut self, x: &[f32]) {
        let rows = x.len() / self.n;
        let mut product = vec![0.0; self.n * self.n];
        matmul(&mut product, Matrix::new(x, rows, self.n).transposed(), Matrix::new(x, rows, self.n), Store::Replace);
        self.sums.iter_mut().zip(&product).for_each(|(sum, &v)| *sum += f64::from(v));
    }
}

/// Moments of all inputs of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelMoments {
    /// (n_layer): inputs of query, key and value; of the attention's output; of gate and up; of down.
    layers: Vec<[Moments; 4]>,
    head: Moments,
}

impl ModelMoments {
    /// Moments of what enters the matrix of a role; `None` for tables that are only looked up.
    ///
    /// The token embedding is taken as the head.
    pub fn input_of(&self, role: Role, layer: usize) -> Option<&Moments> {
        let of_layer = |index: usize| self.layers.get(layer).map(|inputs| &inputs[index]);
        match role {
            Role::Query | Role::Key | Role::Value => of_layer(0),
            Role::AttnOut => of_layer(1),
            Role::Gate | Role::Up => of_layer(2),
            Role::Down => of_layer(3),
            Role::Head | Role::TokenEmbedding => Some(&self.head),
            _ => None,
        }
    }

    fn zeroed(layout: &Layout) -> Self {
        let config = &layout.config;
        let widths = [config.n_embd, config.query_dim(), config.n_embd, config.n_ff];
        let layers = (0..config.n_layer).map(|_| widths.map(Moments::zeroed)).collect();
        Self { layers, head: Moments::zeroed(config.n_embd) }
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Moments> {
        self.layers.iter_mut().flatten().chain([&mut self.head])
    }

    /// Adds what entered the matrices while some batches were read, in the order of the batches.
    fn add(&mut self, batches: &[Batch]) {
        let all: Vec<(usize, &mut Moments)> = self.all_mut().enumerate().collect();
        all.into_par_iter().for_each(|(index, moments)| {
            for Batch { acts, rows } in batches {
                let inputs = inputs(acts).nth(index).expect("inputs of each matrix");
                moments.add(&inputs[..rows * moments.n]);
            }
        });
    }
}

/// What reading some windows left in a worker's buffers.
struct Batch {
    acts: Activations,
    rows: usize,
}

/// What enters the matrices, in the order of [`ModelMoments::all_mut`].
fn inputs(acts: &Activations) -> impl Iterator<Item = &[f32]> {
    let layers = acts.layers.iter();
    let of_layers = layers.flat_map(|l| [&l.attn_normed[..], &l.heads, &l.mlp_normed, &l.activated]);
    of_layers.chain([&acts.final_normed[..]])
}

/// Runs a model over `tokens` in windows of the whole context.
///
/// # Errors
/// If there are no tokens, one is not in the vocabulary, or the weights do not fit their configuration.
pub fn collect(weights: &Weights, tokens: &[u16]) -> Result<ModelMoments> {
    let config = &weights.config;
    ensure!(tokens.len() > 1, "the text for calibration is empty");
    check_vocabulary(tokens, config.n_vocab)?;
    let layout = Layout::new(config)?;
    let params = layout.flatten(weights)?;
    let pass = Pass { layout: &layout, params: &params, dropout: Dropout::default() };
    let len = config.n_ctx.min(tokens.len());
    let starts: Vec<usize> = windows(tokens.len(), len, len).into_iter().map(|(start, _)| start).collect();
    let group = group_len(starts.len(), len);
    let n_batches = parallel::n_workspaces(starts.len().div_ceil(group));
    let mut batches: Vec<Batch> =
        (0..n_batches).map(|_| Batch { acts: Activations::new(config, group, len), rows: 0 }).collect();
    let mut moments = ModelMoments::zeroed(&layout);
    for starts in starts.chunks(group * n_batches) {
        let groups = starts.chunks(group);
        let batches = &mut batches[..groups.len()];
        batches.par_iter_mut().zip(groups.collect::<Vec<_>>()).for_each(|(batch, starts)| {
            let inputs: Vec<u16> = starts.iter().flat_map(|&start| &tokens[start..start + len]).copied().collect();
            batch.rows = inputs.len();
            pass.forward_body(&inputs, &mut batch.acts);
        });
        moments.add(batches);
    }
    Ok(moments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::random::{gpt2_config, llama_config};

    #[test]
    fn moments_are_sums_over_all_tokens_for_any_number_of_threads() {
        for config in [gpt2_config(), llama_config()] {
            let weights = Weights::random(config, 1);
            let tokens: Vec<u16> = (0..700).map(|i| i * 7 % 37).collect();
            let with_threads = |n| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
                pool.install(|| collect(&weights, &tokens).unwrap())
            };
            let moments = with_threads(1);
            assert_eq!(moments, with_threads(2));
            assert_eq!(moments, with_threads(5));
            // What follows an RMSNorm has a mean square of the gains' size, however large the residual stream is.
            let query = moments.input_of(Role::Query, 0).unwrap();
            assert!(query.mean() > 100.0 && query.mean() < 7000.0, "{}", query.mean());
            assert_eq!(query.at(1, 2), query.at(2, 1));
        }
    }
}
