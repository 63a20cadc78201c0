//! The memory that a session works in, lent by the caller and sized while compiling.

use super::kv_cache::RecordLayout;
use crate::Config;
use crate::config::{Mlp, Position};
use crate::kernel::input_words;

/// Two regions of 32-bit words, lent to a [`Session`](crate::Session).
///
/// They can lie anywhere: both in one bank, or scratch in tightly coupled memory and the KV cache
/// in a larger, slower one. Their contents need not be initialised to anything.
#[derive(Debug)]
pub struct Buffers<'b> {
    /// Keys, values and token ids of the context: [`Config::kv_words`] or more.
    pub kv: &'b mut [u32],
    /// Activations of one step, or the logits: [`Config::scratch_words`] or more. [`Config::scratch_words_for`]
    /// more than one token at a time makes prompts faster.
    pub scratch: &'b mut [u32],
}

/// Owns both regions, so that the RAM of a model is a fact of the link map.
///
/// ```
/// use embedded_gpt::{Aligned, Config, Model, Session, Workspace, include_model};
/// static BLOB: &Aligned<[u8]> = include_model!("../../models/demo.egpt");
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
    /// 32-bit words of KV cache for a context of `context` tokens; `usize::MAX` for more than the target can
    /// address, and for a configuration that is not [valid](Self::is_valid).
    ///
    /// Keys and values are signed bytes with one more byte per head.
    pub const fn kv_words(&self, context: usize) -> usize {
        if self.is_valid() { self.valid_kv_words(context) } else { usize::MAX }
    }

    /// [`Self::kv_words`] of a configuration that is valid.
    pub(crate) const fn valid_kv_words(&self, context: usize) -> usize {
        let token_ids = context.div_ceil(2);
        (2 * self.n_layer * RecordLayout::of(self).len / 4).saturating_mul(context).saturating_add(token_ids)
    }

    /// 32-bit words of scratch for a context of `context` tokens; `usize::MAX` for a configuration that is not
    /// [valid](Self::is_valid).
    pub const fn scratch_words(&self, context: usize) -> usize {
        self.scratch_words_for(context, 1)
    }

    /// 32-bit words of scratch with which a session takes `n_prefill` tokens of a prompt (1 or more) in one pass
    /// over the weights; `usize::MAX` for a configuration that is not [valid](Self::is_valid).
    ///
    /// For parts that fetch weights from a slow flash through a small cache: each weight is then fetched once for
    /// `n_prefill` tokens. The logits are the same.
    ///
    /// ```
    /// # use embedded_gpt::{Aligned, Config, Model, Session, Workspace, include_model};
    /// # static BLOB: &Aligned<[u8]> = include_model!("../../models/demo.egpt");
    /// const CONFIG: Config = Config::of(&BLOB.0);
    /// let mut ram = Workspace::<{ CONFIG.kv_words(32) }, { CONFIG.scratch_words_for(32, 4) }>::new();
    /// let model = Model::parse(&BLOB.0).unwrap();
    /// assert_eq!(Session::new(&model, 32, ram.buffers()).unwrap().n_prefill(), 4);
    /// ```
    pub const fn scratch_words_for(&self, context: usize, n_prefill: usize) -> usize {
        if self.is_valid() { self.valid_scratch_words(context, n_prefill) } else { usize::MAX }
    }

    /// [`Self::scratch_words_for`] of a configuration that is valid.
    pub(crate) const fn valid_scratch_words(&self, context: usize, n_prefill: usize) -> usize {
        let layout = ScratchLayout::of(self, context);
        layout.lane().saturating_mul(max(n_prefill, 1)).saturating_add(layout.room)
    }
}

/// Words of a token's scales.
pub(crate) const LANE_STATE: usize = 6;

/// Sizes in words of the parts of the scratch region: `room`, then a lane per token of a pass, which begins with
/// `wide`. Where less than all of `wide` is needed, the rest of the first lane's belongs to the room.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScratchLayout {
    /// The residual stream.
    pub(crate) x: usize,
    /// Gate and up; in attention queries, keys and values, or queries and mixed values; a vector on its way to the
    /// residual stream.
    wide: usize,
    /// What attention needs of it.
    attention: usize,
    /// Input of a matrix in the layout of the kernel.
    pub(crate) input: usize,
    /// Cosines and sines of a token's angles.
    pub(crate) rotary: usize,
    /// A vector on its way from the residual stream; with what is free of `wide`, scores of a head, or logits.
    room: usize,
}

/// What the first lane's `wide` is needed for besides the room.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Phase {
    Attention,
    Mlp,
    Logits,
}

impl ScratchLayout {
    pub(crate) const fn of(config: &Config, context: usize) -> Self {
        let attention = max(config.query_dim() + max(config.query_dim(), 2 * config.kv_dim()), config.n_embd);
        let mlp = if matches!(config.mlp, Mlp::SwiGlu) { 2 * config.n_ff } else { config.n_ff };
        let wide = max(attention, mlp);
        let beyond_wide =
            max(context.saturating_add(attention).saturating_sub(wide), config.n_vocab.saturating_sub(wide));
        Self {
            x: config.n_embd,
            wide,
            attention,
            input: input_words(max(max(config.n_embd, config.query_dim()), config.n_ff)),
            rotary: if matches!(config.position, Position::Rotary) { config.head_dim / 2 } else { 0 },
            room: max(config.n_embd, beyond_wide),
        }
    }

    /// Words of one token.
    pub(crate) const fn lane(&self) -> usize {
        LANE_STATE + self.x + self.wide + self.input + self.rotary
    }

    /// Words of the room and of what belongs to it of the first lane.
    pub(crate) const fn room(&self, phase: Phase) -> usize {
        match phase {
            Phase::Attention => self.room + self.wide - self.attention,
            Phase::Mlp => self.room,
            Phase::Logits => self.room + self.wide,
        }
    }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
