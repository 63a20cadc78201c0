//! First tokens after the context, of which every path begins with one.

use super::branch::{Branch, CONTEXT, Cost, cost};
use super::tree::{MAX_BRANCHES, Tree};
use crate::suggest::log_prob::{LogProb, log_probs};
use crate::suggest::matcher::{Rule, Spelled};
use crate::text::{N_LETTER_CLASS, byte_class};
use crate::{Logits, TokenId, Vocab};

/// First tokens kept before any letter is typed, for each class of first letters.
const FIRST_OF_CLASS: usize = 4;
/// First tokens kept once letters are typed.
const FIRST_OF_TYPED: usize = 24;

impl<R: Rule> Tree<R> {
    /// Begins a tree for what was typed with the logits after the context, or chooses other first tokens for it. Its
    /// branches have to be [weighed](Self::weigh_some) then.
    pub(in crate::suggest) fn plant(&mut self, vocab: &Vocab<'_>, logits: Logits<'_>) {
        self.remove(|_, branch| branch.parent == CONTEXT && branch.is_open());
        self.set_first();
        self.choose_first(vocab, logits);
        self.refresh(vocab, false);
    }

    /// Keeps the likeliest first tokens: of every first letter before any is typed.
    fn choose_first(&mut self, vocab: &Vocab<'_>, logits: Logits<'_>) {
        let has_letters = !self.typed().letters().is_empty();
        let letter_at = usize::from(self.typed().has_space());
        let most = if has_letters { FIRST_OF_TYPED } else { FIRST_OF_CLASS };
        // Of each class how many are kept, and the cost of the worst of them.
        let mut kept = [(0u8, 0 as Cost); N_LETTER_CLASS];
        // Of branches that were added, one more than their class.
        let mut classes = [0u8; MAX_BRANCHES];
        self.overfull = 0;
        for (token, log_prob) in log_probs(logits) {
            // Nearly every token fails here, before all its bytes are looked at.
            let start = vocab.first_two_bytes(token);
            let class = if has_letters { 0 } else { byte_class(start.get(letter_at).copied().unwrap_or_default()) };
            let Some((kept, worst)) = kept.get_mut(class) else { continue };
            let is_full = usize::from(*kept) >= most && self.overfull >> class & 1 == 1;
            let is_beaten = is_full && cost(log_prob) >= *worst;
            // No word begins with a space that was not typed.
            let is_space = start[0] == b' ' && self.typed().n_keys() == 0;
            if is_beaten || is_space || !self.typed().may_start(start) {
                continue;
            }
            let Some(typing) = self.cost_after(vocab, Spelled::new(), token) else { continue };
            // It was taken already.
            if self.branches.iter().any(|branch| Self::first_token(branch) == Some(token)) {
                continue;
            }
            let mut new = Branch::new(CONTEXT, token, log_prob);
            new.set_cost_of_typing(typing);
            let new_cost = new.cost_as_typed();
            if usize::from(*kept) < most {
                *kept += 1;
                *worst = new_cost.max(*worst);
                if let Some(place) = self.push(new).and_then(|at| classes.get_mut(at)) {
                    *place = class as u8 + 1;
                }
                continue;
            }
            self.overfull |= 1 << class;
            if new_cost < *worst {
                let of = class as u8 + 1;
                if let Some(last) = self.costliest(&classes, of) {
                    *last = new;
                }
                *worst = self.costliest(&classes, of).map_or(0, |last| last.cost_as_typed());
            }
        }
    }

    /// The branch of a class that costs most.
    #[inline(never)]
    fn costliest(&mut self, classes: &[u8; MAX_BRANCHES], class: u8) -> Option<&mut Branch<R::PathCost>> {
        let branches = self.branches.iter_mut().zip(classes).filter(|(_, of)| **of == class);
        branches.map(|(branch, _)| branch).max_by_key(|branch| branch.cost_as_typed())
    }

    /// What a text costs at least with a token after it; `None` if it does not agree with what was typed then, or does
    /// not go on with nothing but word bytes.
    pub(super) fn cost_after(&self, vocab: &Vocab<'_>, mut spelled: Spelled<R>, token: TokenId) -> Option<LogProb> {
        let typed = self.typed();
        let fits = vocab.iter(token).all(|byte| {
            let was_complete = spelled.is_complete(typed);
            spelled.push(typed, byte) && (!was_complete || R::WORDS.has_byte(byte))
        });
        (fits && spelled.may_end_token(typed)).then(|| spelled.min_cost(typed))
    }
}
