//! What others take from the suggester's session once its own work is done: a phrase, or the next letters.

use super::{Keyboard, Mark, Reading, Suggester, Task, TokenId};
use crate::format::ngrams::LINE_START;
use crate::lexicon::last_words;

impl<K: Keyboard> Suggester<'_, K> {
    /// The text whose words are found, to go on from; `None` while there is other work.
    pub(in crate::suggest) fn text_at_rest(&self) -> Option<Mark> {
        self.text.filter(|_| self.task == Task::Rest)
    }

    /// The text that others take tokens for, if they do.
    pub(in crate::suggest) fn text_aside(&self) -> Option<Mark> {
        self.text.filter(|_| self.task == Task::Aside)
    }

    /// What was typed, with the space before the word if there is one.
    pub(in crate::suggest) fn keys(&self) -> &[u8] {
        self.tree.typed().keys()
    }

    /// Takes a token for somebody else, and computes the logits after it where `has_logits` says so. From now on the
    /// suggester goes back to the end of its context before it does anything else.
    pub(in crate::suggest) fn take_aside(&mut self, token: TokenId, has_logits: bool) {
        self.task = Task::Aside;
        if self.reader.take(token).is_err() {
            self.give_up();
        } else if has_logits {
            self.reader.compute_logits();
        }
    }

    /// Goes to where a path behind the context differs from the one taken last, to take it for somebody else. False if
    /// that would take more than `n_max` decode steps.
    pub(in crate::suggest) fn start_aside(&mut self, path: &[TokenId], n_max: usize) -> bool {
        self.task = Task::Aside;
        match path {
            [] => n_max > 0 && self.reader.leave_path().is_ok(),
            _ => matches!(self.reader.start_path(path, n_max), Ok(true)),
        }
    }

    /// Takes the next token of a path that was started: whether it was the last one, and the logits are there. The
    /// empty path has those after the context.
    pub(in crate::suggest) fn go_on_aside(&mut self, path: &[TokenId]) -> bool {
        match path {
            [] => matches!(self.reader.read_last_again(), Ok(Reading::Whole)),
            _ => matches!(self.reader.take_some(path), Ok(true)),
        }
    }

    /// Whether a word is not to be offered after some others, which stand behind the context.
    pub(in crate::suggest) fn blocks_after(&self, others: &[u8], word: &[u8]) -> bool {
        let [last, before] = last_words(others);
        let before = if before == LINE_START { self.last_words[0] } else { before };
        self.options.blocks(word, &[last, before], self.model().blocked_ref())
    }

    /// Goes back to the end of the context.
    pub(in crate::suggest) fn end_aside(&mut self) {
        if self.rest().is_err() {
            self.give_up();
        }
    }
}
