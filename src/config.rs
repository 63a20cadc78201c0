//! The shape of a model, the choices its header makes, and the tensors that follow from both.
//!
//! An architecture is the table `ROLES`: one line per tensor. Reader, writer, trainer and checkpoints go by it.

/// How activations are normalised before attention, before the MLP and before the head.
///
/// The number is the one in the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Norm {
    /// `(x − mean) / sqrt(var + eps) · gain + bias` (GPT-2).
    LayerNorm = 0,
    /// `x / sqrt(mean(x²) + eps) · gain` (Llama).
    RmsNorm = 1,
}

/// How a token's place in the text reaches the model.
///
/// The number is the one in the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Position {
    /// A learned vector per absolute position is added to the token embedding (GPT-2).
    Learned = 0,
    /// Queries and keys are rotated by an angle proportional to the position (RoPE, Llama).
    Rotary = 1,
}

/// The feed-forward part of a block.
///
/// The number is the one in the blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Mlp {
    /// `down(gelu(up(x)))`, with the exact GELU (error function).
    Gelu = 0,
    /// `down(gelu(up(x)))`, with the tanh approximation of GELU (GPT-2's `gelu_new`).
    GeluTanh = 1,
    /// `down(silu(gate(x)) · up(x))` (Llama).
    SwiGlu = 2,
}

/// The numbers in which models of one type differ most, in elements: what [`Config::gpt2`] and [`Config::llama`] need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Shape {
    /// Number of tokens in the vocabulary.
    pub n_vocab: usize,
    /// Longest context in tokens.
    pub n_ctx: usize,
    /// Number of decoder blocks.
    pub n_layer: usize,
    /// Number of attention heads; divides `n_embd`.
    pub n_head: usize,
    /// Width of the residual stream.
    pub n_embd: usize,
}

/// Shape and variant of a decoder-only transformer.
///
/// All counts are in elements. The fields are public because a configuration is plain data: firmware reads one from
/// a blob's header ([`Config::of`], [`Model::config`](crate::Model::config)), the host tool makes one by
/// [`Config::gpt2`] or [`Config::llama`] and sets the fields that differ. Later versions may have more fields.
///
/// ```
/// use embedded_gpt::config::{Mlp, Shape};
/// use embedded_gpt::Config;
/// const CONFIG: Config = {
///     let mut config = Config::llama(Shape { n_vocab: 4000, n_ctx: 128, n_layer: 3, n_head: 6, n_embd: 96 });
///     config.n_kv_head = 2; // grouped-query attention
///     config.tied = true;
///     config
/// };
/// assert!(CONFIG.is_valid());
/// assert_eq!((CONFIG.head_dim, CONFIG.n_ff, CONFIG.mlp), (16, 256, Mlp::SwiGlu));
///
/// // The memory of a session, in 32-bit words.
/// assert_eq!(CONFIG.kv_words(128), 128 * 3 * 2 * (2 * 16 + 4) / 4 + 64);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Config {
    /// Number of tokens in the vocabulary.
    pub n_vocab: usize,
    /// Longest context the model was trained for, in tokens.
    pub n_ctx: usize,
    /// Number of decoder blocks.
    pub n_layer: usize,
    /// Number of query heads.
    pub n_head: usize,
    /// Number of key/value heads; divides `n_head` (fewer is grouped-query attention).
    pub n_kv_head: usize,
    /// Elements per head; even for rotary positions.
    pub head_dim: usize,
    /// Width of the residual stream.
    pub n_embd: usize,
    /// Width of the feed-forward layer.
    pub n_ff: usize,
    /// Normalisation of every block and of the output.
    pub norm: Norm,
    /// Added to the variance before the square root.
    pub norm_eps: f32,
    /// Kind of position information.
    pub position: Position,
    /// Base of the rotary frequencies; 0 for learned positions.
    pub rope_theta: f32,
    /// Kind of feed-forward part.
    pub mlp: Mlp,
    /// Whether every linear layer of a block has a bias.
    pub bias: bool,
    /// Whether the output head is the token embedding itself.
    pub tied: bool,
    /// Whether queries and keys are normalised head by head, by their root mean square, before they turn (Qwen3).
    pub qk_norm: bool,
}

