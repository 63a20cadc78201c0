//! Autocomplete as you type: words for a text, from a model.

mod candidates;
mod context;
mod grow;
mod log_prob;
mod options;
mod phrase;
mod search;
mod spell;
mod suggestion;
mod tree;
mod user_dictionary;
mod word;

use crate::error::{Refused, StepError};
use crate::part::head;
use crate::{Progress, Session, TokenId};
use candidates::{Candidates, Mix, UserMix};
use options::{Options, Seen};
pub use phrase::{MAX_PHRASE_BYTES, Phrase};
use search::Task;
pub use suggestion::Suggestion;
use tree::Tree;
pub use user_dictionary::UserDictionary;

/// Suggests whole words: completions of the one being typed, or next words after a space.
///
/// Give it the text from its beginning after every keystroke. What a keystroke did not
/// change is not computed again, and the search of one word goes deeper with every letter of it; backspace rewinds.
/// So what is offered for a text may depend on how it was typed, but never on what stood before this word's context.
///
/// The typed letters are always respected, wherever the borders between tokens fall. Words are written as a phone
/// does: typed capitals stay, sentences start with one, and `i'm` becomes `I'm`.
///
/// The work of one call is bounded by its budget of decode steps, after the text itself has been read. Where even one
/// such call takes too long, [`poll`](Self::poll) does a slice of it.
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
// What is used often comes first: instructions that reach the first bytes of a struct are half as long.
#[repr(C)]
pub struct Suggester<'b> {
    task: Task,
    /// The path that is being taken.
    goal: Option<u8>,
    /// Letters typed of the word, in bytes.
    letters: u8,
    starts_sentence: bool,
    /// Bytes that the vocabulary put before the text, 0 or 1.
    prefix: u8,
    /// Tokens taken of the piece after the bytes that have been encoded.
    n_taken: u8,
    /// Decode steps that the search for the current text may still take.
    steps_left: u16,
    budget: u16,
    /// Bytes of the text that have been encoded.
    read: usize,
    /// Position of the session where the word begins.
    context_end: usize,
    n_step: u32,
    /// Length and hash of the text that the work is for.
    text: Option<(usize, u32)>,
    /// Hashes of the two words before this one, the last one first.
    last_words: [u32; 2],
    session: Session<'b>,
    tree: Tree,
    seen: Seen,
    options: Options<'b>,
    personal: Option<(UserDictionary<'b>, UserMix)>,
}

impl<'b> Suggester<'b> {
    /// Decode steps of a search unless [`with_budget`](Self::with_budget) says otherwise.
    pub const DEFAULT_BUDGET: usize = 6;

    /// Takes over a session; whatever text it held is forgotten.
    #[inline(never)]
    pub fn new(session: Session<'b>) -> Self {
        let mut new = Self {
            session,
            tree: Tree::new(),
            options: Options::default(),
            seen: Seen::default(),
            personal: None,
            last_words: [0; 2],
            budget: Self::DEFAULT_BUDGET as u16,
            steps_left: 0,
            task: Task::Nothing,
            goal: None,
            context_end: 0,
            text: None,
            letters: 0,
            starts_sentence: false,
            read: 0,
            prefix: 0,
            n_taken: 0,
            n_step: 0,
        };
        new.restart(0);
        new
    }

    /// Sets how many decode steps the search after one keystroke may take, beside those that read the text.
    #[must_use]
    pub const fn with_budget(mut self, decode_steps: usize) -> Self {
        self.budget = if decode_steps > 0xFFFF { 0xFFFF } else { decode_steps as u16 };
        self
    }

