//! A model's parameters in f32, as training, import, the reference forward and export share them.

use embedded_gpt::Config;

#[cfg(test)]
pub(crate) mod random;

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
