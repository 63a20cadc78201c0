//! A text in progress: its KV cache, its position, and the logits of the token that comes next.

mod attention;
mod buffers;
mod decoder;
mod kv_cache;
mod lane;
mod logits;
mod logits_hash;

pub use buffers::{Buffers, Workspace};
pub use logits::Logits;
pub use logits_hash::LogitsHash;

use core::num::NonZeroUsize;

use decoder::{Chunk, Decoder};
use kv_cache::KvCache;

use crate::config::Position;
use crate::error::{CapacityError, Refused, SessionError, StepError};
use crate::{Model, TokenId};

/// Runs a model over one text, token by token.
///
/// The context slides: when it is full, each further token pushes out the oldest one, and
/// generation goes on for ever. With rotary positions that is free. With learned positions the newer half of the
/// context is run again, once per `context / 2` tokens, because those positions have an end; that
/// step takes as long as `context / 2` steps.
///
/// ```
/// use embedded_gpt::{Aligned, Config, Model, Sampler, Session, Workspace, include_model};
/// static BLOB: &Aligned<[u8]> = include_model!("../../models/demo.egpt");
/// const CONFIG: Config = Config::of(&BLOB.0);
/// let mut ram = Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new();
///
/// let model = Model::parse(&BLOB.0)?;
/// let mut session = Session::new(&model, 64, ram.buffers())?;
/// // A text starts as the texts did that the model has learnt from.
/// session.feed(model.vocab().start_of_text().as_slice())?;
/// let mut ids = [0; 16];
/// let prompt = model.vocab().encode("how are", &mut ids)?;
/// let next = Sampler::greedy().pick(session.prefill(prompt)?);
/// assert!(usize::from(next) < CONFIG.n_vocab && !model.vocab().is_end_of_text(next));
/// assert_eq!(session.position(), 1 + prompt.len());
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug)]
// What is used often comes first: instructions that reach the first bytes of a struct are half as long.
#[repr(C)]
pub struct Session<'b> {
    cache: KvCache<'b>,
    decoder: Decoder<'b>,
    /// Tokens taken so far, minus those rewound.
    position: usize,
    /// Oldest position whose keys and values are still there.
    oldest: usize,
    /// Position of the text that is position 0 of the model. Moves with learned positions, and when the text's
    /// positions are counted anew; may be below 0 then, and wraps.
    origin: usize,
    model: Model<'b>,
}

impl<'b> Session<'b> {
    /// Starts an empty text with a context of `context` tokens.
    ///
    /// # Errors
    /// [`SessionError::Context`], [`SessionError::Kv`], [`SessionError::Scratch`]: the sizes that were needed are in
    /// the error; [`Config::kv_words`](crate::Config::kv_words) and
    /// [`Config::scratch_words`](crate::Config::scratch_words) give them in advance.
    #[inline(never)]
    pub fn new(model: &Model<'b>, context: usize, buffers: Buffers<'b>) -> Result<Self, SessionError> {
        let config = model.config();
        let positive = NonZeroUsize::new(context).filter(|_| context <= config.n_ctx);
        let positive = positive.ok_or(SessionError::Context { n_ctx: config.n_ctx })?;
        check(config.valid_kv_words(context), buffers.kv.len()).map_err(SessionError::Kv)?;
        check(config.valid_scratch_words(context, 1), buffers.scratch.len()).map_err(SessionError::Scratch)?;
        Ok(Self {
            cache: KvCache::new(config, positive, buffers.kv),
            decoder: Decoder::new(model, context, buffers.scratch),
            position: 0,
            oldest: 0,
            origin: 0,
            model: *model,
        })
    }

