//! The shape of a model and the choices its header makes.

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
