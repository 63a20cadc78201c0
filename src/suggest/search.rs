//! The work of a suggester in slices of one decode step: reading the text, then taking the most urgent paths.

use super::tree::MAX_PATH;
use super::word::Cut;
use super::{Progress, Suggester};
use crate::error::Refused;
use crate::text::Text;

/// What comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Task {
    /// Nothing, and there are no words to offer.
    #[default]
    Nothing,
    /// Taking tokens of the context.
    Read,
    /// Choosing a path to take.
    Search,
    /// Taking the tokens of a path.
    Take,
    /// Taking the tokens of a [`Phrase`](super::Phrase), which does that itself.
    Phrase,
    /// Nothing more within the budget.
    Rest,
}

impl Suggester<'_> {
    /// Prepares for a text that differs from the last one.
    #[inline(never)] // keeps the frame of a decode step small
    pub(super) fn begin(&mut self, text: &str) -> Result<(), Refused> {
        let cut = Cut::of(text);
        self.leave_path()?;
        self.task = Task::Nothing;
        let letters = cut.letters().len();
        self.steps_left = self.budget;
        if letters > crate::text::MAX_WORD_BYTES || !cut.takes_word() {
            return Ok(());
        }
        self.letters = letters as u8;
        self.starts_sentence = super::word::starts_sentence(cut);
        self.last_words = crate::lexicon::last_words(cut.context);
        let is_same_context = self.align(cut.context)?;
        // At the start of a text, too, if the vocabulary puts a space there.
        let mut typed = Text::new();
        if cut.context.is_empty() && self.prefix > 0 && !cut.typed.starts_with(b" ") {
            typed.push(b' ');
        }
        for &byte in cut.typed {
            typed.push(byte);
        }
        if is_same_context && !self.tree.is_empty() {
            self.seen.pass_over(self.tree.typed.len() < cut.typed.len());
            let model = self.session.model();
            self.tree.set_typed(model.vocab_ref(), model.words_ref(), typed);
            self.task = Task::Search;
        } else {
            self.seen.clear();
            self.tree.clear();
            self.tree.typed = typed;
            self.task = Task::Read;
        }
        Ok(())
    }

    /// At most one decode step, or a pass that reads as many tokens as the session takes at a time.
    pub(super) fn advance(&mut self, text: &str) -> Result<Progress, Refused> {
        match self.task {
            Task::Read => self.read_some(Cut::of(text).context)?,
            Task::Search => self.choose()?,
            Task::Take => self.take_some()?,
            Task::Phrase => self.rest()?,
            Task::Nothing | Task::Rest => {}
        }
        Ok(if matches!(self.task, Task::Nothing | Task::Rest) { Progress::Done } else { Progress::Working })
    }

    /// Takes the next tokens of the context in one pass; the logits after the last one plant the tree.
    fn read_some(&mut self, context: &[u8]) -> Result<(), Refused> {
        let tokens = self.next_tokens(context);
        if !tokens.is_empty() {
            self.session.take(&tokens)?;
            self.n_step = self.n_step.wrapping_add(tokens.len() as u32);
            if self.read < context.len() {
                return Ok(());
            }
            self.reserve();
            self.session.finish_prefill();
            self.plant();
        } else {
            self.reserve();
            self.read_last_again()?;
        }
        Ok(())
    }

    /// What the search takes must not push out the context that it began with.
    fn reserve(&mut self) {
        let longest = MAX_PATH.min(self.session.context() / 2);
        self.session.reserve(longest);
        self.tree.longest = longest as u8;
    }

    /// Steps the last token of the context, whose logits have been overwritten by those of paths.
    fn read_last_again(&mut self) -> Result<(), Refused> {
        let last = self.session.position().checked_sub(1);
        match last.and_then(|last| self.session.token(last)) {
            Some(token) => {
                self.session.go_back(self.session.position() - 1)?;
                self.session.take(&[token])?;
                self.session.finish_prefill();
                self.n_step = self.n_step.wrapping_add(1);
                self.plant();
            }
            // There is nothing to make logits from.
            None => self.task = Task::Nothing,
        }
        Ok(())
    }

    #[inline(never)] // keeps the frame of a decode step small
    fn plant(&mut self) {
        self.context_end = self.session.position();
        let model = self.session.model();
        self.tree.plant(model.vocab_ref(), model.words_ref(), self.session.logits());
        self.task = Task::Search;
    }

    /// Chooses the path to take next, and goes back to what it shares with the last one.
    #[inline(never)] // keeps the frame of a decode step small
    fn choose(&mut self) -> Result<(), Refused> {
        if self.steps_left > 0 && self.tree.wants_first(self.letters.into()) {
            self.steps_left -= 1;
            self.leave_path()?;
            return self.read_last_again();
        }
        let Some(branch) = self.tree.most_urgent() else { return self.rest() };
        let path = self.tree.path(branch);
        let is_there =
            |&(i, &token): &(usize, &crate::TokenId)| self.session.token(self.context_end + i) == Some(token);
        // The last token is always taken anew, for its logits.
        let shared = path.iter().enumerate().take_while(is_there).count().min(path.len().saturating_sub(1));
        if path.len() - shared > self.steps_left.into() {
            return self.rest();
        }
        self.session.go_back(self.context_end + shared)?;
        self.goal = Some(branch as u8);
        self.task = Task::Take;
        self.take_some()
    }

    /// Takes the next token of the chosen path.
    fn take_some(&mut self) -> Result<(), Refused> {
        let Some(branch) = self.goal.map(usize::from) else { return self.rest() };
        let path = self.tree.path(branch);
        let at = self.session.position().saturating_sub(self.context_end);
        let Some(&token) = path.get(at) else { return self.rest() };
        self.steps_left = self.steps_left.saturating_sub(1);
        self.n_step = self.n_step.wrapping_add(1);
        if at + 1 < path.len() {
            return self.session.take(&[token]);
        }
        self.session.take(&[token])?;
        self.session.finish_prefill();
        let model = self.session.model();
        self.tree.grow(model.vocab_ref(), model.words_ref(), branch, self.session.logits());
        self.goal = None;
        self.task = Task::Search;
        Ok(())
    }

    /// Nothing more is to be done for the text.
    pub(super) fn rest(&mut self) -> Result<(), Refused> {
        self.leave_path()?;
        self.task = Task::Rest;
        Ok(())
    }

    /// Goes back to the end of the context.
    fn leave_path(&mut self) -> Result<(), Refused> {
        self.goal = None;
        if matches!(self.task, Task::Search | Task::Take | Task::Phrase) {
            self.session.go_back(self.context_end)?;
        }
        Ok(())
    }
}
