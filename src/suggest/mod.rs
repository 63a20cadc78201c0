//! Autocomplete as you type: words for a text, from a model.

mod context;
mod search;
mod word;

use crate::error::StepError;
use crate::{Session, TokenId};
use search::Search;
use word::Cut;

/// Longest word that is offered, in bytes.
pub const MAX_WORD_BYTES: usize = 31;

/// A word offered for the text so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Suggestion {
    bytes: [u8; MAX_WORD_BYTES],
    len: u8,
    log_prob: f32,
}

impl Suggestion {
    /// A placeholder, to make arrays of.
    pub const EMPTY: Self = Self { bytes: [0; MAX_WORD_BYTES], len: 0, log_prob: f32::MIN };

    fn new(word: &[u8], log_prob: f32) -> Self {
        let mut new = Self { log_prob, ..Self::EMPTY };
        if let Some(bytes) = new.bytes.get_mut(..word.len()) {
            bytes.copy_from_slice(word);
            new.len = word.len() as u8;
        }
        new
    }

    /// The whole word, typed letters included.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }

    /// Natural logarithm of the probability that the word comes next and ends there, before the letters typed so
    /// far are known.
    pub const fn log_prob(&self) -> f32 {
        self.log_prob
    }
}

impl AsRef<str> for Suggestion {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl core::fmt::Display for Suggestion {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Suggests whole words: completions of the one being typed, or next words after a space.
///
/// Give it the text from its beginning after every keystroke. What a keystroke did not
/// change is not computed again; backspace rewinds.
///
/// The typed letters are always respected, wherever the borders between tokens fall. The work of one call is bounded
/// by its budget of decode steps, after the text itself has been read.
///
/// ```
/// use embedded_gpt::{Aligned, Config, Model, Session, Suggester, Suggestion, Workspace, include_model};
/// static BLOB: &Aligned<[u8]> = include_model!("../../models/demo.egpt");
/// const CONFIG: Config = Config::of(&BLOB.0);
/// let mut ram = Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new();
///
/// let model = Model::parse(&BLOB.0)?;
/// let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers())?);
/// let mut slots = [Suggestion::EMPTY; 3];
/// for suggestion in suggester.suggest("how are y", &mut slots)? {
///     assert!(suggestion.as_str().starts_with('y'));
/// }
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Suggester<'b> {
    session: Session<'b>,
    budget: usize,
    /// Bytes of the text that have been read.
    read: usize,
    /// Bytes that the vocabulary put before the text, 0 or 1.
    prefix: usize,
}

impl<'b> Suggester<'b> {
    /// Decode steps of a search unless [`with_budget`](Self::with_budget) says otherwise.
    pub const DEFAULT_BUDGET: usize = 16;

    /// Takes over a session; whatever text it held is forgotten.
    pub fn new(session: Session<'b>) -> Self {
        let mut new = Self { session, budget: Self::DEFAULT_BUDGET, read: 0, prefix: 0 };
        new.restart(0);
        new
    }

    /// Sets how many decode steps one call may spend on its search.
    #[must_use]
    pub const fn with_budget(mut self, decode_steps: usize) -> Self {
        self.budget = decode_steps;
        self
    }

    /// Fills `slots` with the likeliest words after `text`, and returns the filled part: best first, all different.
    ///
    /// It is shorter than `slots` when no more words were found within the budget; empty when `slots` is, when the
    /// word has more than [`MAX_WORD_BYTES`] letters, and straight after a closing sign, as in `hello,`.
    ///
    /// Without a token that starts a text in the vocabulary there are no suggestions for its first word. Words in
    /// scripts of which the vocabulary knows hardly more than bytes may need more tokens than a search can hold (8).
    ///
    /// # Errors
    /// None of [`StepError`] is expected in a session that this suggester alone uses; it is passed on for completeness.
    pub fn suggest<'s>(&mut self, text: &str, slots: &'s mut [Suggestion]) -> Result<&'s [Suggestion], StepError> {
        let cut = Cut::of(text);
        let has_room = cut.letters().len() <= MAX_WORD_BYTES && !slots.is_empty();
        if !has_room || !cut.takes_word() || !self.read_context(cut.context)? {
            return Ok(&[]);
        }
        // At the start of a text, too, if the vocabulary puts a space there.
        let space = (cut.context.is_empty() && self.prefix > 0 && !cut.typed.starts_with(' ')).then_some(b' ');
        let typed = space.into_iter().chain(cut.typed.bytes());
        let search = Search::new(typed, search::longest_path(&self.session), self.budget);
        let found = search.run(&mut self.session, slots)?;
        Ok(slots.get(..found).unwrap_or_default())
    }

    /// The session, as the last search left it: at the end of the context.
    pub fn session(&self) -> &Session<'b> {
        &self.session
    }

    /// Gives the session back, for generating text in the same memory.
    pub fn into_session(self) -> Session<'b> {
        self.session
    }

    /// Token ids of the context that the model sees, oldest first; for showing how a suggestion came about.
    pub fn context_tokens(&self) -> impl Iterator<Item = TokenId> {
        (self.session.oldest()..self.session.position()).filter_map(|position| self.session.token(position))
    }
}
