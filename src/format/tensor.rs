//! Which tensors a model has, in which order and shape, and how their bytes are laid out.

use core::ops::RangeInclusive;

use crate::format::blob::{ALIGN, u16_at, u32_at};
use crate::format::tile::Packing;
use crate::part::tail;
use crate::{Config, LoadError, Mlp, Norm, Position};

/// Bytes of one entry of the tensor directory.
pub const DIRECTORY_ENTRY_LEN: usize = 16;
/// Powers of two that a tensor's numbers may be multiplied by.
pub const EXPONENTS: RangeInclusive<i16> = -64..=16;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Format {
    /// Signed 16-bit mantissas; vectors only.
    #[default]
    I16 = 0,
    /// Weights of 8 bits with a 16-bit scale per row; matrices only.
    Q8 = 1,
    /// Weights of 4 bits with a 16-bit scale per row; matrices only.
    Q4 = 2,
}

impl Format {
    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::I16),
            1 => Some(Self::Q8),
            2 => Some(Self::Q4),
            _ => None,
        }
    }

    /// How a matrix of this format packs its weights; `None` for the format of vectors.
    pub const fn packing(self) -> Option<Packing> {
        match self {
            Self::I16 => None,
            Self::Q8 => Some(Packing { log2_bits: 3, is_read_in_pairs: false }),
            Self::Q4 => Some(Packing { log2_bits: 2, is_read_in_pairs: true }),
        }
    }
}

/// One tensor of a blob. Every number in it is an integer times 2 to the power of `exponent`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tensor<'a> {
    /// How the numbers are stored.
    pub format: Format,
    /// Of the mantissas of a vector, or of the row scales of a matrix; in [`EXPONENTS`].
    pub exponent: i16,
    /// The numbers; empty for a tensor that the model has not.
    pub bytes: &'a [u8],
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
    /// Whether the tensor can be stored in a format: matrices quantized, vectors in 16 bits.
    pub const fn can_be(&self, format: Format) -> bool {
        self.role.is_matrix() == format.packing().is_some()
    }

    /// Bytes in the blob in a format, without the padding to the next tensor.
    pub const fn byte_len(&self, format: Format) -> usize {
        match format.packing() {
            None => self.cols * 2,
            Some(packing) => scales_len(self.rows) + packing.len(self.rows, self.cols),
        }
    }
}

/// Bytes of the row scales of a matrix, padded.
pub const fn scales_len(rows: usize) -> usize {
    // Two bytes each, in a multiple of the blob's alignment, which is a multiple of a block's.
    rows.wrapping_add(ALIGN / 2 - 1) / (ALIGN / 2) * ALIGN
}

/// The roles of all tensors in the order of the blob.
static ORDER: [Role; 23] = [
    Role::TokenEmbedding,
    Role::PositionEmbedding,
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
    Role::FinalNormGain,
    Role::FinalNormBias,
    Role::Head,
];
/// Those that each block has.
const IN_LAYERS: core::ops::Range<usize> = 2..20;

impl Role {
    /// Whether the tensor is a matrix, with a scale per row.
    pub const fn is_matrix(self) -> bool {
        matches!(
            self,
            Self::TokenEmbedding
                | Self::PositionEmbedding
                | Self::Head
                | Self::Query
                | Self::Key
                | Self::Value
                | Self::AttnOut
                | Self::Gate
                | Self::Up
                | Self::Down
        )
    }

    /// The bias that belongs to a block's matrix; the role itself for others.
    pub(crate) const fn bias(self) -> Self {
        match self {
            Self::Query => Self::QueryBias,
            Self::Key => Self::KeyBias,
            Self::Value => Self::ValueBias,
            Self::AttnOut => Self::AttnOutBias,
            Self::Gate => Self::GateBias,
            Self::Up => Self::UpBias,
            Self::Down => Self::DownBias,
            other => other,
        }
    }

    fn is_before_layers(self) -> bool {
        matches!(self, Self::TokenEmbedding | Self::PositionEmbedding)
    }

