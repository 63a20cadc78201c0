//! Keys, values and token ids of the context, in the words that the caller lent.

use half::f16;

use crate::quant::quantize_bytes;
use crate::{Config, TokenId};

/// How keys and values are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kv {
    /// Signed bytes with one scale per head: attention is integer arithmetic.
    #[default]
    Int8,
    /// Half-precision floats: about twice the memory, nearly the accuracy of `f32`, float attention.
    F16,
}

impl Kv {
    /// 32-bit words of the keys, or of the values, of a token in one layer.
    pub(crate) const fn words_per_vector(self, config: &Config) -> usize {
        match self {
            Self::Int8 => config.n_kv_head * words_per_head(config.head_dim),
            Self::F16 => config.kv_dim().div_ceil(2),
        }
    }
}

/// Which of the two vectors of a token.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    Key = 0,
    Value = 1,
}

/// (n_layer, 2, context) vectors of kv_dim elements, and (context) token ids.
#[derive(Debug)]
pub(super) struct KvCache<'b> {
    kv: Kv,
    context: usize,
    words_per_vector: usize,
    head_dim: usize,
    tokens: &'b mut [TokenId],
    vectors: &'b mut [u32],
}

impl<'b> KvCache<'b> {
    /// Takes at least `config.kv_words_in(context, kv)` words; the caller has checked that.
    pub(super) fn new(config: &Config, context: usize, kv: Kv, words: &'b mut [u32]) -> Self {
        let (tokens, vectors) = words.split_at_mut_checked(context.div_ceil(2)).unwrap_or_default();
        Self {
            kv,
            context,
            words_per_vector: kv.words_per_vector(config),
            head_dim: config.head_dim,
            tokens: bytemuck::cast_slice_mut(tokens),
            vectors,
        }
    }

    pub(super) fn kv(&self) -> Kv {
        self.kv
    }

    pub(super) fn context(&self) -> usize {
        self.context
    }

    pub(super) fn token(&self, position: usize) -> TokenId {
        self.tokens.get(position % self.context).copied().unwrap_or_default()
    }

    pub(super) fn set_token(&mut self, position: usize, token: TokenId) {
        let slot = position % self.context;
        if let Some(kept) = self.tokens.get_mut(slot) {
            *kept = token;
        }
    }

    fn start(&self, layer: usize, part: Part, slot: usize) -> usize {
        ((layer * 2 + part as usize) * self.context + slot) * self.words_per_vector
    }

    /// Keeps a vector of kv_dim elements.
    pub(super) fn store(&mut self, layer: usize, part: Part, slot: usize, vector: &[f32]) {
        let start = self.start(layer, part, slot);
        let words = self.vectors.get_mut(start..start + self.words_per_vector).unwrap_or_default();
        match self.kv {
            Kv::Int8 => {
                let heads = words.chunks_exact_mut(words_per_head(self.head_dim));
                for (words, head) in heads.zip(vector.chunks_exact(self.head_dim)) {
                    if let Some((scale, bytes)) = words.split_first_mut() {
                        *scale = quantize_bytes(head, bytemuck::cast_slice_mut(bytes)).to_bits();
                    }
                }
            }
            Kv::F16 => {
                let halves: &mut [u16] = bytemuck::cast_slice_mut(words);
                for (half, &value) in halves.iter_mut().zip(vector) {
                    *half = f16::from_f32(value).to_bits();
                }
            }
        }
    }

    fn words(&self, layer: usize, part: Part, slot: usize) -> &[u32] {
        let start = self.start(layer, part, slot);
        self.vectors.get(start..start + self.words_per_vector).unwrap_or_default()
    }

    /// Scale and bytes of a head; for [`Kv::Int8`].
    pub(super) fn bytes(&self, layer: usize, part: Part, slot: usize, head: usize) -> (f32, &[i8]) {
        let n = words_per_head(self.head_dim);
        let words = self.words(layer, part, slot).get(head * n..(head + 1) * n).unwrap_or_default();
        match words.split_first() {
            Some((&scale, bytes)) => (f32::from_bits(scale), bytemuck::cast_slice(bytes)),
            None => (0.0, &[]),
        }
    }

    /// Elements of a head and those after it; for [`Kv::F16`].
    pub(super) fn floats(&self, layer: usize, part: Part, slot: usize, head: usize) -> impl Iterator<Item = f32> {
        let from = head * self.head_dim;
        let halves: &[u16] = bytemuck::cast_slice(self.words(layer, part, slot));
        halves.get(from..).unwrap_or_default().iter().map(|&bits| f16::from_bits(bits).to_f32())
    }
}

/// An f32 scale, then the bytes.
const fn words_per_head(head_dim: usize) -> usize {
    1 + head_dim.div_ceil(4)
}
