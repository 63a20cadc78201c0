//! The trainer's view of a model: all parameters in one flat vector with named slots.
//!
//! Gradients and AdamW moments have the same layout, so clipping, reduction and updates
//! are plain loops. Query/key/value and gate/up lie next to each other and are used as
//! one matrix each. The forward and backward pass take the values as a slice: a
//! quantization-aware step passes a rounded copy and applies the gradients to the original.

use std::ops::Range;

use anyhow::{Result, ensure};
use embedded_gpt::{Config, Mlp, Norm, Position};

use crate::weights::{LayerWeights, Linear, NormWeights, Weights};

/// Place of one tensor in the flat vector.
#[derive(Clone, Debug)]
pub struct Tensor {
    pub name: String,
    pub range: Range<usize>,
    /// Elements of a row; a vector is one row.
    pub cols: usize,
    /// Matrices (embeddings included) are decayed, gains and biases are not.
    pub is_matrix: bool,
}

impl Tensor {
    /// Whether it is a matrix inside a decoder block.
    pub fn is_hidden(&self) -> bool {
        self.is_matrix && self.name.starts_with("layers.")
    }

    /// Whether it has a row per token or position.
    pub fn is_embedding(&self) -> bool {
        self.is_matrix && !self.is_hidden()
    }
}

/// Slots of a normalisation.
#[derive(Clone, Debug)]
pub struct NormSlot {
    pub gain: Range<usize>,
    pub bias: Option<Range<usize>>,
}

/// Slots of one dense layer, or of several that share their input.
#[derive(Clone, Debug)]
pub struct LinearSlot {
    /// (n_out, n_in)
    pub weight: Range<usize>,
    /// (n_out)
    pub bias: Option<Range<usize>>,
    pub n_out: usize,
    pub n_in: usize,
}

/// Slots of one decoder block.
#[derive(Clone, Debug)]
pub struct LayerSlots {
    pub attn_norm: NormSlot,
    /// Query, key and value on top of each other.
    pub qkv: LinearSlot,
    pub attn_out: LinearSlot,
    pub mlp_norm: NormSlot,
    /// The up projection; for SwiGLU gate on top of up.
    pub up: LinearSlot,
    pub down: LinearSlot,
}

/// Where every parameter of a model lies.
#[derive(Clone, Debug)]
pub struct Layout {
    pub config: Config,
    pub tensors: Vec<Tensor>,
    pub token_embedding: Range<usize>,
    pub position_embedding: Option<Range<usize>>,
    pub layers: Vec<LayerSlots>,
    pub final_norm: NormSlot,
    /// The token embedding again for tied models.
    pub head: Range<usize>,
    /// Number of parameters.
    pub len: usize,
}

#[derive(Default)]
struct Cursor {
    tensors: Vec<Tensor>,
    len: usize,
}

impl Cursor {
    fn push(&mut self, name: String, rows: usize, cols: usize, is_matrix: bool) -> Range<usize> {
        let range = self.len..self.len + rows * cols;
        self.len = range.end;
        self.tensors.push(Tensor { name, range: range.clone(), cols, is_matrix });
        range
    }

    fn matrix(&mut self, name: String, rows: usize, cols: usize) -> Range<usize> {
        self.push(name, rows, cols, true)
    }

    fn vector(&mut self, name: String, len: usize) -> Range<usize> {
        self.push(name, 1, len, false)
    }

    fn norm(&mut self, name: &str, config: &Config) -> NormSlot {
        let gain = self.vector(format!("{name}.gain"), config.n_embd);
        let bias = (config.norm == Norm::LayerNorm).then(|| self.vector(format!("{name}.bias"), config.n_embd));
        NormSlot { gain, bias }
    }

