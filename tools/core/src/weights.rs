//! A model's parameters in f32, as training, import, the reference forward and export share them.

use embedded_gpt::Config;

mod by_role;
pub mod random;

/// A dense layer: `y = weight · x + bias`.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// Row-major, (n_out, n_in).
    pub weight: Vec<f32>,
    /// (n_out); `None` where the model has no biases.
    pub bias: Option<Vec<f32>>,
    pub n_out: usize,
    pub n_in: usize,
}

/// Gain and, for LayerNorm, bias of a normalisation, (n_embd) each.
#[derive(Clone, Debug, PartialEq)]
pub struct NormWeights {
    pub gain: Vec<f32>,
    /// `None` for RMSNorm.
    pub bias: Option<Vec<f32>>,
}

/// One decoder block.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerWeights {
    pub attn_norm: NormWeights,
    /// (n_head · head_dim, n_embd)
    pub query: Linear,
    /// (n_kv_head · head_dim, n_embd)
    pub key: Linear,
    /// (n_kv_head · head_dim, n_embd)
    pub value: Linear,
    /// (n_embd, n_head · head_dim)
    pub attn_out: Linear,
    pub mlp_norm: NormWeights,
    /// (n_ff, n_embd); `Some` for SwiGLU only.
    pub gate: Option<Linear>,
    /// (n_ff, n_embd)
    pub up: Linear,
    /// (n_embd, n_ff)
    pub down: Linear,
}

/// All parameters of a model.
///
/// Rotary models hold queries and keys in the half-split order of Hugging Face
/// (`rotate_half`): element `i` of a head turns with element `i + head_dim / 2`.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    pub config: Config,
    /// (n_vocab, n_embd)
    pub token_embedding: Vec<f32>,
    /// (n_ctx, n_embd); `Some` for learned positions only.
    pub position_embedding: Option<Vec<f32>>,
    pub layers: Vec<LayerWeights>,
    pub final_norm: NormWeights,
    /// (n_vocab, n_embd); `None` when the head is tied to the token embedding.
    pub head: Option<Vec<f32>>,
}

impl Weights {
    /// Gives the model more tokens: each new one is the mean of all others, in the embedding and in the head.
    ///
    /// # Panics
    /// If it has more than `n_vocab` already.
    pub fn extend_vocab(&mut self, n_vocab: usize) {
        let (n_before, width) = (self.config.n_vocab, self.config.n_embd);
        for table in [Some(&mut self.token_embedding), self.head.as_mut()].into_iter().flatten() {
            let mean: Vec<f32> = (0..width)
                .map(|column| table.iter().skip(column).step_by(width).sum::<f32>() / n_before as f32)
                .collect();
            table.extend(mean.iter().cycle().take(width * n_vocab.checked_sub(n_before).expect("more tokens")));
        }
        self.config.n_vocab = n_vocab;
    }

    /// Number of parameters; a tied head counts once.
    pub fn n_parameters(&self) -> usize {
        let norm = |norm: &NormWeights| norm.gain.len() + norm.bias.as_ref().map_or(0, Vec::len);
        let linear = |linear: &Linear| linear.weight.len() + linear.bias.as_ref().map_or(0, Vec::len);
        let layer = |layer: &LayerWeights| {
            let attention = [&layer.query, &layer.key, &layer.value, &layer.attn_out];
            let feed_forward = [&layer.up, &layer.down].into_iter().chain(&layer.gate);
            norm(&layer.attn_norm)
                + norm(&layer.mlp_norm)
                + attention.into_iter().chain(feed_forward).map(linear).sum::<usize>()
        };
        self.token_embedding.len()
            + self.position_embedding.as_ref().map_or(0, Vec::len)
            + self.layers.iter().map(layer).sum::<usize>()
            + norm(&self.final_norm)
            + self.head.as_ref().map_or(0, Vec::len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_tokens_are_the_mean_of_the_old() {
        for config in [random::gpt2_config(), random::llama_config()] {
            let before = Weights::random(config, 1);
            let mut weights = before.clone();
            weights.extend_vocab(config.n_vocab + 2);
            assert_eq!(weights.config.n_vocab, config.n_vocab + 2);
            let rows: Vec<&[f32]> = weights.token_embedding.chunks(config.n_embd).collect();
            assert_eq!(rows.len(), config.n_vocab + 2);
            assert_eq!(rows[..config.n_vocab].concat(), before.token_embedding);
            let mean = rows[..config.n_vocab].iter().map(|row| row[3]).sum::<f32>() / config.n_vocab as f32;
            assert!((rows[config.n_vocab + 1][3] - mean).abs() < 1e-6);
            let head = |weights: &Weights| weights.head.as_ref().map_or(0, Vec::len);
            assert_eq!(head(&weights) > 0, head(&before) > 0);
            assert!(weights.n_parameters() > before.n_parameters());
        }
    }

    #[test]
    fn parameters_are_counted_once() {
        // Embeddings 37·24 + 16·24; per layer norms 4·24, attention 4·(24·24 + 24),
        // feed-forward 2·24·56 + 56 + 24; final norm 2·24.
        let weights = Weights::random(random::gpt2_config(), 1);
        assert_eq!(weights.n_parameters(), 53 * 24 + 2 * (96 + 2400 + 2688 + 80) + 48);
    }
}
