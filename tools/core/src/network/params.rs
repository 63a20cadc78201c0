//! The trainer's view of a model: all parameters in one flat vector with named slots.
//!
//! Gradients and AdamW moments have the same layout, so clipping, reduction and updates
//! are plain loops. Query/key/value and gate/up lie next to each other and are used as
//! one matrix each. The forward and backward pass take the values as a slice: a
//! quantization-aware step passes a rounded copy and applies the gradients to the original.

use std::ops::Range;

use anyhow::{Context, Result, bail, ensure};
use embedded_gpt::Config;
use embedded_gpt::config::Position;
use embedded_gpt::format::tensor::{Role, TensorSpec};

use crate::weights::Weights;

/// Place of one tensor in the flat vector.
#[derive(Clone, Debug)]
pub struct Tensor {
    pub spec: TensorSpec,
    pub range: Range<usize>,
    /// Elements of a row; a vector is one row.
    pub cols: usize,
    /// Matrices (embeddings included) are decayed, gains and biases are not.
    pub is_matrix: bool,
}

impl Tensor {
    /// Whether it is a matrix inside a decoder block.
    pub fn is_hidden(&self) -> bool {
        self.is_matrix && self.spec.role.is_in_layers()
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

/// Lays tensors out one after the other.
struct Cursor {
    config: Config,
    tensors: Vec<Tensor>,
    len: usize,
}

impl Cursor {
    /// The next place, for the tensor of a role; `None` if the model has none.
    fn place(&mut self, role: Role, layer: usize) -> Option<Range<usize>> {
        if !self.config.has(role) {
            return None;
        }
        let (rows, cols) = self.config.shape(role);
        let range = self.len..self.len + rows * cols;
        self.len = range.end;
        let spec = TensorSpec { role, layer, rows, cols };
        self.tensors.push(Tensor { spec, range: range.clone(), cols, is_matrix: role.is_matrix() });
        Some(range)
    }

    fn norm(&mut self, gain: Role, bias: Role, layer: usize) -> NormSlot {
        let gain = self.place(gain, layer).expect("every norm has a gain");
        NormSlot { gain, bias: self.place(bias, layer) }
    }

    /// The slot of some dense layers with a common input, stacked: all matrices that the model has, then all biases.
    fn linear(&mut self, roles: &[Role], layer: usize) -> LinearSlot {
        let roles: Vec<Role> = roles.iter().copied().filter(|&role| self.config.has(role)).collect();
        let start = self.len;
        for &role in &roles {
            self.place(role, layer);
        }
        let weight = start..self.len;
        let n_bias = roles.iter().filter_map(|role| self.place(role.bias(), layer)).count();
        let bias = (n_bias > 0).then_some(weight.end..self.len);
        let n_out = roles.iter().map(|&role| self.config.shape(role).0).sum();
        let n_in = roles.first().map_or(0, |&role| self.config.shape(role).1);
        LinearSlot { weight, bias, n_out, n_in }
    }

    fn layer(&mut self, layer: usize) -> LayerSlots {
        LayerSlots {
            attn_norm: self.norm(Role::AttnNormGain, Role::AttnNormBias, layer),
            qkv: self.linear(&[Role::Query, Role::Key, Role::Value], layer),
            attn_out: self.linear(&[Role::AttnOut], layer),
            mlp_norm: self.norm(Role::MlpNormGain, Role::MlpNormBias, layer),
            up: self.linear(&[Role::Gate, Role::Up], layer),
            down: self.linear(&[Role::Down], layer),
        }
    }
}

impl Layout {
    /// Lays out a model of this shape.
    ///
    /// # Errors
    /// When the sizes of `config` contradict each other, or the forward pass here does not know one of its tensors.
    pub fn new(config: &Config) -> Result<Self> {
        check(config)?;
        let mut cursor = Cursor { config: *config, tensors: Vec::new(), len: 0 };
        let token_embedding = cursor.place(Role::TokenEmbedding, 0).expect("every model has one");
        let position_embedding = cursor.place(Role::PositionEmbedding, 0);
        let layers = (0..config.n_layer).map(|layer| cursor.layer(layer)).collect();
        let final_norm = cursor.norm(Role::FinalNormGain, Role::FinalNormBias, 0);
        let head = cursor.place(Role::Head, 0).unwrap_or_else(|| token_embedding.clone());
        let is_placed = |spec: &TensorSpec| cursor.tensors.iter().any(|tensor| tensor.spec == *spec);
        if let Some(unknown) = config.tensors().find(|spec| !is_placed(spec)) {
            bail!("training and calibration do not know tensors of the role {:?}", unknown.role);
        }
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
        let mut values = Vec::with_capacity(self.len);
        for Tensor { spec, range, .. } in &self.tensors {
            let TensorSpec { role, layer, .. } = spec;
            let tensor = weights.tensor(spec).with_context(|| format!("the model has no {role:?} in layer {layer}"))?;
            ensure!(
                tensor.len() == range.len(),
                "{role:?} in layer {layer} has {} elements, its configuration asks for {}",
                tensor.len(),
                range.len()
            );
            values.extend_from_slice(tensor);
        }
        Ok(values)
    }

    /// The inverse of [`flatten`](Self::flatten).
    ///
    /// # Panics
    /// When `values` does not have [`len`](Self::len) elements.
    pub fn unflatten(&self, values: &[f32]) -> Weights {
        assert_eq!(values.len(), self.len);
        let range_of = |spec: &TensorSpec| {
            let tensor = self.tensors.iter().find(|tensor| tensor.spec == *spec);
            tensor.expect("a place for every tensor").range.clone()
        };
        Weights::new(self.config, |spec| values[range_of(spec)].to_vec())
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