    /// Gives the memory back, so that it can be lent to another session.
    pub fn into_buffers(self) -> Buffers<'b> {
        Buffers { kv: self.cache.into_words(), scratch: self.decoder.into_words() }
    }

    /// The model that is running.
    pub fn model(&self) -> &Model<'b> {
        &self.model
    }

    /// Longest context in tokens.
    pub fn context(&self) -> usize {
        self.cache.context().get()
    }

    /// Tokens of a prompt that go through the weights together: as many as the scratch region has room for
    /// ([`Config::scratch_words_for`](crate::Config::scratch_words_for)), at most the context.
    pub fn n_prefill(&self) -> usize {
        self.decoder.n_prefill()
    }

    /// Number of tokens taken so far.
    ///
    /// After `isize::MAX` tokens it is counted anew, from about the context's length; the text goes on undisturbed.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Oldest position that [`rewind`](Self::rewind) can go back to.
    pub fn oldest(&self) -> usize {
        self.oldest
    }

    /// The token at a position of the context; `None` outside `oldest()..position()`.
    pub fn token(&self, position: usize) -> Option<TokenId> {
        (self.oldest..self.position).contains(&position).then(|| self.cache.token(position))
    }

    /// Takes several tokens; returns the logits after the last one.
    ///
    /// # Errors
    /// [`StepError::EmptyPrompt`], [`StepError::TokenOutOfRange`]; no token has been taken then.
    pub fn prefill(&mut self, tokens: &[TokenId]) -> Result<Logits<'_>, StepError> {
        if tokens.is_empty() {
            return Err(StepError::EmptyPrompt);
        }
        self.feed(tokens)?;
        self.finish_prefill();
        Ok(self.logits())
    }

    /// Takes several tokens, or none, without computing logits: for text that is only context.
    ///
    /// # Errors
    /// [`StepError::TokenOutOfRange`]; no token has been taken then.
    pub fn feed(&mut self, tokens: &[TokenId]) -> Result<(), StepError> {
        self.take(tokens).map_err(|Refused| {
            let n_vocab = self.model.config().n_vocab;
            let token = tokens.iter().copied().find(|&token| usize::from(token) >= n_vocab);
            StepError::TokenOutOfRange { token: token.unwrap_or_default(), n_vocab }
        })
    }

    /// [`feed`](Self::feed) with less to say.
    #[inline(never)]
    pub(crate) fn take(&mut self, tokens: &[TokenId]) -> Result<(), Refused> {
        let n_vocab = self.model.config().n_vocab;
        if tokens.iter().any(|&token| usize::from(token) >= n_vocab) {
            return Err(Refused);
        }
        let mut rest = tokens;
        while !rest.is_empty() {
            rest = self.take_some(rest);
        }
        Ok(())
    }

    /// Computes the logits after the token that [`feed`](Self::feed) took last.
    pub(crate) fn finish_prefill(&mut self) {
        self.decoder.head(&self.model);
    }

    /// Makes room for `n` tokens, at most half the context: taking them then pushes nothing out.
    pub(crate) fn reserve(&mut self, n: usize) {
        let context = self.context();
        match self.model.config().position {
            Position::Rotary => self.oldest = self.oldest.max((self.position + n).saturating_sub(context)),
            Position::Learned if self.position.wrapping_sub(self.origin) + n > context => self.restart_window(),
            Position::Learned => {}
        }
    }

    /// The logits that were computed last; whatever the scratch region held, if there were none yet.
    pub(crate) fn logits(&self) -> Logits<'_> {
        Logits::new(self.decoder.logits(self.model.config().n_vocab))
    }

    /// Takes one token; returns the logits of the one that follows.
    ///
    /// # Errors
    /// [`StepError::TokenOutOfRange`].
    pub fn step(&mut self, token: TokenId) -> Result<Logits<'_>, StepError> {
        self.prefill(&[token])
    }

    /// Goes back to an earlier position, as backspace does: what came after it is forgotten, what
    /// came before stays computed.
    ///
    /// Position 0 is always allowed. Tokens that the sliding context has pushed out do not come back.
    ///
    /// # Errors
    /// [`StepError::Rewind`] if `position` is ahead, or older than [`oldest`](Self::oldest).
    pub fn rewind(&mut self, position: usize) -> Result<(), StepError> {
        let error = StepError::Rewind { oldest: self.oldest, position: self.position };
        self.go_back(position).map_err(|Refused| error)
    }

    /// [`rewind`](Self::rewind) with less to say.
    #[inline(never)]
    pub(crate) fn go_back(&mut self, position: usize) -> Result<(), Refused> {
        if position == 0 {
            (self.oldest, self.origin) = (0, 0);
        } else if !(self.oldest..=self.position).contains(&position) {
            return Err(Refused);
        }
        self.position = position;
        Ok(())
    }

    /// Takes as many tokens as the window has positions for; returns the rest.
    fn take_some<'t>(&mut self, tokens: &'t [TokenId]) -> &'t [TokenId] {
        if self.position > isize::MAX as usize {
            self.count_anew();
        }
        let mut n = self.context();
        if self.model.config().position == Position::Learned {
            if self.position.wrapping_sub(self.origin) == n {
                self.restart_window();
            }
            n -= self.position.wrapping_sub(self.origin);
        }
        let (tokens, rest) = tokens.split_at_checked(n).unwrap_or((tokens, &[]));
        for (i, &token) in tokens.iter().enumerate() {
            self.cache.set_token(self.position + i, token);
        }
        self.forward(self.position, self.position + tokens.len());
        self.position += tokens.len();
        rest
    }

    /// Gives the tokens of the context the smallest positions that have the same slots.
    fn count_anew(&mut self) {
        let less = self.oldest - self.oldest % self.cache.context();
        self.position -= less;
        self.oldest -= less;
        // The model's own positions stay: with rotary ones those of the keys are in the cache.
        self.origin = self.origin.wrapping_sub(less);
    }

    /// Moves the newer half of the context to the start of the learned positions.
    fn restart_window(&mut self) {
        let keep = self.context() / 2;
        self.origin = self.position - keep;
        self.oldest = self.origin;
        self.forward(self.origin, self.position);
    }

    /// Takes tokens of the cache through the blocks, as many at a time as there is memory for.
    fn forward(&mut self, mut first: usize, end: usize) {
        while first < end {
            let n = self.n_prefill().clamp(1, end - first);
            let chunk = Chunk { first, n, oldest: self.oldest, origin: self.origin };
            self.decoder.forward(&self.model, &mut self.cache, chunk);
            first += n;
            self.oldest = self.oldest.max(first.saturating_sub(self.context()));
        }
    }
}