    /// Dense layers with a common input, stacked.
    fn linear(&mut self, parts: &[(String, usize)], n_in: usize, bias: bool) -> LinearSlot {
        let n_out = parts.iter().map(|(_, n)| n).sum::<usize>();
        let start = self.len;
        for (name, n) in parts {
            self.matrix(format!("{name}.weight"), *n, n_in);
        }
        let weight = start..self.len;
        let bias = bias.then(|| {
            for (name, n) in parts {
                self.vector(format!("{name}.bias"), *n);
            }
            weight.end..self.len
        });
        LinearSlot { weight, bias, n_out, n_in }
    }

    fn layer(&mut self, index: usize, config: &Config) -> LayerSlots {
        let name = |part: &str| format!("layers.{index}.{part}");
        let (n_embd, bias) = (config.n_embd, config.bias);
        let n_query = config.n_head * config.head_dim;
        let n_kv = config.n_kv_head * config.head_dim;
        let up = (name("up"), config.n_ff);
        let ups = match config.mlp {
            Mlp::SwiGlu => vec![(name("gate"), config.n_ff), up],
            Mlp::Gelu | Mlp::GeluTanh => vec![up],
            other => panic!("no support for {other:?}"),
        };
        let qkv = [(name("query"), n_query), (name("key"), n_kv), (name("value"), n_kv)];
        LayerSlots {
            attn_norm: self.norm(&name("attn_norm"), config),
            qkv: self.linear(&qkv, n_embd, bias),
            attn_out: self.linear(&[(name("attn_out"), n_embd)], n_query, bias),
            mlp_norm: self.norm(&name("mlp_norm"), config),
            up: self.linear(&ups, n_embd, bias),
            down: self.linear(&[(name("down"), n_embd)], config.n_ff, bias),
        }
    }
}

impl Layout {
    /// Lays out a model of this shape.
    ///
    /// # Errors
    /// When the sizes of `config` contradict each other.
    pub fn new(config: &Config) -> Result<Self> {
        check(config)?;
        let mut cursor = Cursor::default();
        let (n_vocab, n_embd) = (config.n_vocab, config.n_embd);
        let token_embedding = cursor.matrix("token_embedding".into(), n_vocab, n_embd);
        let position_embedding = (config.position == Position::Learned)
            .then(|| cursor.matrix("position_embedding".into(), config.n_ctx, n_embd));
        let layers = (0..config.n_layer).map(|i| cursor.layer(i, config)).collect();
        let final_norm = cursor.norm("final_norm", config);
        let head = match config.tied {
            true => token_embedding.clone(),
            false => cursor.matrix("head".into(), n_vocab, n_embd),
        };
        Ok(Self {
            config: *config,
            tensors: cursor.tensors,
            token_embedding,
            position_embedding,
            layers,
            final_norm,
            head,
            len: cursor.len,
        })
    }

    /// Copies all parameters of `weights` into one vector.
    ///
    /// # Errors
    /// When a tensor has another size than its `config` says.
    pub fn flatten(&self, weights: &Weights) -> Result<Vec<f32>> {
        let mut weights = weights.clone();
        let slices = slices_mut(&mut weights);
        ensure!(
            slices.len() == self.tensors.len(),
            "the model has {} tensors, its configuration asks for {}",
            slices.len(),
            self.tensors.len()
        );
        let mut values = Vec::with_capacity(self.len);
        for (slice, tensor) in slices.into_iter().zip(&self.tensors) {
            ensure!(
                slice.len() == tensor.range.len(),
                "{} has {} elements, its configuration asks for {}",
                tensor.name,
                slice.len(),
                tensor.range.len()
            );
            values.extend_from_slice(slice);
        }
        Ok(values)
    }

    /// The inverse of [`flatten`](Self::flatten).
    ///
    /// # Panics
    /// When `values` does not have [`len`](Self::len) elements.
    pub fn unflatten(&self, values: &[f32]) -> Weights {
        assert_eq!(values.len(), self.len);
        let mut weights = zeroed(&self.config);
        for (slice, tensor) in slices_mut(&mut weights).into_iter().zip(&self.tensors) {
            slice.copy_from_slice(&values[tensor.range.clone()]);
        }
        weights
    }
}

