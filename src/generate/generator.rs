//! Text that a model writes on, one token per call.

use core::fmt::Write;

use super::{Sampler, Truecaser};
use crate::error::StepError;
use crate::text::{MAX_CHUNK_BYTES, first_chunk};
use crate::vocab::MAX_TOKEN_BYTES;
use crate::{Error, Logits, Progress, Session, TokenId};

/// Most tokens of a prompt that are read in one call, however much memory the session has.
const MAX_PREFILL: usize = 8;

/// Settings of a [`Generator`].
///
/// ```
/// use embedded_gpt::{GeneratorOptions, Sampler};
/// let sampler = Sampler::new(0.7, 1).with_top_k(40);
/// let options = GeneratorOptions { sampler, max_tokens: 100, ..Default::default() };
/// assert!(options.truecasing);
/// ```
#[derive(Clone, Debug)]
pub struct GeneratorOptions {
    /// Chooses the tokens; [`Sampler::greedy`] by default.
    pub sampler: Sampler,
    /// Tokens after which a text is over if the model has not ended it; no limit by default.
    pub max_tokens: usize,
    /// Whether text of a model that knows small letters only gets capitals, as [`Truecaser`] does it; on by
    /// default. Other models write their own capitals.
    pub truecasing: bool,
}

impl Default for GeneratorOptions {
    fn default() -> Self {
        Self { sampler: Sampler::greedy(), max_tokens: usize::MAX, truecasing: true }
    }
}

/// Writes on where a prompt ends.
///
/// The text goes to any [`fmt::Write`](Write). For a serial port with `embedded_io::Write` a program has these lines;
/// so this crate depends on no version of that one:
///
/// ```ignore
/// struct Text<W>(W);
/// impl<W: embedded_io::Write> core::fmt::Write for Text<W> {
///     fn write_str(&mut self, text: &str) -> core::fmt::Result {
///         self.0.write_all(text.as_bytes()).map_err(|_| core::fmt::Error)
///     }
/// }
/// ```
///
/// Each [`poll`](Self::poll) does a bounded slice of the work: it reads a part of the prompt, or writes one token.
/// A character whose bytes are spread over several tokens is written when it is complete. The context slides, so a
/// text may be longer than it.
///
/// ```
/// use embedded_gpt::{
///     Aligned, Config, Generator, GeneratorOptions, Model, Progress, Session, Workspace, include_model,
/// };
/// static BLOB: &Aligned<[u8]> = include_model!("../../models/demo.egpt");
/// const CONFIG: Config = Config::of(&BLOB.0);
/// let mut ram = Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new();
///
/// let model = Model::parse(&BLOB.0)?;
/// let session = Session::new(&model, 64, ram.buffers())?;
/// let mut generator = Generator::new(session, GeneratorOptions { max_tokens: 20, ..Default::default() });
/// let mut text = String::from("how are"); // in firmware: a UART, a `heapless::String`
/// let prompt = text.clone();
/// while generator.poll(&prompt, &mut text)? == Progress::Working {
///     // Look after the rest of the device.
/// }
/// assert!(text.starts_with("how are you"));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Generator<'b> {
    session: Session<'b>,
    options: GeneratorOptions,
    text: Truecaser<'b>,
    /// Bytes of the prompt that have been read; `None` when it has been read to its end.
    read: Option<usize>,
    /// Tokens read of the part of the prompt that begins at `read`.
    n_taken: u8,
    /// The token that was written last, which the session has yet to take.
    newest: Option<TokenId>,
    /// Tokens that may still be written.
    left: usize,
}

impl<'b> Generator<'b> {
    /// Takes over a session; whatever text it held is forgotten.
    pub fn new(session: Session<'b>, options: GeneratorOptions) -> Self {
        let text = Truecaser::as_learned(session.model(), "");
        let mut new = Self { session, options, text, read: None, n_taken: 0, newest: None, left: 0 };
        new.restart();
        new
    }

    /// Forgets the text, and begins another one with the next [`poll`](Self::poll). The sampler's random numbers go on.
    pub fn restart(&mut self) {
        // Position 0 can always be gone back to.
        let _ = self.session.go_back(0);
        (self.read, self.n_taken, self.newest) = (Some(0), 0, None);
        self.left = self.options.max_tokens;
    }

    /// Does a slice of the work: reads some tokens of the prompt, or writes one token to `out`.
    ///
    /// Give it the same prompt until it returns [`Progress::Done`]: the model has ended the text, or it has
    /// [`max_tokens`](GeneratorOptions::max_tokens). After a text that the model has ended, a further call writes
    /// on with the text that the model begins then.
    ///
    /// A call takes one decode step. While it reads, a session with room for several tokens per pass
    /// ([`Session::n_prefill`]) takes so many of them, at most 8. With learned positions a call takes half a
    /// context's decode steps when the context is full.
    ///
    /// # Errors
    /// [`Error::Step`] with [`StepError::EmptyPrompt`] if the prompt is empty and the vocabulary has no token that
    /// starts a text; the next call begins anew. [`Error::Write`] if `out` fails: the token is lost, and the next
    /// call goes on with the one after it.
    pub fn poll(&mut self, prompt: &str, out: &mut impl Write) -> Result<Progress, Error> {
        if let Some(read) = self.read {
            self.read_some(prompt, read)?;
            return Ok(Progress::Working);
        }
        if let Some(token) = self.next_token() {
            let mut bytes = [0; MAX_TOKEN_BYTES];
            self.text.push(self.session.model().vocab_ref().bytes(token, &mut bytes), out)?;
            if self.left > 0 {
                return Ok(Progress::Working);
            }
        }
        self.finish(out)?;
        // What comes now is another text.
        self.start_text("");
        Ok(Progress::Done)
    }

