//! The table of roles: which tensors a model has, in the order of the blob, and how many rows and columns they have.

use super::{Config, Mlp, Norm, Position};

/// What a tensor is for. The number is the one in the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
#[repr(u8)]
pub enum Role {
    /// A row per token, which starts the residual stream (n_vocab, n_embd).
    TokenEmbedding = 0,
    /// A row per position, which is added to the token's (n_ctx, n_embd).
    PositionEmbedding = 1,
    /// Gain of the norm before attention (n_embd).
    AttnNormGain = 2,
    /// Bias of the norm before attention (n_embd).
    AttnNormBias = 3,
    /// Matrix that makes queries (n_head · head_dim, n_embd).
    Query = 4,
    /// Matrix that makes keys (n_kv_head · head_dim, n_embd).
    Key = 5,
    /// Matrix that makes values (n_kv_head · head_dim, n_embd).
    Value = 6,
    /// Matrix from mixed values to the residual stream (n_embd, n_head · head_dim).
    AttnOut = 7,
    /// Gain of the norm before the MLP (n_embd).
    MlpNormGain = 8,
    /// Bias of the norm before the MLP (n_embd).
    MlpNormBias = 9,
    /// Matrix of a SwiGLU's gate (n_ff, n_embd).
    Gate = 10,
    /// Matrix from the residual stream into the MLP (n_ff, n_embd).
    Up = 11,
    /// Matrix from the MLP to the residual stream (n_embd, n_ff).
    Down = 12,
    /// Gain of the norm before the head (n_embd).
    FinalNormGain = 13,
    /// Bias of the norm before the head (n_embd).
    FinalNormBias = 14,
    /// Output head, where it is not the token embedding (n_vocab, n_embd).
    Head = 15,
    /// Gain of the norm of a query's head (head_dim).
    QueryNormGain = 16,
    /// Gain of the norm of a key's head (head_dim).
    KeyNormGain = 17,
    /// Bias of the queries (n_head · head_dim).
    QueryBias = 20,
    /// Bias of the keys (n_kv_head · head_dim).
    KeyBias = 21,
    /// Bias of the values (n_kv_head · head_dim).
    ValueBias = 22,
    /// Bias of attention's output (n_embd).
    AttnOutBias = 23,
    /// Bias of the gate (n_ff).
    GateBias = 26,
    /// Bias of the MLP's inner layer (n_ff).
    UpBias = 27,
    /// Bias of the MLP's output (n_embd).
    DownBias = 28,
}

/// A number of rows or columns.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Dim {
    /// One row: a vector.
    One,
    Vocab,
    Context,
    Embd,
    Query,
    Kv,
    Ff,
    Head,
}

/// In every layer.
const LAYER: u8 = 1;
/// Only with learned positions.
const LEARNED: u8 = 2;
/// Only with LayerNorm.
const LAYER_NORM: u8 = 4;
/// Only with SwiGLU.
const SWIGLU: u8 = 8;
/// Only with biases.
const BIAS: u8 = 16;
/// Only with a head that is not tied to the token embedding.
const UNTIED: u8 = 32;
/// Only with normalised queries and keys.
const QK_NORM: u8 = 64;

/// All tensors of all architectures, in the order of the blob: role, rows, columns, and when a model has it.
const ROLES: [(Role, Dim, Dim, u8); 25] = [
    (Role::TokenEmbedding, Dim::Vocab, Dim::Embd, 0),
    (Role::PositionEmbedding, Dim::Context, Dim::Embd, LEARNED),
    (Role::AttnNormGain, Dim::One, Dim::Embd, LAYER),
    (Role::AttnNormBias, Dim::One, Dim::Embd, LAYER | LAYER_NORM),
    (Role::Query, Dim::Query, Dim::Embd, LAYER),
    (Role::QueryBias, Dim::One, Dim::Query, LAYER | BIAS),
    (Role::Key, Dim::Kv, Dim::Embd, LAYER),
    (Role::KeyBias, Dim::One, Dim::Kv, LAYER | BIAS),
    (Role::Value, Dim::Kv, Dim::Embd, LAYER),
    (Role::ValueBias, Dim::One, Dim::Kv, LAYER | BIAS),
    (Role::QueryNormGain, Dim::One, Dim::Head, LAYER | QK_NORM),
    (Role::KeyNormGain, Dim::One, Dim::Head, LAYER | QK_NORM),
    (Role::AttnOut, Dim::Embd, Dim::Query, LAYER),
    (Role::AttnOutBias, Dim::One, Dim::Embd, LAYER | BIAS),
    (Role::MlpNormGain, Dim::One, Dim::Embd, LAYER),
    (Role::MlpNormBias, Dim::One, Dim::Embd, LAYER | LAYER_NORM),
    (Role::Gate, Dim::Ff, Dim::Embd, LAYER | SWIGLU),
    (Role::GateBias, Dim::One, Dim::Ff, LAYER | SWIGLU | BIAS),
    (Role::Up, Dim::Ff, Dim::Embd, LAYER),
    (Role::UpBias, Dim::One, Dim::Ff, LAYER | BIAS),
    (Role::Down, Dim::Embd, Dim::Ff, LAYER),
    (Role::DownBias, Dim::One, Dim::Embd, LAYER | BIAS),
    (Role::FinalNormGain, Dim::One, Dim::Embd, 0),
    (Role::FinalNormBias, Dim::One, Dim::Embd, LAYER_NORM),
    (Role::Head, Dim::Vocab, Dim::Embd, UNTIED),
];