impl Config {
    /// A model of the type of GPT-2: LayerNorm, learned positions, an MLP of four times the width with a
    /// tanh-approximated GELU, biases, a head that is the token embedding.
    pub const fn gpt2(shape: Shape) -> Self {
        Self {
            n_vocab: shape.n_vocab,
            n_ctx: shape.n_ctx,
            n_layer: shape.n_layer,
            n_head: shape.n_head,
            n_kv_head: shape.n_head,
            head_dim: quotient(shape.n_embd, shape.n_head),
            n_embd: shape.n_embd,
            n_ff: shape.n_embd.saturating_mul(4),
            norm: Norm::LayerNorm,
            norm_eps: 1e-5,
            position: Position::Learned,
            rope_theta: 0.0,
            mlp: Mlp::GeluTanh,
            bias: true,
            tied: true,
            qk_norm: false,
        }
    }

    /// A model of the type of Llama: RMSNorm, rotary positions of base 10,000, a SwiGLU of 8/3 of the width in
    /// steps of 32, a key/value head per query head, no biases, a head of its own.
    pub const fn llama(shape: Shape) -> Self {
        let n_ff = shape.n_embd.saturating_mul(8) / 3;
        Self {
            n_ff: n_ff.div_ceil(32).saturating_mul(32),
            norm: Norm::RmsNorm,
            position: Position::Rotary,
            rope_theta: 10_000.0,
            mlp: Mlp::SwiGlu,
            bias: false,
            tied: false,
            ..Self::gpt2(shape)
        }
    }

    /// With some fields changed.
    ///
    /// ```
    /// use embedded_gpt::config::Shape;
    /// use embedded_gpt::Config;
    /// let shape = Shape { n_vocab: 300, n_ctx: 64, n_layer: 2, n_head: 4, n_embd: 32 };
    /// let config = Config::gpt2(shape).with(|config| config.n_ff = 64);
    /// assert_eq!((config.n_embd, config.n_ff), (32, 64));
    /// ```
    #[must_use]
    pub fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// Whether all sizes are inside the limits of the format (`docs/format.md`) and fit together.
    pub const fn is_valid(&self) -> bool {
        let counts = in_range(self.n_vocab, 65_535)
            && in_range(self.n_ctx, 65_536)
            && in_range(self.n_layer, 256)
            && in_range(self.n_head, 256)
            && in_range(self.n_kv_head, 256)
            && in_range(self.head_dim, 256)
            && in_range(self.n_embd, 16_384)
            && in_range(self.n_ff, 65_536)
            && in_range(self.query_dim(), 16_384);
        let rotary = matches!(self.position, Position::Rotary);
        counts
            && self.n_head.is_multiple_of(self.n_kv_head)
            && (!rotary || self.head_dim.is_multiple_of(2))
            && self.norm_eps > 0.0
            && self.norm_eps <= 1.0
            && self.rope_theta >= 0.0
            && self.rope_theta.is_finite()
    }

    /// Width of all query heads together. Wraps for a configuration that is not [valid](Self::is_valid).
    pub const fn query_dim(&self) -> usize {
        self.n_head.wrapping_mul(self.head_dim)
    }

    /// Width of all key (or value) heads together. Wraps for a configuration that is not [valid](Self::is_valid).
    pub const fn kv_dim(&self) -> usize {
        self.n_kv_head.wrapping_mul(self.head_dim)
    }
}

/// `⌊a / b⌋`; 0 for a `b` of 0.
const fn quotient(a: usize, b: usize) -> usize {
    match a.checked_div(b) {
        Some(quotient) => quotient,
        None => 0,
    }
}

/// Header flag: the linear layers have biases.
const FLAG_BIAS: u8 = 1;
/// Header flag: the head is the token embedding.
const FLAG_TIED: u8 = 2;
/// Header flag: queries and keys are normalised.
const FLAG_QK_NORM: u8 = 4;

impl Config {
    /// All flags of a header that this crate knows.
    pub(crate) const KNOWN_FLAGS: u8 = FLAG_BIAS | FLAG_TIED | FLAG_QK_NORM;

    /// What a blob's header says in flags.
    pub(crate) const fn flags(&self) -> u8 {
        (self.bias as u8 * FLAG_BIAS) | (self.tied as u8 * FLAG_TIED) | (self.qk_norm as u8 * FLAG_QK_NORM)
    }

    /// This shape with the choices that a header says in flags.
    pub(crate) const fn with_flags(self, flags: u8) -> Self {
        Self { bias: flags & FLAG_BIAS != 0, tied: flags & FLAG_TIED != 0, qk_norm: flags & FLAG_QK_NORM != 0, ..self }
    }
}

const fn in_range(value: usize, most: usize) -> bool {
    value >= 1 && value <= most
}

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
