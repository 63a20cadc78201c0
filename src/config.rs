//! The shape of a model and the choices its header makes.

use crate::LoadError;

/// How activations are normalised before attention, before the MLP and before the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Norm {
    /// `(x − mean) / sqrt(var + eps) · gain + bias` (GPT-2).
    LayerNorm,
    /// `x / sqrt(mean(x²) + eps) · gain` (Llama).
    RmsNorm,
}

/// How a token's place in the text reaches the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// A learned vector per absolute position is added to the token embedding (GPT-2).
    Learned,
    /// Queries and keys are rotated by an angle proportional to the position (RoPE, Llama).
    Rotary,
}

/// The feed-forward part of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mlp {
    /// `down(gelu(up(x)))`, with the exact GELU (error function).
    Gelu,
    /// `down(gelu(up(x)))`, with the tanh approximation of GELU (GPT-2's `gelu_new`).
    GeluTanh,
    /// `down(silu(gate(x)) · up(x))` (Llama).
    SwiGlu,
}

/// Shape and variant of a decoder-only transformer.
///
/// All counts are in elements. The fields are public because a configuration is
/// plain data: the host tool fills one in, the runtime reads one from a blob's header.
#[derive(Clone, Copy, Debug, PartialEq)]
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
}

impl Config {
    /// Reads the shape from a blob while compiling; for buffer sizes in constants.
    ///
    /// # Panics
    /// If the header or the section table is not that of a blob; in a `const` that is a compile error.
    /// At run time use [`Config::read`].
    pub const fn of(blob: &[u8]) -> Self {
        match crate::blob::read_header(blob) {
            Ok((_, config)) => config,
            Err(LoadError::NotABlob) => panic!("not an embedded-gpt blob"),
            Err(LoadError::Version { .. }) => panic!("the blob has a format version that this crate does not read"),
            Err(LoadError::Truncated { .. }) => panic!("the blob is truncated"),
            Err(_) => panic!("the blob's header or section table is broken"),
        }
    }

    /// Reads the shape from a blob, without checking anything but header and section table.
    ///
    /// # Errors
    /// [`LoadError::Truncated`], [`LoadError::NotABlob`], [`LoadError::Version`],
    /// [`LoadError::Config`], [`LoadError::Section`].
    pub const fn read(blob: &[u8]) -> Result<Self, LoadError> {
        match crate::blob::read_header(blob) {
            Ok((_, config)) => Ok(config),
            Err(error) => Err(error),
        }
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
            && in_range(self.n_head * self.head_dim, 16_384);
        let rotary = matches!(self.position, Position::Rotary);
        counts
            && self.n_head.is_multiple_of(self.n_kv_head)
            && (!rotary || self.head_dim.is_multiple_of(2))
            && self.norm_eps > 0.0
            && self.norm_eps <= 1.0
            && self.rope_theta >= 0.0
            && self.rope_theta.is_finite()
    }

    /// Width of all query heads together.
    pub const fn query_dim(&self) -> usize {
        self.n_head * self.head_dim
    }

    /// Width of all key (or value) heads together.
    pub const fn kv_dim(&self) -> usize {
        self.n_kv_head * self.head_dim
    }
}

const fn in_range(value: usize, most: usize) -> bool {
    value >= 1 && value <= most
}
