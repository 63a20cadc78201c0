//! The slow forward pass every faster path is compared with: plain loops over f32 weights.
//!
//! Activations and the KV cache are f32; every sum (dot products, means, softmax) is
//! taken in f64 and rounded once, so the result hardly depends on the order of the terms.
//! It is kept simple on purpose: one token at a time, no blocking, no threads.

use crate::weights::Weights;
use embedded_gpt::config::{Mlp, Norm, Position};
use embedded_gpt::format::tensor::Role;
use embedded_gpt::{Config, TokenId};

/// Keys and values of one layer, one row per position seen so far.
#[derive(Clone, Debug, Default)]
struct LayerCache {
    keys: Vec<f32>,   // (position, n_kv_head · head_dim)
    values: Vec<f32>, // (position, n_kv_head · head_dim)
}

/// Runs a model token by token.
///
/// ```
/// use egpt_core::{reference::Reference, weights::Weights};
/// use embedded_gpt::TokenId;
///
/// fn complete(weights: &Weights, prompt: &[TokenId]) -> Vec<TokenId> {
///     Reference::new(weights).generate_greedy(prompt, 20)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Reference<'w> {
    weights: &'w Weights,
    cache: Vec<LayerCache>, // (n_layer)
    position: usize,
    logits: Vec<f32>, // (n_vocab)
}

impl<'w> Reference<'w> {
    /// Starts with an empty context.
    pub fn new(weights: &'w Weights) -> Self {
        Self {
            weights,
            cache: vec![LayerCache::default(); weights.config.n_layer],
            position: 0,
            logits: vec![0.0; weights.config.n_vocab],
        }
    }

    /// Number of tokens in the context.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Forgets the context.
    pub fn clear(&mut self) {
        self.cache.fill(LayerCache::default());
        self.position = 0;
    }

    /// Appends `token` to the context; returns the logits of the token after it, (n_vocab).
    ///
    /// # Panics
    /// If `token` is not in the vocabulary or the context already holds `n_ctx` tokens.
    pub fn step(&mut self, token: TokenId) -> &[f32] {
        let config = &self.weights.config;
        let token = usize::from(token);
        assert!(token < config.n_vocab, "token {token} is outside the vocabulary of {}", config.n_vocab);
        assert!(self.position < config.n_ctx, "the context of {} tokens is full", config.n_ctx);

        let mut x = self.embed(token); // (n_embd)
        for (index, cache) in self.cache.iter_mut().enumerate() {
            let layer = Layer { weights: self.weights, index };
            let h = layer.normalize(Role::AttnNormGain, Role::AttnNormBias, &x); // (n_embd)
            add(&mut x, &layer.attention(cache, self.position, &h));
            let h = layer.normalize(Role::MlpNormGain, Role::MlpNormBias, &x); // (n_embd)
            add(&mut x, &layer.feed_forward(&h));
        }
        let outside = Layer { weights: self.weights, index: 0 };
        let h = outside.normalize(Role::FinalNormGain, Role::FinalNormBias, &x); // (n_embd)
        self.logits = matvec(self.weights.head(), &h); // (n_vocab)
        self.position += 1;
        &self.logits
    }

    /// The logits after each of `tokens`, from an empty context: (tokens, n_vocab).
    ///
    /// # Panics
    /// As [`step`](Self::step).
    pub fn logits(&mut self, tokens: &[TokenId]) -> Vec<Vec<f32>> {
        self.clear();
        tokens.iter().map(|&token| self.step(token).to_vec()).collect()
    }

    /// The `n` most likely tokens after `prompt`, one after the other, from an empty context.
    ///
    /// Fewer where the context fills up. Of equally likely tokens the lowest id is taken.
    ///
    /// # Panics
    /// As [`step`](Self::step), and if `prompt` is empty.
    pub fn generate_greedy(&mut self, prompt: &[TokenId], n: usize) -> Vec<TokenId> {
        assert!(!prompt.is_empty(), "a prompt of at least one token is needed");
        self.clear();
        for &token in prompt {
            self.step(token);
        }
        let mut out = Vec::with_capacity(n);
        while out.len() < n {
            let next = argmax(&self.logits);
            out.push(next);
            if self.position == self.weights.config.n_ctx {
                break;
            }
            self.step(next);
        }
        out
    }

