//! The suggester: reads the text, searches, ranks and offers, in slices of bounded work.

mod aside;
mod caret;
mod slips;
mod steps;

use super::after::After;
use super::cut::Cut;
use super::mark::Mark;
use super::matcher::{Keyboard, Letters, Rule, Typed};
use super::options::SuggestOptions;
use super::pieces;
use super::ranker::{Mix, Offer, Ranker, User, UserMix};
use super::reader::{Reader, Reading};
use super::search::Tree;
use super::shown::Shown;
use super::suggestion::Suggestion;
use super::task::Task;
use super::user_dictionary::UserDictionary;
use super::written::Style;
use crate::error::Refused;
use crate::lexicon::{last_words_and_case, listed};
use crate::part::head;
use crate::text::{BytesIn, Language, MAX_WORD_BYTES, Reads, Text, WordRule};
use crate::{Model, Progress, Session, TokenId};
use slips::SLIP_STEPS;

/// Suggests whole words: completions of the one being typed, or next words after a space.
///
/// Give it the text from its beginning after every keystroke. What a keystroke did not
/// change is not computed again, and the search of one word goes deeper with every letter of it; backspace rewinds.
/// So what is offered for a text may depend on how it was typed. Other texts that were given before leave no trace.
///
/// A text that is longer than the session's context slides. What the model made of the newer tokens was computed while
/// the older ones were there, so these may still change a few suggestions. A suggester that begins with the end of
/// such a text has not read them.
///
/// The typed letters are always respected, wherever the borders between tokens fall. A word may have accents (in Latin
/// and Greek) and apostrophes that were not typed: `ecr` is a start of `écrire`, `dont` finds `don't`. Words are
/// written as a phone does: typed capitals stay, sentences start with one, after two words in capitals others follow,
/// and `i'm` becomes `I'm`. Their apostrophes are written as the last one in the last 256 bytes of the text: `'`, `’`
/// (U+2019) or `ʼ` (U+02BC).
///
/// The work of one call is bounded by its budget of decode steps, after the text itself has been read. Where even one
/// such call takes too long, [`poll`](Self::poll) does a slice of it.
///
/// ```
/// use embedded_gpt::{Aligned, Config, Model, Session, SuggestOptions};
/// use embedded_gpt::{Suggester, Suggestion, Workspace, include_model};
/// static BLOB: &Aligned<[u8]> = include_model!("../../models/demo.egpt");
/// const CONFIG: Config = Config::of(&BLOB.0);
/// let mut ram = Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new();
///
/// let model = Model::parse(&BLOB.0)?;
/// let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers())?, SuggestOptions::DEFAULT);
/// let mut slots = [Suggestion::EMPTY; 3];
/// for suggestion in suggester.suggest("how are y", &mut slots) {
///     assert!(suggestion.as_str().starts_with('y'));
/// }
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Debug)]
// What is used often comes first: instructions that reach the first bytes of a struct are half as long.
#[repr(C)]
pub struct Suggester<'b, K: Keyboard = Letters> {
    task: Task,
    /// Decode steps that the search for the current text may still take.
    steps_left: u16,
    /// The text that the work is for.
    text: Option<Mark>,
    style: Style,
    /// Hashes of the two words before this one, the last one first.
    last_words: [u32; 2],
    reader: Reader<'b>,
    tree: Tree<K::Rule>,
    ranker: Ranker,
    shown: Shown,
    options: SuggestOptions<'b>,
    user: Option<User<'b, K::Rule>>,
    keyboard: K,
    /// Hashes of words that are not corrected, the last one first.
    kept: [u32; 4],
    after: After,
}

impl<'b> Suggester<'b> {
    /// Takes over a session; whatever text it held is forgotten. Every key is its letter.
    pub fn new(session: Session<'b>, options: SuggestOptions<'b>) -> Self {
        Self::with_keyboard(session, options, Letters)
    }