    /// Fills `slots` with the likeliest words after `text`, and returns the filled part: best first, all different.
    /// A word that would not be among them after its next letter either counts twice as much as it is probable; and the first
    /// one is what would help most alone.
    ///
    /// It is shorter than `slots` when no more words were found within the budget; empty when `slots` is, when the
    /// word has more than [`MAX_WORD_BYTES`] letters, and straight after a closing sign, as in `hello,`. At most 16
    /// words are found.
    ///
    /// Without a token that starts a text in the vocabulary there are no suggestions for its first word. Words in
    /// scripts of which the vocabulary knows hardly more than bytes may need more tokens than a search can hold (8).
    ///
    /// # Errors
    /// None of [`StepError`] is expected in a session that this suggester alone uses; it is passed on for completeness.
    pub fn suggest<'s>(&mut self, text: &str, slots: &'s mut [Suggestion]) -> Result<&'s [Suggestion], StepError> {
        while self.poll(text)? == Progress::Working {}
        Ok(self.best(slots))
    }

    /// Does a slice of the work for `text`: at most one decode step, and reading the vocabulary and the word list
    /// a few times. A session with room for several tokens per pass ([`Session::n_prefill`]) reads so many tokens of the
    /// text in a slice, but at most 8: no more weights are fetched for them than for one, but they take the
    /// multiplications of so many decode steps. With learned positions a slice takes half a context's decode steps when the context is full.
    ///
    /// Another text than at the last call begins new work, which goes on from what both have in common.
    ///
    /// ```
    /// # use embedded_gpt::{Aligned, Config, Model, Progress, Session, Suggester, Suggestion, Workspace, include_model};
    /// # static BLOB: &Aligned<[u8]> = include_model!("../../models/demo.egpt");
    /// # const CONFIG: Config = Config::of(&BLOB.0);
    /// # let mut ram = Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new();
    /// # let model = Model::parse(&BLOB.0)?;
    /// # let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers())?);
    /// let mut slots = [Suggestion::EMPTY; 3];
    /// while suggester.poll("how are y")? == Progress::Working {
    ///     // Look after the rest of the device; the best words so far are there at any time.
    ///     let _ = suggester.best(&mut slots);
    /// }
    /// assert!(suggester.best(&mut slots).iter().all(|word| word.as_str().starts_with('y')));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As [`suggest`](Self::suggest).
    #[inline(never)]
    pub fn poll(&mut self, text: &str) -> Result<Progress, StepError> {
        let mark = (text.len(), hash(text));
        if self.text != Some(mark) {
            self.text = Some(mark);
            self.begin(text).map_err(|Refused| self.error())?;
        }
        self.advance(text).map_err(|Refused| self.error())
    }

    /// What the session refuses if anything: all tokens are from its vocabulary.
    fn error(&self) -> StepError {
        StepError::Rewind { oldest: self.session.oldest(), position: self.session.position() }
    }

    /// Byte offset where the word being typed begins, which an accepted suggestion replaces; the text's length if none
    /// has begun.
    ///
    /// ```
    /// assert_eq!(embedded_gpt::Suggester::word_start("see you tom"), "see you ".len());
    /// assert_eq!(embedded_gpt::Suggester::word_start("it's well-kn"), "it's ".len());
    /// ```
    pub fn word_start(text: &str) -> usize {
        text.len() - word::Cut::of(text).letters().len()
    }

    /// Fills `slots` with the best words found so far for the text last given to [`poll`](Self::poll).
    #[inline(never)]
    pub fn best<'s>(&mut self, slots: &'s mut [Suggestion]) -> &'s [Suggestion] {
        if matches!(self.task, Task::Nothing | Task::Read) {
            return &[];
        }
        let model = self.session.model();
        let mix = Mix {
            vocab: model.vocab_ref(),
            words: model.words_ref(),
            ngrams: model.ngrams(),
            personal: self.personal.as_ref(),
            last_words: self.last_words,
        };
        let mut found = Candidates::new();
        found.collect(&self.tree, &mix);
        let n = self.offer(&mut found, slots);
        head(slots, n)
    }

    /// The session, at the end of the context unless a search is under way.
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

    /// Decode steps taken so far, those that read the text included; for measurements. Wraps.
    pub fn decode_steps(&self) -> u32 {
        self.n_step
    }
}

/// FNV-1a.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
