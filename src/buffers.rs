//! The memory that a session works in, lent by the caller and sized while compiling.

use crate::kernel::input_words;
use crate::{Config, Kv, Mlp};

/// Two regions of 32-bit words, lent to a [`Session`](crate::Session).
///
/// They can lie anywhere: both in one bank, or scratch in tightly coupled memory and the KV cache
/// in a larger, slower one. Their contents need not be initialised to anything.
#[derive(Debug)]
pub struct Buffers<'b> {
    /// Keys, values and token ids of the context: [`Config::kv_words`] or more.
    pub kv: &'b mut [u32],
    /// Activations of one step and the logits: [`Config::scratch_words`] or more.
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
    /// 32-bit words of KV cache for a context of `context` tokens, keys and values in signed bytes.
    pub const fn kv_words(&self, context: usize) -> usize {
        self.kv_words_in(context, Kv::Int8)
    }

    /// 32-bit words of KV cache for a context of `context` tokens; `usize::MAX` for more than the target can address.
    pub const fn kv_words_in(&self, context: usize, kv: Kv) -> usize {
        let token_ids = context.div_ceil(2);
        (2 * self.n_layer).saturating_mul(context).saturating_mul(kv.words_per_vector(self)).saturating_add(token_ids)
    }

    /// 32-bit words of scratch for a context of `context` tokens.
    pub const fn scratch_words(&self, context: usize) -> usize {
        let layout = ScratchLayout::of(self, context);
        (self.n_embd + layout.hidden + layout.quantized + self.n_vocab).saturating_add(layout.wide)
    }
}

/// Sizes in words of the parts of the scratch region.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScratchLayout {
    /// Output of a norm or of attention.
    pub(crate) hidden: usize,
    /// Queries, keys, values and scores; later gate and up.
    pub(crate) wide: usize,
    /// Input of a matrix in the layout of the kernel, or a query head in 16 bits.
    pub(crate) quantized: usize,
}

impl ScratchLayout {
    pub(crate) const fn of(config: &Config, context: usize) -> Self {
        let hidden = max(config.n_embd, config.query_dim());
        let attention = (config.query_dim() + 2 * config.kv_dim()).saturating_add(context);
        let mlp = if matches!(config.mlp, Mlp::SwiGlu) { 2 * config.n_ff } else { config.n_ff };
        Self { hidden, wide: max(max(attention, mlp), config.n_embd), quantized: input_words(max(hidden, config.n_ff)) }
    }
}

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}