fn check(config: &Config) -> Result<()> {
    let c = config;
    let sizes = [c.n_vocab, c.n_ctx, c.n_layer, c.n_head, c.n_kv_head, c.head_dim, c.n_embd, c.n_ff];
    ensure!(sizes.iter().all(|&n| n > 0), "every size of the model must be at least 1: {config:?}");
    ensure!(
        c.n_head.is_multiple_of(c.n_kv_head),
        "n_head ({}) must be a multiple of n_kv_head ({})",
        c.n_head,
        c.n_kv_head
    );
    ensure!(
        c.position == Position::Learned || c.head_dim.is_multiple_of(2),
        "rotary positions need an even head_dim, not {}",
        c.head_dim
    );
    ensure!(c.n_vocab < usize::from(u16::MAX), "at most 65,534 tokens can be trained, not {}", c.n_vocab);
    Ok(())
}

/// All parameters 0.
pub fn zeroed(config: &Config) -> Weights {
    let norm = || NormWeights {
        gain: vec![0.0; config.n_embd],
        bias: (config.norm == Norm::LayerNorm).then(|| vec![0.0; config.n_embd]),
    };
    let linear = |n_out: usize, n_in: usize| Linear {
        weight: vec![0.0; n_out * n_in],
        bias: config.bias.then(|| vec![0.0; n_out]),
        n_out,
        n_in,
    };
    let (n_embd, n_ff) = (config.n_embd, config.n_ff);
    let n_query = config.n_head * config.head_dim;
    let n_kv = config.n_kv_head * config.head_dim;
    let layer = || LayerWeights {
        attn_norm: norm(),
        query: linear(n_query, n_embd),
        key: linear(n_kv, n_embd),
        value: linear(n_kv, n_embd),
        attn_out: linear(n_embd, n_query),
        mlp_norm: norm(),
        gate: (config.mlp == Mlp::SwiGlu).then(|| linear(n_ff, n_embd)),
        up: linear(n_ff, n_embd),
        down: linear(n_embd, n_ff),
    };
    Weights {
        config: *config,
        token_embedding: vec![0.0; config.n_vocab * n_embd],
        position_embedding: (config.position == Position::Learned).then(|| vec![0.0; config.n_ctx * n_embd]),
        layers: (0..config.n_layer).map(|_| layer()).collect(),
        final_norm: norm(),
        head: (!config.tied).then(|| vec![0.0; config.n_vocab * n_embd]),
    }
}

/// Every tensor in the order of [`Layout::tensors`].
fn slices_mut(weights: &mut Weights) -> Vec<&mut [f32]> {
    let mut slices: Vec<&mut [f32]> = vec![&mut weights.token_embedding];
    slices.extend(weights.position_embedding.as_deref_mut());
    for layer in &mut weights.layers {
        push_norm(&mut slices, &mut layer.attn_norm);
        push_linears(&mut slices, [&mut layer.query, &mut layer.key, &mut layer.value]);
        push_linears(&mut slices, [&mut layer.attn_out]);
        push_norm(&mut slices, &mut layer.mlp_norm);
        push_linears(&mut slices, layer.gate.iter_mut().chain([&mut layer.up]));
        push_linears(&mut slices, [&mut layer.down]);
    }
    push_norm(&mut slices, &mut weights.final_norm);
    slices.extend(weights.head.as_deref_mut());
    slices
}

fn push_norm<'a>(slices: &mut Vec<&'a mut [f32]>, norm: &'a mut NormWeights) {
    slices.push(&mut norm.gain);
    slices.extend(norm.bias.as_deref_mut());
}

/// Weights of all parts first, then their biases.
fn push_linears<'a>(slices: &mut Vec<&'a mut [f32]>, parts: impl IntoIterator<Item = &'a mut Linear>) {
    let mut biases = Vec::new();
    for part in parts {
        slices.push(&mut part.weight);
        biases.extend(part.bias.as_deref_mut());
    }
    slices.extend(biases);
}
