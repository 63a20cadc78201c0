//! The steps of the search for a text, and of the ranking after it, once its context has been read.

use super::{Keyboard, Mix, Refused, Suggester, Task};

impl<K: Keyboard> Suggester<'_, K> {
    /// Plants the tree once the whole context is read.
    #[inline(never)] // keeps the frame of a decode step small
    pub(super) fn plant(&mut self) {
        self.tree.set_max_path(self.reader.max_path());
        self.tree.plant(self.reader.model().vocab_ref(), self.reader.logits());
        self.task = Task::Weigh;
    }

    /// Says how urgent some of the paths are.
    pub(super) fn weigh_some(&mut self) {
        let model = self.reader.model();
        if self.tree.weigh_some(model.vocab_ref(), model.words_ref()) {
            self.task = Task::Search;
        }
    }

    /// Chooses the path to take next, and goes back to what it shares with the last one.
    #[inline(never)] // keeps the frame of a decode step small
    pub(super) fn choose(&mut self) -> Result<(), Refused> {
        if self.steps_left > 0 && self.tree.wants_first() {
            self.steps_left -= 1;
            self.task = Task::Read;
            return self.reader.leave_path();
        }
        let Some(branch) = self.tree.most_urgent() else { return self.start_ranking() };
        let path = self.tree.path(branch);
        if !self.reader.start_path(&path, self.steps_left.into())? {
            return self.start_ranking();
        }
        self.task = Task::Take(branch as u8);
        self.take_some(branch as u8)
    }

    /// Takes the next token of the chosen path.
    pub(super) fn take_some(&mut self, branch: u8) -> Result<(), Refused> {
        self.steps_left = self.steps_left.saturating_sub(1);
        if self.reader.take_some(&self.tree.path(branch.into()))? {
            self.task = Task::Grow(branch);
        }
        Ok(())
    }

    /// Chooses what goes on with the path that was taken.
    pub(super) fn grow(&mut self, branch: u8) {
        let model = self.reader.model();
        self.tree.grow(model.vocab_ref(), model.words_ref(), branch.into(), self.reader.logits());
        self.task = Task::Search;
    }

    /// The search is over.
    fn start_ranking(&mut self) -> Result<(), Refused> {
        self.reader.leave_path()?;
        self.ranker.start();
        self.task = Task::Rank;
        Ok(())
    }

    #[inline(never)]
    pub(super) fn rank_some(&mut self, context: &[u8]) {
        let Self { reader, tree, ranker, user, last_words, .. } = self;
        let model = reader.model();
        let mix = Mix::new(model, reader.reads(), user.as_ref(), *last_words, context);
        if ranker.rank_some(tree, &mix) {
            self.task = Task::Rest;
            self.look_for_slips();
        }
    }
}