fn check(needed: usize, given: usize) -> Result<(), CapacityError> {
    if given < needed { Err(CapacityError { needed, given }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Aligned, Truecaser};
    use crate::{Classifier, Generator, Sampler, Suggester, UserDictionary};

    extern crate std;
    use std::vec;

    static ROTARY: &Aligned<[u8]> = crate::include_model!("../../models/demo.egpt");
    static LEARNED: &Aligned<[u8]> = crate::include_model!("../../tests/golden/gpt2.egpt");
    const CONTEXT: usize = 10;

    /// The logits of a text, whose tokens have positions from `first` on.
    fn logits_from(blob: &[u8], first: usize) -> vec::Vec<vec::Vec<i32>> {
        let model = Model::parse(blob).unwrap();
        let config = model.config();
        let (mut kv, mut scratch) = (vec![0; config.kv_words(CONTEXT)], vec![0; config.scratch_words(CONTEXT)]);
        let mut session = Session::new(&model, CONTEXT, Buffers { kv: &mut kv, scratch: &mut scratch }).unwrap();
        (session.position, session.oldest, session.origin) = (first, first, first);
        let mut steps = vec![];
        for i in 0..5 * CONTEXT {
            steps.push(session.step((i * 97 % config.n_vocab) as TokenId).unwrap().values().to_vec());
            if i % 7 == 6 {
                // As a keyboard does it.
                session.reserve(2);
                session.rewind(session.position() - 1).unwrap();
            }
            assert!(session.token(session.position() - 1).is_some() && session.token(session.position()).is_none());
        }
        steps
    }

    #[test]
    fn text_goes_on_where_positions_end() {
        for blob in [&ROTARY.0, &LEARNED.0] {
            let expected = logits_from(blob, 0);
            for before in [0, 1, CONTEXT, 2 * CONTEXT + 3] {
                let end = isize::MAX as usize - before;
                assert_eq!(logits_from(blob, end), expected, "{before} positions before the end");
            }
        }
    }

    #[test]
    fn memory_is_lent_again() {
        let model = Model::parse(&ROTARY.0).unwrap();
        let config = model.config();
        let (mut kv, mut scratch) = (vec![0; config.kv_words(CONTEXT)], vec![0; config.scratch_words(CONTEXT)]);
        let lens = (kv.len(), scratch.len());
        let mut session = Session::new(&model, CONTEXT, Buffers { kv: &mut kv, scratch: &mut scratch }).unwrap();
        let first = session.prefill(&[1, 2, 3]).unwrap().values().to_vec();
        let buffers = session.into_buffers();
        assert_eq!((buffers.kv.len(), buffers.scratch.len()), lens);
        let mut session = Session::new(&model, CONTEXT, buffers).unwrap();
        assert_eq!(session.prefill(&[1, 2, 3]).unwrap().values(), first);
    }

    #[test]
    fn everything_can_be_sent_to_another_thread() {
        fn is_send<T: Send>() {}
        is_send::<Model<'_>>();
        is_send::<Session<'_>>();
        is_send::<Suggester<'_>>();
        is_send::<UserDictionary<'_>>();
        is_send::<Generator<'_>>();
        is_send::<Classifier<'_>>();
        is_send::<Sampler>();
        is_send::<Truecaser<'_>>();
        is_send::<Logits<'_>>();
        is_send::<Workspace<1, 1>>();
    }

    #[test]
    fn sizes_of_impossible_shapes_are_the_largest_number() {
        let shape = |n| crate::config::Shape { n_vocab: n, n_ctx: n, n_layer: n, n_head: n, n_embd: n };
        for n in [0, 1 << 16, 1 << 31, usize::MAX] {
            for config in [crate::Config::gpt2(shape(n)), crate::Config::llama(shape(n))] {
                for words in [config.kv_words(n), config.scratch_words(n), config.scratch_words_for(n, n)] {
                    assert_eq!(words, usize::MAX);
                }
                let _ = (config.query_dim(), config.kv_dim(), config.is_valid());
            }
        }
        let model = Model::parse(&ROTARY.0).unwrap();
        assert_eq!(model.config().kv_words(usize::MAX), usize::MAX);
        assert_eq!(model.config().scratch_words_for(usize::MAX, usize::MAX), usize::MAX);
        for key in [0, 1, u32::MAX] {
            for n_bucket in [0, 1, usize::MAX] {
                let _ = crate::format::ngrams::home(key, n_bucket);
            }
        }
    }
}
