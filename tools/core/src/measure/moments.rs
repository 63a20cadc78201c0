//! Second moments of what enters each matrix of a model, over a text.

use anyhow::{Result, ensure};
use embedded_gpt::format::tensor::Role;

use super::windows::windows;
use crate::network::activations::Activations;
use crate::network::dropout::Dropout;
use crate::network::forward::{Pass, check_vocabulary};
use crate::network::matmul::{Matrix, Store, matmul};
use crate::network::params::Layout;
use crate::network::shard::micro_batch;
use crate::parallel;
use crate::weights::Weights;

/// Σ x yᵀ over the inputs of a matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    n: usize,
    /// (n, n)
    sums: Vec<f64>,
}

impl Moments {
    /// Of inputs whose `n` elements are equally large and independent.
    pub fn identity(n: usize) -> Self {
        let mut sums = vec![0.0; n * n];
        sums.iter_mut().step_by(n + 1).for_each(|v| *v = 1.0);
        Self { n, sums }
    }

    /// Of given inputs, (rows, n).
    ///
    /// # Panics
    /// If `inputs` is not a whole number of rows.
    pub fn of(n: usize, inputs: &[f32]) -> Self {
        let mut moments = Self { n, sums: vec![0.0; n * n] };
        moments.add(inputs, inputs);
        moments
    }

    /// Width of the input.
    pub fn n(&self) -> usize {
        self.n
    }

    /// Σ xᵢ yⱼ.
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

    fn add(&mut self, x: &[f32], y: &[f32]) {
        let rows = x.len() / self.n;
        let mut product = vec![0.0; self.n * self.n];
        matmul(&mut product, Matrix::new(x, rows, self.n).transposed(), Matrix::new(y, rows, self.n), Store::Replace);
        self.sums.iter_mut().zip(&product).for_each(|(sum, &v)| *sum += f64::from(v));
    }

    fn merge(&mut self, other: &Self) {
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, v)| *sum += v);
    }
}

/// Moments of a matrix's input in a model (`x`) and in the same model before it was changed (`y`).
#[derive(Clone, Debug, PartialEq)]
pub struct InputMoments {
    /// Σ x xᵀ
    pub own: Moments,
    /// Σ y xᵀ
    pub cross: Moments,
}

impl InputMoments {
    fn zeroed(n: usize) -> Self {
        let zeroed = Moments { n, sums: vec![0.0; n * n] };
        Self { own: zeroed.clone(), cross: zeroed }
    }

    fn add(&mut self, own: &[f32], before: &[f32]) {
        self.own.add(own, own);
        self.cross.add(before, own);
    }
}

/// Moments of all inputs of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelMoments {
    /// (n_layer): inputs of query, key and value; of the attention's output; of gate and up; of down.
    layers: Vec<[InputMoments; 4]>,
    head: InputMoments,
}

impl ModelMoments {
    /// Of the input of the matrix of a role; `None` for tables that are only looked up.
    ///
    /// The token embedding is taken as the head.
    pub fn input_of(&self, role: Role, layer: usize) -> Option<&InputMoments> {
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
        let layers = (0..config.n_layer).map(|_| widths.map(InputMoments::zeroed)).collect();
        Self { layers, head: InputMoments::zeroed(config.n_embd) }
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut InputMoments> {
        self.layers.iter_mut().flatten().chain([&mut self.head])
    }

    fn merge(&mut self, mut other: Self) {
        for (mine, theirs) in self.all_mut().zip(other.all_mut()) {
            mine.own.merge(&theirs.own);
            mine.cross.merge(&theirs.cross);
        }
    }

    fn add(&mut self, own: &Activations, before: &Activations, rows: usize) {
        let pairs = inputs(own).zip(inputs(before));
        for (moments, (own, before)) in self.all_mut().zip(pairs) {
            let len = rows * moments.own.n;
            moments.add(&own[..len], &before[..len]);
        }
    }
}

/// What enters the matrices, in the order of [`ModelMoments::all_mut`].
fn inputs(acts: &Activations) -> impl Iterator<Item = &[f32]> {
    let layers = acts.layers.iter();
    let of_layers = layers.flat_map(|l| [&l.attn_normed[..], &l.heads, &l.mlp_normed, &l.activated]);
    of_layers.chain([&acts.final_normed[..]])
}

/// Runs both models over `tokens` in windows of the whole context.
///
/// # Errors
/// If there are no tokens, one is not in the vocabulary, or the models' shapes differ or do not fit their weights.
pub fn collect(own: &Weights, before: &Weights, tokens: &[u16], n_threads: usize) -> Result<ModelMoments> {
    let config = &own.config;
    ensure!(tokens.len() > 1, "the text for calibration is empty");
    ensure!(*config == before.config, "the two models have different shapes");
    check_vocabulary(tokens, config.n_vocab)?;
    let layout = Layout::new(config)?;
    let params = [layout.flatten(own)?, layout.flatten(before)?];
    let len = config.n_ctx.min(tokens.len());
    let starts: Vec<usize> = windows(tokens.len(), len, len).into_iter().map(|(start, _)| start).collect();
    let group = micro_batch(starts.len().div_ceil(n_threads.max(1)), len);
    let mut workers: Vec<_> = (0..n_threads.clamp(1, starts.len()))
        .map(|_| (ModelMoments::zeroed(&layout), [(); 2].map(|()| Activations::new(config, group, len))))
        .collect();
    parallel::for_each(&mut workers, starts.chunks(group), |(moments, acts), starts| {
        let batch: Vec<u16> = starts.iter().flat_map(|&start| &tokens[start..start + len]).copied().collect();
        for (params, acts) in params.iter().zip(&mut *acts) {
            Pass { layout: &layout, params, dropout: Dropout::default() }.forward_body(&batch, acts);
        }
        moments.add(&acts[0], &acts[1], batch.len());
    });
    let mut all = workers.into_iter().map(|(moments, _)| moments);
    let mut sum = all.next().expect("at least one worker");
    all.for_each(|moments| sum.merge(moments));
    Ok(sum)
}
