//! The backward pass against finite differences of the forward pass, element by element.

use embedded_gpt::Config;
use embedded_gpt::config::{Mlp, Norm, Shape};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::activations::Activations;
use super::dropout::Dropout;
use super::forward::Pass;
use super::loss::{IGNORED, SoftTargets, Targets, cross_entropy};
use super::params::Layout;
use super::soft_targets::{Candidate, SoftTarget};

const GPT2: Config = {
    let mut config = Config::gpt2(Shape { n_vocab: 11, n_ctx: 24, n_layer: 2, n_head: 2, n_embd: 10 });
    config.n_ff = 18;
    config
};

const LLAMA: Config = {
    let mut config = Config::llama(Shape { n_vocab: 11, n_ctx: 24, n_layer: 2, n_head: 4, n_embd: 12 });
    (config.n_kv_head, config.head_dim, config.n_ff) = (2, 6, 17);
    config
};

struct Probe {
    layout: Layout,
    params: Vec<f32>,
    inputs: Vec<u16>,
    targets: Vec<u16>,
    weights: Option<Vec<f32>>,
    soft_targets: Vec<SoftTarget>,
    acts: Activations,
    dropout: Dropout,
}

impl Probe {
    /// Weights well away from 0, so that every nonlinearity bends; `len` tokens in 2 sequences.
    fn new(config: Config, len: usize, dropout: Dropout) -> Self {
        let layout = Layout::new(&config).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut token = |n: usize| (0..n).map(|_| rng.random_range(0..11)).collect::<Vec<u16>>();
        let (inputs, mut targets) = (token(2 * len), token(2 * len));
        targets[len + 1] = IGNORED;
        let params = (0..layout.len).map(|_| rng.random_range(-0.6..0.6)).collect();
        let acts = Activations::new(&config, 2, len);
        Self { layout, params, inputs, targets, weights: None, soft_targets: Vec::new(), acts, dropout }
    }

    fn forward(&mut self, params: &[f32]) -> f64 {
        let pass = Pass { layout: &self.layout, params, dropout: self.dropout };
        pass.forward(&self.inputs, &mut self.acts);
        let soft_targets =
            (!self.soft_targets.is_empty()).then_some(SoftTargets { soft_targets: &self.soft_targets, share: 0.6 });
        let targets = Targets { tokens: &self.targets, weights: self.weights.as_deref(), soft_targets };
        cross_entropy(&mut self.acts.logits, targets, 1.0).learned
    }

    fn gradients(&mut self) -> Vec<f32> {
        let params = self.params.clone();
        self.forward(&params);
        let pass = Pass { layout: &self.layout, params: &params, dropout: self.dropout };
        let mut gradients = vec![0.0; self.layout.len];
        pass.backward(&self.inputs, &mut self.acts, &mut gradients);
        gradients
    }

    /// Fourth-order central difference: its step can be large, which keeps the rounding of
    /// the f32 forward pass (about 1e-6 of the loss) below 1e-4 of a typical slope.
    fn numeric(&mut self, element: usize) -> f64 {
        const STEP: f32 = 0.02;
        let mut params = self.params.clone();
        let mut at = |offset: f32| {
            params[element] = self.params[element] + offset;
            let moved = f64::from(params[element] - self.params[element]);
            (self.forward(&params.clone()), moved)
        };
        let ((p1, h), (m1, _)) = (at(STEP), at(-STEP));
        let ((p2, _), (m2, _)) = (at(2.0 * STEP), at(-2.0 * STEP));
        (8.0 * (p1 - m1) - (p2 - m2)) / (12.0 * h)
    }

    /// Every element of every tensor; the tolerance is relative to the tensor's largest slope.
    fn check(&mut self) {
        let gradients = self.gradients();
        for tensor in self.layout.tensors.clone() {
            let given = &gradients[tensor.range.clone()];
            let numeric: Vec<f64> = tensor.range.clone().map(|i| self.numeric(i)).collect();
            let largest = numeric.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
            // A key's bias shifts all scores of a query alike: its true gradient is 0.
            let tolerance = 3e-3 * largest.max(0.05);
            for (i, (&given, &numeric)) in given.iter().zip(&numeric).enumerate() {
                assert!(
                    (f64::from(given) - numeric).abs() < tolerance,
                    "{:?}[{i}]: {given} instead of {numeric} (largest {largest})",
                    tensor.spec
                );
            }
        }
    }
}

#[test]
fn gpt2_style() {
    Probe::new(GPT2, 19, Dropout::default()).check();
}

#[test]
fn gpt2_style_with_exact_gelu_and_own_head() {
    let config = GPT2.with(|c| {
        c.mlp = Mlp::Gelu;
        c.tied = false;
    });
    Probe::new(config, 7, Dropout::default()).check();
}

#[test]
fn llama_style_with_grouped_queries() {
    Probe::new(LLAMA, 19, Dropout::default()).check();
}

#[test]
fn mixed_style_with_wide_heads() {
    let config = LLAMA.with(|c| {
        c.n_head = 3;
        c.n_kv_head = 1;
        c.head_dim = 18;
        c.norm = Norm::LayerNorm;
        c.mlp = Mlp::GeluTanh;
        c.bias = true;
        c.tied = true;
    });
    Probe::new(config, 5, Dropout::default()).check();
}

#[test]
fn dropout_masks_are_the_same_on_the_way_back() {
    Probe::new(GPT2, 6, Dropout { rate: 0.3, key: 9 }).check();
}

#[test]
fn targets_count_by_their_weights() {
    let mut probe = Probe::new(LLAMA, 8, Dropout::default());
    probe.weights = Some((0..16).map(|i| [0.0, 0.25, 3.0, 1.0][i * 7 % 4]).collect());
    probe.check();
}

#[test]
fn lessons_have_their_share() {
    let mut probe = Probe::new(LLAMA.with(|c| c.n_vocab = 40), 8, Dropout::default());
    // Other candidates and other probabilities for each token, which come to a half or so.
    let candidate =
        |target: usize, i: usize| Candidate::new(((target * 5 + i) % 40) as u16, 0.03 * ((i * 7 + target) % 2) as f32);
    probe.soft_targets = (0..16).map(|target| std::array::from_fn(|i| candidate(target, i))).collect();
    probe.check();
}
