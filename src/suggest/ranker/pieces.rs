//! Pieces of text in scripts without spaces: every start of what may follow is one, and which are offered follows from
//! what they save.

use super::candidates::{Candidate, Candidates};
use super::{Mix, PER_PATH, Ranker, Work};
use crate::format::ngrams::word_hash;
use crate::format::words::Capitals;
use crate::part::tail;
use crate::suggest::log_prob::Prob;
use crate::suggest::matcher::Rule;
use crate::suggest::search::Tree;
use crate::text::WordRule;

impl Ranker {
    /// The text of a path, whose probability is that the text goes on so, whatever follows.
    pub(super) fn add_piece<R: Rule>(&mut self, tree: &Tree<R>, mix: &Mix<'_, '_, R>, at: usize) -> Option<Work> {
        let branch = tree.branch(at)?;
        if branch.fits() {
            let (_, spelled) = tree.spelled(mix.vocab, at);
            let text = spelled.text();
            if spelled.is_complete(tree.typed())
                && n_saved(text, spelled.covered()) > 0
                && R::WORDS.is_word(tree.typed().word_of(text))
            {
                let word = (&spelled, word_hash(text), Capitals::None);
                self.found.add(tree.typed(), word, branch.log_prob(), None);
            }
        }
        Some(PER_PATH)
    }
}

impl Candidates {
    /// The piece that saves most beside those that have a bit in `taken`; it gets one, too.
    pub(super) fn take_best_piece(&self, taken: &mut u32) -> Option<&Candidate> {
        let pieces = self.all().iter().enumerate();
        let (at, piece) = pieces.max_by_key(|(at, piece)| (self.worth_beside(*taken, *at), piece.prob))?;
        let is_left = self.worth_beside(*taken, at) > 0;
        *taken |= 1 << at;
        is_left.then_some(piece)
    }

    /// What a piece saves beside others that are offered already, on average. Those that it begins with save a part of
    /// that, and for texts that go on as a longer one it saves nothing.
    fn worth_beside(&self, taken: u32, at: usize) -> u64 {
        let Some(piece) = self.all().get(at).filter(|_| taken >> at & 1 == 0) else { return 0 };
        let (mut prob, mut saved_already) = (piece.prob, 0);
        for (other_at, other) in self.all().iter().enumerate() {
            if taken >> other_at & 1 == 0 || other.prob == 0 {
                continue;
            }
            if piece.text.starts_with(&other.text) {
                saved_already = saved_already.max(other.n_saved());
            } else if other.text.starts_with(&piece.text) {
                prob = prob.saturating_sub(other.prob);
            }
        }
        u64::from(prob) * u64::from(piece.n_saved().saturating_sub(saved_already))
    }
}

impl Candidate {
    /// Keystrokes that it saves as a piece.
    fn n_saved(&self) -> u32 {
        n_saved(&self.text, self.covered.into())
    }

    /// What it saves alone, on average.
    pub(super) fn worth_as_piece(&self) -> Prob {
        // With room for the product.
        (self.prob >> 5).saturating_mul(self.n_saved())
    }
}

/// Keystrokes that a text saves, of which some bytes were typed: one for each character but one, for accepting.
fn n_saved(text: &[u8], covered: usize) -> u32 {
    let n_char = tail(text, covered).iter().filter(|&&byte| byte >> 6 != 2).count() as u32;
    n_char.saturating_sub(1)
}

/// Whether words are pieces.
pub(super) const fn are_pieces<R: Rule>() -> bool {
    matches!(R::WORDS, WordRule::Pieces)
}
