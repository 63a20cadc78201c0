//! Which tensors a model has, in which order and shape, and how their bytes are laid out.

use core::ops::RangeInclusive;

use crate::Config;
pub use crate::config::Role;
use crate::error::LoadError;
use crate::format::blob::{ALIGN, u16_at, u32_at};
use crate::format::tile::Packing;
use crate::part::tail;

/// Bytes of one entry of the tensor directory.
pub const DIRECTORY_ENTRY_LEN: usize = 16;
/// Powers of two that a tensor's numbers may be multiplied by.
pub const EXPONENTS: RangeInclusive<i16> = -64..=16;

/// How a tensor's numbers are stored. The number is the one in the blob.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
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
    /// Exponent of the mantissas of a vector, or of the row scales of a matrix; in [`EXPONENTS`].
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
            None => self.cols.wrapping_mul(2),
            Some(packing) => scales_len(self.rows).wrapping_add(packing.len(self.rows, self.cols)),
        }
    }
}

/// Bytes of the row scales of a matrix, padded.
pub const fn scales_len(rows: usize) -> usize {
    // Two bytes each, in a multiple of the blob's alignment, which is a multiple of a block's.
    (rows.wrapping_add(ALIGN / 2 - 1) / (ALIGN / 2)).wrapping_mul(ALIGN)
}

impl Config {
    /// Every tensor of a model of this shape, in the order of the blob.
    pub fn tensors(&self) -> impl Iterator<Item = TensorSpec> + use<> {
        let config = *self;
        let (mut at, mut layer) = (0, 0);
        core::iter::from_fn(move || {
            loop {
                let &role = Role::ALL.get(at)?;
                let (rows, cols) = config.shape(role);
                let spec = TensorSpec { role, layer, rows, cols };
                at += 1;
                if at == Role::IN_LAYERS.end {
                    layer = if layer + 1 < config.n_layer { layer + 1 } else { 0 };
                    at = if layer > 0 { Role::IN_LAYERS.start } else { at };
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
    /// Directory index of the first block's first tensor, entries per block, and index of the first tensor after
    /// the blocks.
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
