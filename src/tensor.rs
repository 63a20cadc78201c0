//! Which tensors a model has, in which order and shape, and how their bytes are laid out.

use crate::blob::{ALIGN, u16_at, u32_at};
use crate::{Config, LoadError, Mlp, Norm, Position};

/// Bytes of one entry of the tensor directory.
pub const DIRECTORY_ENTRY_LEN: usize = 12;

/// What a tensor is for. The number is the one in the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Role {
    /// (n_vocab, n_embd)
    TokenEmbedding = 0,
    /// (n_ctx, n_embd)
    PositionEmbedding = 1,
    /// (n_embd)
    AttnNormGain = 2,
    /// (n_embd)
    AttnNormBias = 3,
    /// (n_head · head_dim, n_embd)
    Query = 4,
    /// (n_kv_head · head_dim, n_embd)
    Key = 5,
    /// (n_kv_head · head_dim, n_embd)
    Value = 6,
    /// (n_embd, n_head · head_dim)
    AttnOut = 7,
    /// (n_embd)
    MlpNormGain = 8,
    /// (n_embd)
    MlpNormBias = 9,
    /// (n_ff, n_embd)
    Gate = 10,
    /// (n_ff, n_embd)
    Up = 11,
    /// (n_embd, n_ff)
    Down = 12,
    /// (n_embd)
    FinalNormGain = 13,
    /// (n_embd)
    FinalNormBias = 14,
    /// (n_vocab, n_embd)
    Head = 15,
    /// (n_head · head_dim)
    QueryBias = 20,
    /// (n_kv_head · head_dim)
    KeyBias = 21,
    /// (n_kv_head · head_dim)
    ValueBias = 22,
    /// (n_embd)
    AttnOutBias = 23,
    /// (n_ff)
    GateBias = 26,
    /// (n_ff)
    UpBias = 27,
    /// (n_embd)
    DownBias = 28,
}

/// How a tensor's numbers are stored. The number is the one in the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Format {
    /// 32-bit floats; vectors only.
    F32 = 0,
    /// Signed bytes with one f16 scale per row; matrices only.
    Q8 = 1,
}

/// One tensor of a model: what, where, how large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    /// What the tensor is for.
    pub role: Role,
    /// Decoder block, 0 for tensors outside the blocks.
    pub layer: usize,
    /// Rows of a matrix; 1 for a vector.
    pub rows: usize,
    /// Elements of a row.
    pub cols: usize,
}

impl TensorSpec {
    /// Format in which version 1 stores the tensor.
    pub const fn format(&self) -> Format {
        match self.role {
            Role::TokenEmbedding | Role::PositionEmbedding | Role::Head => Format::Q8,
            Role::Query | Role::Key | Role::Value | Role::AttnOut => Format::Q8,
            Role::Gate | Role::Up | Role::Down => Format::Q8,
            _ => Format::F32,
        }
    }

    /// Bytes in the blob, without the padding to the next tensor.
    pub const fn byte_len(&self) -> usize {
        match self.format() {
            Format::F32 => self.cols * 4,
            Format::Q8 => q8_scales_len(self.rows) + self.rows * q8_stride(self.cols),
        }
    }
}

/// Bytes of the row scales of a `q8` matrix, padded.
pub const fn q8_scales_len(rows: usize) -> usize {
    (rows * 2).next_multiple_of(ALIGN)
}

/// Bytes from one row of a `q8` matrix to the next.
pub const fn q8_stride(cols: usize) -> usize {
    cols.next_multiple_of(4)
}

/// The roles of a block's tensors in the order of the blob.
const LAYER_ORDER: [Role; 18] = [
    Role::AttnNormGain,
    Role::AttnNormBias,
    Role::Query,
    Role::QueryBias,
    Role::Key,
    Role::KeyBias,
    Role::Value,
    Role::ValueBias,
    Role::AttnOut,
    Role::AttnOutBias,
    Role::MlpNormGain,
    Role::MlpNormBias,
    Role::Gate,
    Role::GateBias,
    Role::Up,
    Role::UpBias,
    Role::Down,
    Role::DownBias,
];

impl Role {
    /// Whether each decoder block has a tensor of this role.
    pub fn is_in_layers(self) -> bool {
        LAYER_ORDER.contains(&self)
    }
}

impl Config {
    /// Whether a model of this shape has a tensor of this role.
    pub fn has(&self, role: Role) -> bool {
        let layer_norm = self.norm == Norm::LayerNorm;
        match role {
            Role::PositionEmbedding => self.position == Position::Learned,
            Role::AttnNormBias | Role::MlpNormBias | Role::FinalNormBias => layer_norm,
            Role::Gate => self.mlp == Mlp::SwiGlu,
            Role::GateBias => self.mlp == Mlp::SwiGlu && self.bias,
            Role::Head => !self.tied,
            _ if role as u8 >= Role::QueryBias as u8 => self.bias,
            _ => true,
        }
    }