    /// Writes what is held back of the last word or character; for a text that is broken off before [`Progress::Done`].
    ///
    /// # Errors
    /// [`Error::Write`] if `out` fails.
    pub fn finish(&mut self, out: &mut impl Write) -> Result<(), Error> {
        Ok(self.text.finish(out)?)
    }

    /// Tokens written since the text began, ends of texts included.
    pub fn n_written(&self) -> usize {
        self.options.max_tokens - self.left
    }

    /// The scores that the last token was chosen by; meaningless before there is one.
    pub fn logits(&self) -> Logits<'_> {
        self.session.logits()
    }

    /// The session, at the end of what was read and written, but for the last token.
    pub fn session(&self) -> &Session<'b> {
        &self.session
    }

    /// Gives the session back, for another use of the same memory.
    pub fn into_session(self) -> Session<'b> {
        self.session
    }

    /// Takes as many tokens of the prompt as go through the weights together.
    #[inline(never)]
    fn read_some(&mut self, prompt: &str, read: usize) -> Result<(), Error> {
        let vocab = self.session.model().vocab_ref();
        let chunk = first_chunk(prompt.get(read..).unwrap_or_default(), vocab.max_chunk());
        // The start of the text, all that a chunk may need, and the space that may be put before the text.
        let mut ids = [0; MAX_CHUNK_BYTES + 2];
        let mut n = 0;
        if let (0, Some(start), Some(slot)) = (read, vocab.start_of_text(), ids.first_mut()) {
            (*slot, n) = (start, 1);
        }
        let room = ids.get_mut(n..).unwrap_or_default();
        let encoded = if read == 0 { vocab.encode(chunk, room) } else { vocab.encode_continuation(chunk, room) };
        n += encoded.map_or(0, |ids| ids.len());
        let tokens = ids.get(usize::from(self.n_taken)..n).unwrap_or_default();
        let some = tokens.get(..self.session.n_prefill().clamp(1, MAX_PREFILL)).unwrap_or(tokens);
        let is_refused = self.session.take(some).is_err();
        if some.len() < tokens.len() && !is_refused {
            self.n_taken += some.len() as u8;
            return Ok(());
        }
        (self.read, self.n_taken) = (Some(read + chunk.len()), 0);
        if read + chunk.len() < prompt.len() && !chunk.is_empty() {
            return Ok(());
        }
        if self.session.position() == 0 {
            self.restart();
            return Err(Error::Step(StepError::EmptyPrompt));
        }
        self.session.finish_prefill();
        self.read = None;
        self.start_text(prompt);
        Ok(())
    }

    fn start_text(&mut self, before: &str) {
        let model = self.session.model();
        let is_cased = self.options.truecasing;
        self.text = if is_cased { Truecaser::after(model, before) } else { Truecaser::as_learned(model, before) };
    }

    /// Takes the newest token and chooses the next one; `None` if the text is over.
    #[inline(never)]
    fn next_token(&mut self) -> Option<TokenId> {
        self.left = self.left.checked_sub(1)?;
        if let Some(token) = self.newest.take() {
            // All tokens are from the vocabulary, so none is refused.
            self.session.take(&[token]).ok()?;
            self.session.finish_prefill();
        }
        let token = self.options.sampler.pick(self.session.logits());
        self.newest = Some(token);
        (!self.session.model().vocab_ref().is_end_of_text(token)).then_some(token)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Aligned, Buffers, Model};

    extern crate std;
    use std::string::String;
    use std::vec;

    static BLOB: &Aligned<[u8]> = crate::include_model!("../../models/demo.egpt");

    #[test]
    fn a_token_that_the_session_refuses_ends_the_text() {
        let model = Model::parse(&BLOB.0).unwrap();
        let (mut kv, mut scratch) = (vec![0; model.config().kv_words(8)], vec![0; model.config().scratch_words(8)]);
        let session = Session::new(&model, 8, Buffers { kv: &mut kv, scratch: &mut scratch }).unwrap();
        let mut generator = Generator::new(session, GeneratorOptions::default());
        let mut text = String::new();
        while generator.n_written() == 0 {
            generator.poll("hello", &mut text).unwrap();
        }
        generator.newest = Some(TokenId::MAX);
        assert_eq!(generator.poll("hello", &mut text), Ok(Progress::Done));
    }
}
