//! The shape of a model, the choices its header makes, and the tensors that follow from both.
//!
//! An architecture is the table of roles in `roles.rs`: one line per tensor. Reader, writer, trainer and checkpoints go
//! by it.

mod roles;

pub use roles::Role;

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
