//! The buffers one worker computes in: kept activations of a micro-batch and gradient scratch.

use embedded_gpt::Config;
use embedded_gpt::config::{Mlp, Position};

use super::attention::{self, Shape};
use super::norm::RowStats;
use super::rotary;
use super::vectors::AlignedVec;

/// Kept activations of one decoder block; (rows, width) unless said otherwise.
#[derive(Debug)]
pub struct LayerActivations {
    /// Input of the attention projections.
    pub attn_normed: Vec<f32>,
    pub attn_stats: Vec<RowStats>,
    /// Queries, keys and values, already rotated.
    pub qkv: Vec<f32>,
    /// Attention probabilities, as [`attention`] keeps them.
    pub probs: AlignedVec,
    /// Output of the heads, before the projection.
    pub heads: Vec<f32>,
    /// Input of the MLP.
    pub mlp_normed: Vec<f32>,
    pub mlp_stats: Vec<RowStats>,
    /// Before the activation: up, or gate and up side by side.
    pub up: Vec<f32>,
    /// Input of the down projection.
    pub activated: Vec<f32>,
}

/// Gradients on the way back; the same buffers serve every block.
#[derive(Debug)]
pub struct Scratch {
    pub d_residual: Vec<f32>,
    /// A branch's output (forward) or its gradient (backward), (rows, n_embd).
    pub branch: Vec<f32>,
    pub d_qkv: Vec<f32>,
    pub d_heads: Vec<f32>,
    pub d_up: Vec<f32>,
    pub d_activated: Vec<f32>,
    pub attention: attention::Scratch,
}

/// Everything a worker needs to compute up to `n_seq` sequences of one length.
#[derive(Debug)]
pub struct Activations {
    /// The residual stream: entry `2 · layer` enters a block, the next one enters its MLP.
    pub residual: Vec<Vec<f32>>,
    pub layers: Vec<LayerActivations>,
    pub final_normed: Vec<f32>,
    pub final_stats: Vec<RowStats>,
    /// (rows, n_vocab); the loss turns them into their gradient.
    pub logits: Vec<f32>,
    pub scratch: Scratch,
    /// Rotary cosines and sines per position; empty for learned positions.
    pub turns: Vec<(Vec<f32>, Vec<f32>)>,
    len: usize,
    n_seq: usize,
}

impl Activations {
    /// Buffers for `n_seq` sequences of `len` tokens.
    pub fn new(config: &Config, n_seq: usize, len: usize) -> Self {
        let shape = attention_shape(config, n_seq, len);
        let rows = n_seq * len;
        let zeros = |width: usize| vec![0.0; rows * width];
        let n_heads_out = config.n_head * config.head_dim;
        let up = up_width(config);
        let layer = |_| LayerActivations {
            attn_normed: zeros(config.n_embd),
            attn_stats: vec![RowStats::default(); rows],
            qkv: zeros(shape.qkv_width()),
            probs: AlignedVec::zeroed(shape.probs_len()),
            heads: zeros(n_heads_out),
            mlp_normed: zeros(config.n_embd),
            mlp_stats: vec![RowStats::default(); rows],
            up: zeros(up),
            activated: zeros(config.n_ff),
        };
        Self {
            residual: (0..=2 * config.n_layer).map(|_| zeros(config.n_embd)).collect(),
            layers: (0..config.n_layer).map(layer).collect(),
            final_normed: zeros(config.n_embd),
            final_stats: vec![RowStats::default(); rows],
            logits: zeros(config.n_vocab),
            scratch: Scratch {
                d_residual: zeros(config.n_embd),
                branch: zeros(config.n_embd),
                d_qkv: zeros(shape.qkv_width()),
                d_heads: zeros(n_heads_out),
                d_up: zeros(up),
                d_activated: zeros(config.n_ff),
                attention: attention::Scratch::new(&shape),
            },
            turns: match config.position {
                Position::Rotary => rotary::rotary_turns(len, config.head_dim, config.rope_theta),
                Position::Learned => Vec::new(),
                other => panic!("no support for {other:?}"),
            },
            len,
            n_seq,
        }
    }

    /// Tokens per sequence.
    pub fn seq_len(&self) -> usize {
        self.len
    }

    /// Sequences that fit.
    pub fn n_seq(&self) -> usize {
        self.n_seq
    }

    /// Logits of the first `rows` positions, (rows, n_vocab).
    pub fn logits_mut(&mut self, rows: usize, n_vocab: usize) -> &mut [f32] {
        &mut self.logits[..rows * n_vocab]
    }
}

/// Elements of a row before the activation.
pub fn up_width(config: &Config) -> usize {
    match config.mlp {
        Mlp::SwiGlu => 2 * config.n_ff,
        Mlp::Gelu | Mlp::GeluTanh => config.n_ff,
        other => panic!("no support for {other:?}"),
    }
}

/// The attention call of a model on `n_seq` sequences of `len` tokens.
pub fn attention_shape(config: &Config, n_seq: usize, len: usize) -> Shape {
    Shape { n_seq, len, n_head: config.n_head, n_kv_head: config.n_kv_head, head_dim: config.head_dim }
}