/// The last three columns of [`ROLES`], by the role's number.
static BY_NUMBER: [(Dim, Dim, u8); 29] = {
    let mut by_number = [(Dim::One, Dim::One, 0); 29];
    let mut i = 0;
    while i < ROLES.len() {
        let (role, rows, cols, when) = ROLES[i];
        by_number[role as usize] = (rows, cols, when);
        i += 1;
    }
    by_number
};

impl Role {
    /// The roles of all tensors, in the order of the blob.
    pub(crate) const ALL: &'static [Self] = &{
        let mut all = [Self::TokenEmbedding; ROLES.len()];
        let mut i = 0;
        while i < ROLES.len() {
            all[i] = ROLES[i].0;
            i += 1;
        }
        all
    };

    /// Which of [`Self::ALL`] each layer has.
    pub(crate) const IN_LAYERS: core::ops::Range<usize> = {
        let (mut start, mut end) = (0, ROLES.len());
        while ROLES[start].3 & LAYER == 0 {
            start += 1;
        }
        while ROLES[end - 1].3 & LAYER == 0 {
            end -= 1;
        }
        start..end
    };

    /// Whether the tensor is a matrix, with a scale per row.
    pub const fn is_matrix(self) -> bool {
        BY_NUMBER[self as usize].0 as u8 != Dim::One as u8
    }

    /// Whether each layer has a tensor of this role.
    pub const fn is_in_layers(self) -> bool {
        BY_NUMBER[self as usize].2 & LAYER != 0
    }

    pub(crate) const fn is_before_layers(self) -> bool {
        (self as u8) < Self::AttnNormGain as u8
    }

    /// Whether the tensor is the gain of a norm, which is near 1 where other tensors are near 0.
    pub const fn is_gain(self) -> bool {
        matches!(
            self,
            Self::AttnNormGain | Self::MlpNormGain | Self::FinalNormGain | Self::QueryNormGain | Self::KeyNormGain
        )
    }

    /// The bias that belongs to a layer's matrix; the role itself for others.
    pub const fn bias(self) -> Self {
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
}

impl Config {
    /// Whether a model of this shape has a tensor of this role.
    pub const fn has(&self, role: Role) -> bool {
        BY_NUMBER[role as usize].2 & !self.traits() == 0
    }

    /// Which of the conditions in [`ROLES`] hold.
    const fn traits(&self) -> u8 {
        let mut traits = LAYER;
        if matches!(self.position, Position::Learned) {
            traits |= LEARNED;
        }
        if matches!(self.norm, Norm::LayerNorm) {
            traits |= LAYER_NORM;
        }
        if matches!(self.mlp, Mlp::SwiGlu) {
            traits |= SWIGLU;
        }
        if self.bias {
            traits |= BIAS;
        }
        if !self.tied {
            traits |= UNTIED;
        }
        if self.qk_norm {
            traits |= QK_NORM;
        }
        traits
    }

    /// Rows and columns of the tensor of a role; vectors have one row.
    pub const fn shape(&self, role: Role) -> (usize, usize) {
        let (rows, cols, _) = BY_NUMBER[role as usize];
        (self.size(rows), self.size(cols))
    }

    const fn size(&self, dim: Dim) -> usize {
        match dim {
            Dim::One => 1,
            Dim::Vocab => self.n_vocab,
            Dim::Context => self.n_ctx,
            Dim::Embd => self.n_embd,
            Dim::Query => self.query_dim(),
            Dim::Kv => self.kv_dim(),
            Dim::Ff => self.n_ff,
            Dim::Head => self.head_dim,
        }
    }
}
