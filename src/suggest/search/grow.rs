//! The tokens that go on with a path, once the logits after it are known.

use super::branch::Branch;
use super::tree::Tree;
use crate::lexicon::WordList;
use crate::part::head;
use crate::suggest::log_prob::{LogProb, NAT, exp, ln, log_probs};
use crate::suggest::matcher::{PathCost, Rule};
use crate::text::{WordRule, decode, is_letter};
use crate::{Logits, TokenId, Vocab};

/// Tokens kept after a path.
const MAX_NEXT: usize = 12;
/// A token this much less likely than its path is not kept.
const MIN_NEXT: LogProb = 12 * NAT;

/// A token after a path, with its log-probability there.
#[derive(Clone, Copy, Debug)]
struct NextToken<C> {
    log_prob: LogProb,
    token: TokenId,
    /// What the text costs at least with it.
    typing: C,
}

impl<C: PathCost> NextToken<C> {
    fn as_typed(&self) -> LogProb {
        self.log_prob - self.typing.log_prob()
    }
}

/// Likeliest tokens, best first.
type Next<C> = heapless::Vec<NextToken<C>, MAX_NEXT, u8>;

impl<R: Rule> Tree<R> {
    /// Takes a branch whose logits are known now.
    #[inline(never)] // its frame would be there while a token is taken
    pub(in crate::suggest) fn grow(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, at: usize, logits: Logits<'_>) {
        let (next, end, n_keys) = self.read_next(vocab, at, logits);
        let Some(branch) = self.branches.get_mut(at) else { return };
        let log_prob = branch.log_prob();
        branch.set_seen(n_keys, log_prob + end);
        for &NextToken { token, log_prob: more, .. } in &next {
            if let Some(place) = self.push(Branch::new(at as u8, token, log_prob + more)) {
                self.refresh_fit(vocab, place, false);
                self.refresh_urgency(vocab, words, place);
            }
        }
    }

    /// The likeliest tokens after a path that go on with the word, the probability of its end, and the number of keys
    /// that decided what may follow.
    fn read_next(&self, vocab: &Vocab<'_>, at: usize, logits: Logits<'_>) -> (Next<R::PathCost>, LogProb, usize) {
        let (path, spelled) = self.spelled(vocab, at);
        let is_longest = path.len() >= self.max_path();
        let is_complete = spelled.is_complete(self.typed());
        let mut next = Next::new();
        let mut end = 0;
        for (token, log_prob) in log_probs(logits) {
            let first = vocab.first_byte(token);
            if is_complete {
                if !goes_on(R::WORDS, vocab, token, first) {
                    end += exp(log_prob);
                    continue;
                }
            } else if !first.is_some_and(|first| spelled.may_take(self.typed(), first)) {
                continue;
            }
            let is_beaten = next.is_full() && next.last().is_some_and(|last| last.as_typed() >= log_prob);
            if is_beaten || is_longest || log_prob < -MIN_NEXT {
                continue;
            }
            if let Some(typing) = self.cost_after(vocab, spelled, token) {
                insert(&mut next, NextToken { token, log_prob, typing: R::PathCost::of(typing) });
            }
        }
        (next, ln(end), if is_complete { 0 } else { self.typed().n_keys() })
    }
}

/// Whether a word goes on with a token, whose first byte is known.
#[inline(always)]
fn goes_on(words: WordRule, vocab: &Vocab<'_>, token: TokenId, first: Option<u8>) -> bool {
    match first {
        Some(b'\'') if words == WordRule::Letters => {
            vocab.iter(token).nth(1).is_none_or(|next| next.is_ascii_alphabetic() || next >= 0x80)
        }
        Some(first) if words == WordRule::Pieces && first >= 0x80 => begins_letter(vocab, token),
        Some(first) => words.has_byte(first),
        None => false,
    }
}

/// Whether a token begins with a letter, or with a part of some character.
fn begins_letter(vocab: &Vocab<'_>, token: TokenId) -> bool {
    let mut start = [0; 4];
    let mut n = 0;
    for (slot, byte) in start.iter_mut().zip(vocab.iter(token)) {
        (*slot, n) = (byte, n + 1);
    }
    decode(head(&start, n)).0.is_none_or(is_letter)
}

/// Puts a token where it belongs; if there is no room the last one has to go.
fn insert<C: PathCost>(next: &mut Next<C>, new: NextToken<C>) {
    if next.is_full() {
        if C::IS_KEPT && next.last().is_some_and(|last| last.as_typed() >= new.as_typed()) {
            return;
        }
        next.pop();
    }
    let _ = next.push(new);
    let mut at = next.len() - 1;
    while let Some([before, this]) = next.get_mut(at.wrapping_sub(1)..=at)
        && before.as_typed() < this.as_typed()
    {
        core::mem::swap(before, this);
        at -= 1;
    }
}