    /// Byte offset where the word being typed begins, which an accepted suggestion replaces; the text's length if none
    /// has begun. Words have at most 256 bytes.
    ///
    /// ```
    /// assert_eq!(embedded_gpt::Suggester::word_start("see you tom"), "see you ".len());
    /// assert_eq!(embedded_gpt::Suggester::word_start("it's well-kn"), "it's ".len());
    /// ```
    pub fn word_start(text: &str) -> usize {
        text.len() - Cut::of(text).letters().len()
    }
}

impl<'b, K: Keyboard> Suggester<'b, K> {
    /// Takes over a session; whatever text it held is forgotten. The keyboard says what keys stand for.
    #[inline(never)]
    pub fn with_keyboard(session: Session<'b>, options: SuggestOptions<'b>, keyboard: K) -> Self {
        Self {
            task: Task::Nothing,
            steps_left: 0,
            text: None,
            style: Style::default(),
            last_words: [0; 2],
            reader: Reader::new(session, K::Rule::WORDS == WordRule::Pieces),
            tree: Tree::new(),
            ranker: Ranker::new(),
            shown: Shown::default(),
            options,
            user: None,
            keyboard,
            kept: [0; 4],
            after: After::NOTHING,
        }
    }

    /// The options.
    pub fn options(&self) -> &SuggestOptions<'b> {
        &self.options
    }

    /// Changes the options; the budget from the next text on.
    pub fn set_options(&mut self, options: SuggestOptions<'b>) {
        self.options = options;
    }

    /// Changes the keyboard. What was found for the word being typed is forgotten.
    pub fn set_keyboard(&mut self, keyboard: K) {
        self.keyboard = keyboard;
        self.text = None;
        self.tree.start(Typed::nothing());
    }

    /// Mixes in what this person types, from the next text on.
    pub fn set_user_dictionary(&mut self, dictionary: UserDictionary<'b>) {
        self.user = Some((dictionary, UserMix::new()));
    }

    /// What has been learned, to be saved or forgotten.
    pub fn user_dictionary(&mut self) -> Option<&mut UserDictionary<'b>> {
        self.user.as_mut().map(|(dictionary, _)| dictionary)
    }

    /// Learns from a text that is finished, such as a message that was sent; nothing without a
    /// [user dictionary](Self::set_user_dictionary).
    pub fn learn(&mut self, text: &str) {
        let (model, reads) = (self.reader.model(), self.reader.reads());
        let Some((dictionary, _)) = self.user.as_mut() else { return };
        dictionary.learn(text, |word| listed(model.vocab_ref(), model.words_ref(), word.as_bytes(), reads).is_some());
    }

    /// Fills `slots` with words for `text`, all different, and returns the filled part.
    ///
    /// The words are those that save most keystrokes together, and the first one saves most alone. So a word counts
    /// twice if it would still not be among them after its next letter: they are not in the order of their
    /// probabilities.
    ///
    /// The part is shorter than `slots` where no more words were found within the budget; at most 16 are found. It is
    /// empty for a word of more than [`MAX_WORD_BYTES`] bytes, and straight after a closing sign, as in `hello,`.
    ///
    /// Without a token that starts a text in the vocabulary there are no suggestions for its first word. Words in
    /// scripts of which the vocabulary knows hardly more than bytes may need more tokens than a search can hold (8).
    pub fn suggest<'s>(&mut self, text: &str, slots: &'s mut [Suggestion]) -> &'s [Suggestion] {
        while self.poll(text) == Progress::Working {}
        self.best(slots)
    }

    /// Does a slice of the work for `text`.
    ///
    /// - A slice takes one decode step, or passes over the vocabulary once, or looks at some paths, or at as many
    ///   listed words as take about as long. The first one for a text only finds out what is new.
    /// - With `models/keyboard.egpt` and 64 tokens of context the longest slice takes 1.8 million instructions on a
    ///   Cortex-M4F, and 2.4 million with a user dictionary of 4 KiB. Where slips are looked for
    ///   ([`Keys`](crate::Keys)), a pass over the vocabulary takes up to 4.2 million.
    /// - While a text is read, a session with room for several tokens per pass ([`Session::n_prefill`]) takes up to 8
    ///   of them in a slice: the arithmetic of so many decode steps, in one pass over the weights.
    /// - With learned positions, a slice takes half a context's decode steps when the context is full.
    ///
    /// Another text than at the last call begins new work, which goes on from what both have in common.
    ///
    /// ```
    /// # use embedded_gpt::{Aligned, Config, Model, Progress, Session, SuggestOptions};
    /// # use embedded_gpt::{Suggester, Suggestion, Workspace};
    /// # static BLOB: &Aligned<[u8]> = embedded_gpt::include_model!("../../models/demo.egpt");
    /// # const CONFIG: Config = Config::of(&BLOB.0);
    /// # let mut ram = Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new();
    /// # let model = Model::parse(&BLOB.0)?;
    /// # let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers())?, SuggestOptions::DEFAULT);
    /// let mut slots = [Suggestion::EMPTY; 3];
    /// while suggester.poll("how are y") == Progress::Working {
    ///     // Look after the rest of the device; words are on offer at any time.
    ///     let _ = suggester.best(&mut slots);
    /// }
    /// assert!(suggester.best(&mut slots).iter().all(|word| word.as_str().starts_with('y')));
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[inline(never)]
    pub fn poll(&mut self, text: &str) -> Progress {
        self.advance(text).unwrap_or_else(|Refused| {
            // Cannot happen: all tokens are of the vocabulary, and all positions were there before.
            self.give_up();
            Progress::Done
        })
    }

    /// Fills `slots` with the best words there are for the text last given to [`poll`](Self::poll); cheap at any time.
    ///
    /// Once the work is done these are the words of [`suggest`](Self::suggest). Before that they are the words
    /// found with fewer letters, as far as they fit, which are replaced one by one when what was found for this
    /// text is ranked.
    #[inline(never)]
    pub fn best<'s>(&mut self, slots: &'s mut [Suggestion]) -> &'s [Suggestion] {
        let Self { tree, style, options, last_words, after, .. } = self;
        let blocked = self.reader.model().blocked_ref();
        let offer = Offer { tree, style: *style, options, blocked, after, last_words };
        let n = self.ranker.offer(&offer, &mut self.shown, slots);
        head(slots, n)
    }

    /// The session, at the end of the context unless a search is under way.
    pub fn session(&self) -> &Session<'b> {
        self.reader.session()
    }

    /// Gives the session back, for generating text in the same memory.
    pub fn into_session(self) -> Session<'b> {
        self.reader.into_session()
    }

    /// Token ids of the context that the model sees, oldest first; for showing how a suggestion came about.
    pub fn context_tokens(&self) -> impl Iterator<Item = TokenId> {
        let session = self.reader.session();
        (session.oldest()..session.position()).filter_map(|position| session.token(position))
    }

    /// Decode steps taken so far, those that read the text included; for measurements. Wraps.
    pub fn decode_steps(&self) -> u32 {
        self.reader.n_step()
    }

    /// A slice of the work for a text.
    pub(super) fn advance(&mut self, text: &str) -> Result<Progress, Refused> {
        let mark = Mark::of(text);
        if self.text != Some(mark) {
            self.text = Some(mark);
            self.begin(text)?;
        } else {
            self.go_on(text)?;
        }
        Ok(if matches!(self.task, Task::Nothing | Task::Rest) { Progress::Done } else { Progress::Working })
    }

    /// A slice of the work for the text of the last one.
    #[inline(always)]
    fn go_on(&mut self, text: &str) -> Result<(), Refused> {
        match self.task {
            Task::Read => match self.reader.read_some(self.cut(text).context)? {
                Reading::Part => {}
                Reading::Nothing => self.give_up(),
                Reading::Whole => self.task = Task::Plant,
            },
            Task::Plant => self.plant(),
            Task::Weigh => self.weigh_some(),
            Task::Search => self.choose()?,
            Task::Take(branch) => self.take_some(branch)?,
            Task::Grow(branch) => self.grow(branch),
            Task::Rank => self.rank_some(self.cut(text).context),
            Task::Aside => self.rest()?,
            Task::Nothing | Task::Rest => {}
        }
        Ok(())
    }

    /// Cuts a text before the word or the piece that is being typed.
    #[inline(always)]
    fn cut<'t>(&self, text: &'t str) -> Cut<'t> {
        match K::Rule::WORDS {
            WordRule::Pieces => pieces::cut(self.reader.model().vocab_ref(), self.reader.reads(), text),
            words => words.cut(text),
        }
    }

    /// Prepares for a text that differs from the last one.
    #[inline(never)] // keeps the frame of a decode step small
    fn begin(&mut self, text: &str) -> Result<(), Refused> {
        let words = K::Rule::WORDS;
        let cut = self.cut(text);
        self.reader.leave_path()?;
        self.steps_left = self.options.budget;
        let is_within_word = self.after.goes_on() && !cut.letters().is_empty() && words != WordRule::Pieces;
        let is_held_back = is_within_word && !self.options.within_words;
        if is_held_back || cut.letters().len() > MAX_WORD_BYTES || !words.takes_word(cut) {
            self.give_up();
            return Ok(());
        }
        let (last_words, is_in_capitals) = last_words_and_case(cut.context);
        self.last_words = last_words;
        let language = self.reader.model().vocab_ref().language();
        self.style = Style::by(words, text, cut, language, [self.options.auto_capitals, is_in_capitals]);
        let is_same_context = self.reader.align(cut.context)?;
        // At the start of a text, too, if the vocabulary puts a space there.
        let mut keys = Text::new();
        if cut.context.is_empty() && self.reader.has_prefix() && !cut.typed.starts_with(b" ") {
            keys.push(b' ');
        }
        // A capital I of Turkic is another letter than that of the others, who compare letters without a language.
        let small = Some(language).filter(|&language| language == Language::Turkic);
        for byte in BytesIn::new(cut.typed, Reads { small, ..Reads::AS_WRITTEN }) {
            keys.push(byte);
        }
        let typed = Typed::new(keys);
        // Once a slip was looked for, it stays in the word.
        let has_slip = is_same_context && self.tree.typed().has_slips() && self.tree.typed().is_start_of(&typed);
        let typed = typed.read(|letters| self.keyboard.rule(letters, has_slip));
        if typed.has_slips() {
            self.steps_left = self.steps_left.min(SLIP_STEPS);
        }
        if is_same_context && !self.tree.is_empty() {
            if self.tree.typed().n_keys() < typed.n_keys() {
                self.shown.pass_over();
            }
            self.tree.set_typed(self.reader.model().vocab_ref(), typed);
            self.ranker.keep_fitting(&typed);
            self.task = Task::Weigh;
        } else {
            self.shown.clear();
            self.ranker.clear();
            self.tree.start(typed);
            self.task = Task::Read;
        }
        Ok(())
    }

    /// Nothing can be offered.
    #[inline(never)] // called in four places
    fn give_up(&mut self) {
        self.ranker.clear();
        self.task = Task::Nothing;
    }

    /// Nothing more is to be done for the text.
    pub(super) fn rest(&mut self) -> Result<(), Refused> {
        self.reader.leave_path()?;
        self.task = Task::Rest;
        Ok(())
    }

    /// What reads the text.
    pub(super) fn reader(&self) -> &Reader<'b> {
        &self.reader
    }

    /// The model that is running.
    pub(super) fn model(&self) -> &Model<'b> {
        self.reader.model()
    }

    /// Most tokens that may be taken behind the context.
    pub(super) fn max_path(&self) -> usize {
        self.tree.max_path()
    }

    /// Whether words have a space before them here.
    pub(super) fn has_space(&self) -> bool {
        self.tree.typed().has_space()
    }
}