    /// The information in `tokens[1..]` given what comes before each, per byte of their text.
    ///
    /// `n_bytes` is the length of the text that `tokens[1..]` stands for. Texts longer than
    /// the context are cut into windows of `n_ctx` tokens; each starts again from nothing
    /// but the last token of the window before it.
    ///
    /// # Panics
    /// If a token is not in the vocabulary.
    pub fn bits_per_byte(&mut self, tokens: &[TokenId], n_bytes: usize) -> f64 {
        let mut nats = 0.0;
        for start in (0..tokens.len().saturating_sub(1)).step_by(self.weights.config.n_ctx) {
            self.clear();
            for pair in tokens[start..].windows(2).take(self.weights.config.n_ctx) {
                nats += surprisal(self.step(pair[0]), pair[1]);
            }
        }
        nats / std::f64::consts::LN_2 / n_bytes as f64
    }

    /// Token embedding, plus the position's where positions are learned: (n_embd).
    fn embed(&self, token: usize) -> Vec<f32> {
        let n_embd = self.weights.config.n_embd;
        let table = |role| self.weights.get(role, 0); // (n_vocab or n_ctx, n_embd)
        let mut x = row(table(Role::TokenEmbedding).unwrap_or_default(), token, n_embd).to_vec();
        if let Some(table) = table(Role::PositionEmbedding) {
            add(&mut x, row(table, self.position, n_embd));
        }
        x
    }
}

/// Index of the largest logit, the first of equals.
pub fn argmax(logits: &[f32]) -> TokenId {
    let mut best = 0;
    for (i, &logit) in logits.iter().enumerate() {
        if logit > logits[best] {
            best = i;
        }
    }
    best as TokenId
}

/// −ln of the probability that `logits` (n_vocab) give to `token`.
pub(crate) fn surprisal(logits: &[f32], token: TokenId) -> f64 {
    let max = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|&l| f64::from(l - max).exp()).sum();
    sum.ln() - f64::from(logits[usize::from(token)] - max)
}

/// Row `i` of a row-major matrix with `width` columns.
fn row(matrix: &[f32], i: usize, width: usize) -> &[f32] {
    &matrix[i * width..(i + 1) * width]
}

fn add(x: &mut [f32], y: &[f32]) {
    for (x, y) in x.iter_mut().zip(y) {
        *x += y;
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
}

/// (n_out, n_in) times (n_in): (n_out).
fn matvec(matrix: &[f32], x: &[f32]) -> Vec<f32> {
    matrix.chunks_exact(x.len()).map(|row| dot(row, x) as f32).collect()
}

/// LayerNorm or RMSNorm of `x`, as long as its gain and its bias.
fn normalize(config: &Config, gain: &[f32], bias: Option<&[f32]>, x: &[f32]) -> Vec<f32> {
    let n = x.len() as f64;
    let mean = match config.norm {
        Norm::LayerNorm => x.iter().map(|&x| f64::from(x)).sum::<f64>() / n,
        Norm::RmsNorm => 0.0,
        other => panic!("no support for {other:?}"),
    };
    let variance = x.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / n;
    let scale = 1.0 / (variance + f64::from(config.norm_eps)).sqrt();
    let scaled = x.iter().map(|&x| (f64::from(x) - mean) * scale);
    let mut y: Vec<f32> = scaled.zip(gain).map(|(x, &gain)| (x * f64::from(gain)) as f32).collect();
    if let Some(bias) = bias {
        add(&mut y, bias);
    }
    y
}

/// One decoder block, or what is outside of all with index 0.
#[derive(Clone, Copy)]
struct Layer<'w> {
    weights: &'w Weights,
    index: usize,
}

