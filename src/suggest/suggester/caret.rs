//! The caret within a text.

use super::Suggester;
use crate::suggest::after::After;
use crate::suggest::matcher::Keyboard;

impl<K: Keyboard> Suggester<'_, K> {
    /// Says what stands behind the caret, until it is said again; nothing at first. The text that is given to
    /// [`suggest`](Self::suggest) and [`poll`](Self::poll) ends at the caret.
    ///
    /// - Within a word, as in `to|row`, nothing is offered, unless the options say so
    ///   ([`within_words`](crate::SuggestOptions::within_words)). What follows of the word stays then.
    /// - The word that follows is not offered before itself.
    /// - [`Suggestion::takes_space`](crate::Suggestion::takes_space) is false before a space, a line end, or a full
    ///   stop and the like.
    ///
    /// ```
    /// # use embedded_gpt::{Aligned, Config, Model, Session, SuggestOptions};
    /// # use embedded_gpt::{Suggester, Suggestion, Workspace, include_model};
    /// # static BLOB: &Aligned<[u8]> = embedded_gpt::include_model!("../../../models/demo.egpt");
    /// # const CONFIG: Config = Config::of(&BLOB.0);
    /// # let mut ram = Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new();
    /// # let model = Model::parse(&BLOB.0)?;
    /// # let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers())?, SuggestOptions::DEFAULT);
    /// let mut slots = [Suggestion::EMPTY; 3];
    /// suggester.set_text_after("orrow");
    /// assert!(suggester.suggest("see you tom", &mut slots).is_empty());
    /// suggester.set_text_after(", Tom");
    /// assert!(!suggester.suggest("see you tom", &mut slots)[0].takes_space());
    /// # Ok::<(), Box<dyn core::error::Error>>(())
    /// ```
    pub fn set_text_after(&mut self, after: &str) {
        let after = After::of(after);
        if self.after != after {
            self.after = after;
            self.text = None;
        }
    }
}
