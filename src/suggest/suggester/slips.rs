//! Slips: when they are looked for, and which word the space bar puts in the place of one.

use super::{Offer, Suggester, Task, User};
use crate::format::ngrams::word_hash;
use crate::suggest::log_prob::{LogProb, NAT};
use crate::suggest::matcher::Keyboard;
use crate::suggest::suggestion::Suggestion;

/// Slips are looked for where no more than this share of all texts goes on with what was typed.
const MAX_EXACT: LogProb = -11 * NAT;
/// Decode steps to look for slips, beside those of the budget.
pub(super) const SLIP_STEPS: u16 = 2;

impl<K: Keyboard> Suggester<'_, K> {
    /// The word that was meant by the last one of the text, if it is another one: what a space bar may put there.
    ///
    /// [`percent`](Suggestion::percent) says how sure that is, and is at least the
    /// [options'](crate::SuggestOptions::min_correction_percent). Nothing is corrected that has digits or capitals
    /// within, that is in the user dictionary after two uses, or that was [kept](Self::keep) before. On
    /// [keys for several letters](crate::Keys::groups) it is the likeliest word, however sure.
    ///
    /// ```
    /// # use embedded_gpt::{Aligned, Config, Keys, Model, Session, SuggestOptions, Suggester, Suggestion, Workspace};
    /// # static BLOB: &Aligned<[u8]> = embedded_gpt::include_model!("../../../models/demo.egpt");
    /// # const CONFIG: Config = Config::of(&BLOB.0);
    /// # let mut ram = Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new();
    /// # let model = Model::parse(&BLOB.0)?;
    /// let session = Session::new(&model, 64, ram.buffers())?;
    /// let mut suggester = Suggester::with_keyboard(session, SuggestOptions::DEFAULT, Keys::QWERTY);
    /// suggester.suggest("thank yiu", &mut [Suggestion::EMPTY; 3]);
    /// assert_eq!(suggester.correction().unwrap().as_str(), "you");
    /// suggester.keep("yiu"); // the person has taken it back
    /// assert!(suggester.correction().is_none());
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    #[inline(never)]
    pub fn correction(&self) -> Option<Suggestion> {
        let typed = self.tree.typed();
        let is_own = |(dictionary, _): &User<'_, K::Rule>| dictionary.has_own(typed.letters());
        if self.user.as_ref().is_some_and(is_own) || self.kept.contains(&word_hash(typed.letters())) {
            return None;
        }
        let Self { style, ref options, ref last_words, ref after, .. } = *self;
        let offer = Offer { tree: &self.tree, style, options, blocked: self.model().blocked_ref(), after, last_words };
        let word = self.ranker.correction(&offer)?;
        (!word.corrects() || word.percent() >= self.options.min_correction_percent).then_some(word)
    }

    /// A word is meant as it was typed and will not be [corrected](Self::correction): somebody has taken a correction
    /// back. The last four such words are remembered.
    pub fn keep(&mut self, word: &str) {
        // `rotate_right` would be 2 KB of code.
        let [last, second, third, _] = self.kept;
        self.kept = [word_hash(word.as_bytes()), last, second, third];
    }

    /// If hardly any word begins with what was typed, begins to look for those that do but for a slip.
    pub(super) fn look_for_slips(&mut self) {
        let Self { tree, ranker, keyboard, .. } = self;
        if !keyboard.has_slips() || tree.typed().has_slips() || ranker.log_prob_of_all() > MAX_EXACT {
            return;
        }
        let typed = tree.typed().read(|letters| keyboard.rule(letters, true));
        if typed.has_slips() {
            tree.start(typed);
            self.steps_left = SLIP_STEPS;
            self.task = Task::Search;
        }
    }
}