    /// Whether each decoder block has a tensor of this role.
    pub fn is_in_layers(self) -> bool {
        !matches!(
            self,
            Self::TokenEmbedding | Self::PositionEmbedding | Self::FinalNormGain | Self::FinalNormBias | Self::Head
        )
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
        let (mut at, mut layer) = (0, 0);
        core::iter::from_fn(move || {
            loop {
                let &role = ORDER.get(at)?;
                let (rows, cols) = config.shape(role);
                let spec = TensorSpec { role, layer, rows, cols };
                at += 1;
                if at == IN_LAYERS.end {
                    layer = if layer + 1 < config.n_layer { layer + 1 } else { 0 };
                    at = if layer > 0 { IN_LAYERS.start } else { at };
                }
                if config.has(role) {
                    return Some(spec);
                }
            }
        })
    }
}

/// The tensors of a blob: directory and data, checked against the shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tensors<'a> {
    directory: &'a [u8],
    data: &'a [u8],
    /// Directory index of the first block's first tensor, entries per block, and index of the first tensor after the blocks.
    blocks: u16,
    per_block: u16,
    after: u16,
}

impl<'a> Tensors<'a> {
    /// Checks that each tensor of the shape is there, where it says it is, with sane numbers.
    pub(crate) fn parse(config: &Config, directory: &'a [u8], data: &'a [u8]) -> Result<Self, LoadError> {
        let mut tensors = Self { directory, data, blocks: 0, per_block: 0, after: 0 };
        let (mut end, mut rest) = (0, directory);
        for spec in config.tensors() {
            tensors.blocks += u16::from(spec.role.is_before_layers());
            tensors.per_block += u16::from(spec.layer == 0 && spec.role.is_in_layers());
            tensors.after += u16::from(spec.role.is_before_layers() || spec.role.is_in_layers());
            let entry: &[u8; DIRECTORY_ENTRY_LEN];
            (entry, rest) = rest.split_first_chunk().ok_or(LoadError::Tensor)?;
            let format = Format::from_byte(entry[1]).ok_or(LoadError::Tensor)?;
            let offset = u32_at(entry, 4) as usize;
            let len = u32_at(entry, 8) as usize;
            let is_right = entry[0] == spec.role as u8
                && spec.can_be(format)
                && usize::from(u16_at(entry, 2)) == spec.layer
                && len == spec.byte_len(format)
                && offset >= end
                && offset.is_multiple_of(ALIGN)
                && EXPONENTS.contains(&exponent_of(entry))
                && u16_at(entry, 14) == 0;
            end = offset.checked_add(len).ok_or(LoadError::Tensor)?;
            if !is_right || end > data.len() {
                return Err(LoadError::Tensor);
            }
        }
        if rest.is_empty() { Ok(tensors) } else { Err(LoadError::Tensor) }
    }

    /// A tensor that the model has; an empty one if it has not.
    pub(crate) fn get(&self, role: Role, layer: usize) -> Tensor<'a> {
        let first = match role {
            _ if role.is_before_layers() => 0,
            _ if role.is_in_layers() => usize::from(self.blocks) + layer * usize::from(self.per_block),
            _ => self.after.into(),
        };
        let (entries, _) = tail(self.directory, first * DIRECTORY_ENTRY_LEN).as_chunks::<DIRECTORY_ENTRY_LEN>();
        let is_it =
            |entry: &&[u8; DIRECTORY_ENTRY_LEN]| entry[0] == role as u8 && usize::from(u16_at(*entry, 2)) == layer;
        let Some(entry) = entries.iter().find(is_it) else { return Tensor::default() };
        let offset = u32_at(entry, 4) as usize;
        Tensor {
            format: Format::from_byte(entry[1]).unwrap_or_default(),
            exponent: exponent_of(entry),
            bytes: self.data.get(offset..offset + u32_at(entry, 8) as usize).unwrap_or(&[]),
        }
    }
}

fn exponent_of(entry: &[u8; DIRECTORY_ENTRY_LEN]) -> i16 {
    u16_at(entry, 12) as i16
}