impl Layer<'_> {
    /// The matrix of a role times `x`, and its bias if it has one: (n_out).
    fn linear(&self, role: Role, x: &[f32]) -> Vec<f32> {
        let matrix = self.weights.get(role, self.index).expect("a matrix of the model");
        assert_eq!(x.len(), self.weights.config.shape(role).1, "input width");
        let mut y = matvec(matrix, x); // (n_out)
        if let Some(bias) = self.weights.get(role.bias(), self.index).filter(|_| role.bias() != role) {
            add(&mut y, bias);
        }
        y
    }

    /// LayerNorm or RMSNorm of `x` (n_embd).
    fn normalize(&self, gain: Role, bias: Role, x: &[f32]) -> Vec<f32> {
        let gain = self.weights.get(gain, self.index).expect("a gain of the model");
        normalize(&self.weights.config, gain, self.weights.get(bias, self.index), x)
    }

    /// RMSNorm of each head of queries or keys, if the model has a gain for it.
    fn normalize_heads(&self, gain: Role, heads: &mut [f32]) {
        let Some(gain) = self.weights.get(gain, self.index) else { return };
        let config = self.weights.config.with(|config| config.norm = Norm::RmsNorm);
        for head in heads.chunks_exact_mut(config.head_dim) {
            let normed = normalize(&config, gain, None, head);
            head.copy_from_slice(&normed);
        }
    }

    /// Causal self-attention of the token at `position`, whose normalised input is `h` (n_embd).
    fn attention(&self, cache: &mut LayerCache, position: usize, h: &[f32]) -> Vec<f32> {
        let config = &self.weights.config;
        let mut query = self.linear(Role::Query, h); // (n_head · head_dim)
        let mut key = self.linear(Role::Key, h); // (n_kv_head · head_dim)
        self.normalize_heads(Role::QueryNormGain, &mut query);
        self.normalize_heads(Role::KeyNormGain, &mut key);
        if config.position == Position::Rotary {
            rotate(config, position, &mut query);
            rotate(config, position, &mut key);
        }
        cache.keys.extend(key);
        cache.values.extend(self.linear(Role::Value, h));

        let queries_per_kv = config.n_head / config.n_kv_head;
        let mut mixed = Vec::with_capacity(query.len()); // (n_head · head_dim)
        for (head, query) in query.chunks_exact(config.head_dim).enumerate() {
            mixed.extend(attend(config, cache, head / queries_per_kv, query));
        }
        self.linear(Role::AttnOut, &mixed) // (n_embd)
    }

    /// The feed-forward part on the normalised input `h` (n_embd): (n_embd).
    fn feed_forward(&self, h: &[f32]) -> Vec<f32> {
        let mut inner = self.linear(Role::Up, h); // (n_ff)
        match self.weights.config.mlp {
            Mlp::Gelu => inner.iter_mut().for_each(|x| *x = gelu(*x)),
            Mlp::GeluTanh => inner.iter_mut().for_each(|x| *x = gelu_tanh(*x)),
            Mlp::SwiGlu => {
                let gate = self.linear(Role::Gate, h); // (n_ff)
                inner.iter_mut().zip(gate).for_each(|(x, gate)| *x *= silu(gate));
            }
            other => panic!("no support for {other:?}"),
        }
        self.linear(Role::Down, &inner) // (n_embd)
    }
}

/// Turns element `i` of each head with element `i + head_dim / 2` by `position · theta^(−2i / head_dim)`.
fn rotate(config: &Config, position: usize, heads: &mut [f32]) {
    let half = config.head_dim / 2;
    for head in heads.chunks_exact_mut(config.head_dim) {
        let (first, second) = head.split_at_mut(half); // (head_dim / 2) each
        for i in 0..half {
            let frequency = f64::from(config.rope_theta).powf(-2.0 * i as f64 / config.head_dim as f64);
            let (sin, cos) = (position as f64 * frequency).sin_cos();
            let (a, b) = (f64::from(first[i]), f64::from(second[i]));
            first[i] = (a * cos - b * sin) as f32;
            second[i] = (b * cos + a * sin) as f32;
        }
    }
}

/// The values of `kv_head`, weighted by how well their keys match `query` (head_dim): (head_dim).
fn attend(config: &Config, cache: &LayerCache, kv_head: usize, query: &[f32]) -> Vec<f32> {
    let kv_width = config.n_kv_head * config.head_dim;
    let head = kv_head * config.head_dim..(kv_head + 1) * config.head_dim;
    let scale = 1.0 / (config.head_dim as f64).sqrt();

    let keys = cache.keys.chunks_exact(kv_width).map(|row| &row[head.clone()]); // (position, head_dim)
    let scores: Vec<f64> = keys.map(|key| dot(query, key) * scale).collect(); // (position)
    let max = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let exp: Vec<f64> = scores.iter().map(|score| (score - max).exp()).collect(); // (position)
    let sum: f64 = exp.iter().sum();

    let mut mixed = vec![0.0; config.head_dim]; // (head_dim)
    for (value, weight) in cache.values.chunks_exact(kv_width).zip(&exp) {
        for (mixed, &value) in mixed.iter_mut().zip(&value[head.clone()]) {
            *mixed += weight / sum * f64::from(value);
        }
    }
    mixed.iter().map(|&x| x as f32).collect()
}

