//! The memory that a session works in, lent by the caller and sized while compiling.

use crate::kernel::input_words;
use crate::session::RecordLayout;
use crate::{Config, Mlp, Position};

/// Two regions of 32-bit words, lent to a [`Session`](crate::Session).
///
/// They can lie anywhere: both in one bank, or scratch in tightly coupled memory and the KV cache
/// in a larger, slower one. Their contents need not be initialised to anything.
#[derive(Debug)]
pub struct Buffers<'b> {
    /// Keys, values and token ids of the context: [`Config::kv_words`] or more.
    pub kv: &'b mut [u32],
    /// Activations of one step, or the logits: [`Config::scratch_words`] or more. [`Config::scratch_words_for`] more than
    /// one token at a time makes prompts faster.
    pub scratch: &'b mut [u32],
}

/// Owns both regions, so that the RAM of a model is a fact of the link map.
///
/// ```
/// use embedded_gpt::{Aligned, Config, Model, Session, Workspace, include_model};
/// static BLOB: &Aligned<[u8]> = include_model!("../models/demo.egpt");
/// const CONFIG: Config = Config::of(&BLOB.0);
/// const CONTEXT: usize = 32;
/// type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;
///
/// let mut ram = Ram::new(); // in firmware: a `static`, see `firmware-examples`
/// let model = Model::parse(&BLOB.0).unwrap();
/// let session = Session::new(&model, CONTEXT, ram.buffers()).unwrap();
/// # let _ = session;
/// ```
#[derive(Debug)]
pub struct Workspace<const KV_WORDS: usize, const SCRATCH_WORDS: usize> {
    kv: [u32; KV_WORDS],
    scratch: [u32; SCRATCH_WORDS],
}

impl<const KV_WORDS: usize, const SCRATCH_WORDS: usize> Workspace<KV_WORDS, SCRATCH_WORDS> {
    /// All zeros, so a `static` of it costs no flash.
    pub const fn new() -> Self {
        Self { kv: [0; KV_WORDS], scratch: [0; SCRATCH_WORDS] }
    }

    /// Lends both regions.
    pub fn buffers(&mut self) -> Buffers<'_> {
        Buffers { kv: &mut self.kv, scratch: &mut self.scratch }
    }
}

impl<const KV_WORDS: usize, const SCRATCH_WORDS: usize> Default for Workspace<KV_WORDS, SCRATCH_WORDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl Config {
    /// 32-bit words of KV cache for a context of `context` tokens; `usize::MAX` for more than the target can address.
    ///
    /// Keys and values are signed bytes with one more byte per head.
    pub const fn kv_words(&self, context: usize) -> usize {
        let token_ids = context.div_ceil(2);
        (2 * self.n_layer * RecordLayout::of(self).len / 4).saturating_mul(context).saturating_add(token_ids)
    }

    /// 32-bit words of scratch for a context of `context` tokens.
    pub const fn scratch_words(&self, context: usize) -> usize {
        self.scratch_words_for(context, 1)
    }

    /// 32-bit words of scratch with which a session takes `n_prefill` tokens of a prompt (1 or more) in one pass over the
    /// weights.
    ///
    /// For parts that fetch weights from a slow flash through a small cache: each weight is then fetched once for
    /// `n_prefill` tokens. The logits are the same.
    ///
    /// ```
    /// # use embedded_gpt::{Aligned, Config, Model, Session, Workspace, include_model};
    /// # static BLOB: &Aligned<[u8]> = include_model!("../models/demo.egpt");
    /// const CONFIG: Config = Config::of(&BLOB.0);
    /// let mut ram = Workspace::<{ CONFIG.kv_words(32) }, { CONFIG.scratch_words_for(32, 4) }>::new();
    /// let model = Model::parse(&BLOB.0).unwrap();
    /// assert_eq!(Session::new(&model, 32, ram.buffers()).unwrap().n_prefill(), 4);
    /// ```
    pub const fn scratch_words_for(&self, context: usize, n_prefill: usize) -> usize {
        let layout = ScratchLayout::of(self, context);
        layout.lane().saturating_mul(max(n_prefill, 1)).saturating_add(layout.scores)
    }
}

/// Words of a token's scales.
pub(crate) const LANE_STATE: usize = 6;

/// Sizes in words of the parts of the scratch region: all but `scores` are there once per token of a pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScratchLayout {
    /// The residual stream.
    pub(crate) x: usize,
    /// Queries, keys and values, or queries and mixed values; gate and up; a vector on its way to the residual stream.
    pub(crate) wide: usize,
    /// Input of a matrix in the layout of the kernel.
    pub(crate) input: usize,
    /// Cosines and sines of a token's angles.
    pub(crate) rotary: usize,
    /// Scores of a head, or a vector on its way from the residual stream, or logits.
    pub(crate) scores: usize,
}

impl ScratchLayout {
    pub(crate) const fn of(config: &Config, context: usize) -> Self {
        let attention = config.query_dim() + max(config.query_dim(), 2 * config.kv_dim());
        let mlp = if matches!(config.mlp, Mlp::SwiGlu) { 2 * config.n_ff } else { config.n_ff };
        Self {
            x: config.n_embd,
            wide: max(max(attention, mlp), config.n_embd),
            input: input_words(max(max(config.n_embd, config.query_dim()), config.n_ff)),
            rotary: if matches!(config.position, Position::Rotary) { config.head_dim / 2 } else { 0 },
            scores: max(max(context, config.n_embd), config.n_vocab),
        }
    }

    /// Words of one token.
    pub(crate) const fn lane(&self) -> usize {
        LANE_STATE + self.x + self.wide + self.input + self.rotary
    }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