    /// Rows and columns of the tensor of a role; vectors have one row.
    pub const fn shape(&self, role: Role) -> (usize, usize) {
        match role {
            Role::TokenEmbedding | Role::Head => (self.n_vocab, self.n_embd),
            Role::PositionEmbedding => (self.n_ctx, self.n_embd),
            Role::Query => (self.query_dim(), self.n_embd),
            Role::Key | Role::Value => (self.kv_dim(), self.n_embd),
            Role::AttnOut => (self.n_embd, self.query_dim()),
            Role::Gate | Role::Up => (self.n_ff, self.n_embd),
            Role::Down => (self.n_embd, self.n_ff),
            Role::QueryBias => (1, self.query_dim()),
            Role::KeyBias | Role::ValueBias => (1, self.kv_dim()),
            Role::GateBias | Role::UpBias => (1, self.n_ff),
            _ => (1, self.n_embd),
        }
    }

    /// Every tensor of a model of this shape, in the order of the blob.
    pub fn tensors(&self) -> impl Iterator<Item = TensorSpec> + use<> {
        let config = *self;
        let outer = |role| (0, role);
        let first = [Role::TokenEmbedding, Role::PositionEmbedding].into_iter().map(outer);
        let layers = (0..config.n_layer).flat_map(|layer| LAYER_ORDER.into_iter().map(move |role| (layer, role)));
        let last = [Role::FinalNormGain, Role::FinalNormBias, Role::Head].into_iter().map(outer);
        first.chain(layers).chain(last).filter(move |&(_, role)| config.has(role)).map(move |(layer, role)| {
            let (rows, cols) = config.shape(role);
            TensorSpec { role, layer, rows, cols }
        })
    }
}

/// The tensors of a blob: directory and data, checked against the shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tensors<'a> {
    directory: &'a [u8],
    data: &'a [u8],
    /// Directory index of each role's first tensor, by role number; `ABSENT` for roles the model has not.
    first: [u16; ROLES],
    per_layer: u16,
}

const ROLES: usize = Role::DownBias as usize + 1;
const ABSENT: u16 = u16::MAX;

impl<'a> Tensors<'a> {
    /// Checks that each tensor of the shape is there, where it says it is, with sane numbers.
    pub(crate) fn parse(config: &Config, directory: &'a [u8], data: &'a [u8]) -> Result<Self, LoadError> {
        let mut tensors = Self { directory, data, first: [ABSENT; ROLES], per_layer: 0 };
        let mut n = 0;
        let mut end = 0;
        for spec in config.tensors() {
            let first = &mut tensors.first[spec.role as usize];
            *first = (*first).min(n as u16);
            tensors.per_layer += u16::from(spec.layer == 0 && LAYER_ORDER.contains(&spec.role));
            let entry =
                directory.get(n * DIRECTORY_ENTRY_LEN..(n + 1) * DIRECTORY_ENTRY_LEN).ok_or(LoadError::Tensor)?;
            let offset = u32_at(entry, 4) as usize;
            let len = u32_at(entry, 8) as usize;
            let is_right = entry[0] == spec.role as u8
                && entry[1] == spec.format() as u8
                && usize::from(u16_at(entry, 2)) == spec.layer
                && len == spec.byte_len()
                && offset >= end
                && offset.is_multiple_of(ALIGN);
            end = offset.checked_add(len).ok_or(LoadError::Tensor)?;
            let bytes = data.get(offset..end).ok_or(LoadError::Tensor)?;
            if !is_right || !values_are_sane(&spec, bytes) {
                return Err(LoadError::Tensor);
            }
            n += 1;
        }
        if directory.len() == n * DIRECTORY_ENTRY_LEN { Ok(tensors) } else { Err(LoadError::Tensor) }
    }

    /// Bytes of a tensor that the model has; empty for one that it has not.
    pub(crate) fn bytes(&self, role: Role, layer: usize) -> &'a [u8] {
        let first = self.first[role as usize];
        let at = (usize::from(first) + layer * usize::from(self.per_layer)) * DIRECTORY_ENTRY_LEN;
        let Some(entry) = self.directory.get(at..at + DIRECTORY_ENTRY_LEN).filter(|_| first != ABSENT) else {
            return &[];
        };
        let offset = u32_at(entry, 4) as usize;
        self.data.get(offset..offset + u32_at(entry, 8) as usize).unwrap_or(&[])
    }
}

/// Limits that keep floats far from overflow in any sane model; what overflows all the same becomes zeros when it is
/// rounded to bytes, so that no NaN reaches the logits.
fn values_are_sane(spec: &TensorSpec, bytes: &[u8]) -> bool {
    match spec.format() {
        Format::F32 => bytes.chunks_exact(4).all(|b| f32::from_bits(u32_at(b, 0)).abs() <= 65_504.0),
        Format::Q8 => {
            let scales = bytes.chunks_exact(2).take(spec.rows);
            let scales_are_sane =
                scales.map(|b| u16_at(b, 0)).all(|bits| bits <= half::f16::from_f32_const(1024.0).to_bits());
            let rows = bytes.get(q8_scales_len(spec.rows)..).unwrap_or(&[]).chunks_exact(q8_stride(spec.cols));
            scales_are_sane && rows.into_iter().all(|row| row[spec.cols..].iter().all(|&b| b == 0))
        }
    }
}