/// `x · Φ(x)` with the exact normal distribution.
fn gelu(x: f32) -> f32 {
    let x = f64::from(x);
    (0.5 * x * (1.0 + libm::erf(x / std::f64::consts::SQRT_2))) as f32
}

/// GPT-2's approximation of [`gelu`] (Hendrycks & Gimpel 2016, section 2).
fn gelu_tanh(x: f32) -> f32 {
    let x = f64::from(x);
    let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
    (0.5 * x * (1.0 + inner.tanh())) as f32
}

/// `x · sigmoid(x)`.
fn silu(x: f32) -> f32 {
    let x = f64::from(x);
    (x / (1.0 + (-x).exp())) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::random::{gpt2_config, llama_config};

    #[test]
    fn activations_match_published_values() {
        assert!((gelu(1.0) - 0.841_344_7).abs() < 1e-6);
        assert!((gelu_tanh(1.0) - 0.841_192).abs() < 1e-6);
        assert!((silu(1.0) - 0.731_058_6).abs() < 1e-6);
        assert_eq!(gelu(0.0), 0.0);
    }

    #[test]
    fn rotation_keeps_position_zero_and_turns_the_first_pair_by_one_radian() {
        let config = llama_config().with(|c| c.head_dim = 4);
        let mut head = [1.0, 2.0, 3.0, 4.0];
        rotate(&config, 0, &mut head);
        assert_eq!(head, [1.0, 2.0, 3.0, 4.0]);
        rotate(&config, 1, &mut head);
        let (sin, cos) = 1f32.sin_cos();
        assert!((head[0] - (cos - 3.0 * sin)).abs() < 1e-6);
        assert!((head[2] - (3.0 * cos + sin)).abs() < 1e-6);
    }

    #[test]
    fn norms_of_a_known_vector() {
        let rms = llama_config().with(|c| (c.norm, c.norm_eps) = (Norm::RmsNorm, 0.0));
        let y = normalize(&rms, &[1.0, 2.0], None, &[3.0, 4.0]); // mean square 12.5
        assert!((y[0] - 3.0 / 12.5f32.sqrt()).abs() < 1e-6 && (y[1] - 8.0 / 12.5f32.sqrt()).abs() < 1e-6);
        let layer = gpt2_config().with(|c| (c.norm, c.norm_eps) = (Norm::LayerNorm, 0.0));
        assert_eq!(normalize(&layer, &[1.0, 2.0], Some(&[0.5, 0.0]), &[3.0, 5.0]), [-0.5, 2.0]);
    }

    #[test]
    fn later_tokens_do_not_change_earlier_logits() {
        for config in [gpt2_config(), llama_config()] {
            let weights = Weights::random(config, 1);
            let mut reference = Reference::new(&weights);
            let long = reference.logits(&[1, 5, 2, 7]);
            assert_eq!(reference.logits(&[1, 5]), long[..2]);
            assert_ne!(reference.logits(&[5, 1])[1], long[1], "order matters");
        }
    }

    #[test]
    fn equal_logits_cost_the_entropy_of_the_vocabulary() {
        let mut weights = Weights::random(llama_config(), 2);
        weights.get_mut(Role::Head, 0).unwrap().fill(0.0);
        let tokens: Vec<TokenId> = (0..40).map(|i| i % 7).collect(); // longer than n_ctx
        let bits = Reference::new(&weights).bits_per_byte(&tokens, 39);
        assert!((bits - (weights.config.n_vocab as f64).log2()).abs() < 1e-6);
    }

    #[test]
    fn greedy_generation_stops_at_the_end_of_the_context() {
        let weights = Weights::random(gpt2_config(), 3);
        let out = Reference::new(&weights).generate_greedy(&[1, 2], 1000);
        assert_eq!(out.len(), weights.config.n_ctx - 1);
    }
}
