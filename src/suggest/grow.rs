//! How the tree grows: first tokens after the context, and the tokens that go on with a path.

use super::log_prob::{LogProb, NAT, exp, ln, log_probs};
use super::spell::spell;
use super::tree::{Branch, CONTEXT, Cost, Tree, cost};
use super::word::{could_fit, is_word_byte};
use crate::lexicon::WordList;
use crate::part::tail;
use crate::text::Text;
use crate::text::{Fit, may_fit, without_case};
use crate::{Logits, TokenId, Vocab};

/// First tokens kept before any letter is typed, for each of 32 classes of first letters.
const FIRST_OF_CLASS: usize = 4;
const N_CLASS: usize = 32;
/// First tokens kept once letters are typed.
const FIRST_OF_TYPED: usize = 24;
/// Tokens kept after a path.
const MAX_NEXT: usize = 12;
/// A token this much less likely than its path is not kept.
const MIN_NEXT: LogProb = 12 * NAT;

impl Tree {
    /// Begins a tree for the typed letters with the logits after the context, or chooses other first tokens for it.
    pub(super) fn plant(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, logits: Logits<'_>) {
        self.remove(|_, branch| branch.parent == CONTEXT && branch.is_open());
        self.n_typed = self.typed.len() as u8;
        self.choose_first(vocab, logits);
        self.refresh(vocab, words, false);
    }

    /// Keeps the likeliest first tokens: of every first letter before any is typed.
    fn choose_first(&mut self, vocab: &Vocab<'_>, logits: Logits<'_>) {
        let n_typed = self.typed.len();
        let is_open = self.typed.iter().all(|&byte| byte == b' ');
        let most = if is_open { FIRST_OF_CLASS } else { FIRST_OF_TYPED };
        // Of each class how many are kept, and the cost of the worst of them.
        let mut kept = [(0u8, 0 as Cost); N_CLASS];
        self.overfull = 0;
        for (token, log_prob) in log_probs(logits) {
            // Nearly every token fails here, before all its bytes are looked at.
            let start = vocab.first_two_bytes(token);
            let letter = start.get(n_typed).copied().unwrap_or_default();
            let class = if is_open { letter_class(letter) } else { 0 };
            let Some((kept, worst)) = kept.get_mut(class) else { continue };
            let is_full = usize::from(*kept) >= most && self.overfull >> class & 1 == 1;
            let is_beaten = is_full && cost(log_prob) >= *worst;
            if is_beaten || !could_fit(start, &self.typed) || !self.can_follow(vocab, &Text::new(), token) {
                continue;
            }
            // It was taken already.
            if self.first_tokens().any(|first| first == token) {
                continue;
            }
            // The class is kept where the urgency will be.
            let mut new = Branch::new(CONTEXT, token, log_prob);
            new.end = class as Cost;
            if usize::from(*kept) < most {
                *kept += 1;
                *worst = new.cost.max(*worst);
                self.push(new);
                continue;
            }
            self.overfull |= 1 << class;
            if new.cost < *worst {
                let same = |b: &&mut Branch| b.parent == CONTEXT && b.is_open() && b.end == new.end;
                if let Some(last) = self.branches.iter_mut().filter(same).max_by_key(|b| b.cost) {
                    *last = new;
                }
                *worst = self.branches.iter_mut().filter(same).map(|b| b.cost).max().unwrap_or_default();
            }
        }
    }

    /// Takes a branch whose logits are known now.
    #[inline(never)] // its frame would be there while a token is taken
    pub(super) fn grow(&mut self, vocab: &Vocab<'_>, words: &WordList<'_>, at: usize, logits: Logits<'_>) {
        let (next, end) = self.read_next(vocab, at, logits);
        let Some(branch) = self.branches.get_mut(at) else { return };
        let log_prob = branch.log_prob();
        branch.set_seen(self.typed.len());
        branch.end = cost(log_prob + end);
        for &(more, token) in &next {
            if let Some(place) = self.push(Branch::new(at as u8, token, log_prob + more)) {
                self.refresh_fit(vocab, place, false);
                self.refresh_urgency(vocab, words, place);
            }
        }
    }

    /// The likeliest tokens after a path that go on with the word, and the probability of its end.
    fn read_next(&self, vocab: &Vocab<'_>, at: usize, logits: Logits<'_>) -> (Next, LogProb) {
        let path = self.path(at);
        let mut text = Text::new();
        spell(vocab, &mut text, &path, &[]);
        let is_longest = path.len() >= usize::from(self.longest);
        let letter = self.typed.get(text.len());
        let mut next = Next::new();
        let mut end = 0;
        for (token, log_prob) in log_probs(logits) {
            let first = vocab.first_byte(token);
            if let Some(letter) = letter {
                if !first.is_some_and(|first| may_fit(first, *letter)) {
                    continue;
                }
            } else {
                let goes_on = match first {
                    Some(b'\'') => {
                        vocab.iter(token).nth(1).is_none_or(|next| next.is_ascii_alphabetic() || next >= 0x80)
                    }
                    Some(first) => is_word_byte(first),
                    None => false,
                };
                if !goes_on {
                    end += exp(log_prob);
                    continue;
                }
            }
            let is_beaten = next.is_full() && next.last().is_some_and(|&(last, _)| last >= log_prob);
            if is_beaten || is_longest || log_prob < -MIN_NEXT {
                continue;
            }
            if self.can_follow(vocab, &text, token) {
                insert(&mut next, (log_prob, token));
            }
        }
        (next, ln(end))
    }

    /// Whether a token after a text agrees with the letters and goes on with nothing but word bytes.
    fn can_follow(&self, vocab: &Vocab<'_>, text: &Text, token: TokenId) -> bool {
        let mut whole = *text;
        let fit = spell(vocab, &mut whole, &[token], &self.typed);
        let rest = tail(&whole, text.len().max(self.typed.len()));
        fit != Fit::No && rest.iter().all(|&byte| is_word_byte(byte))
    }
}

/// Puts a token where it belongs; if there is no room the last one has to go.
fn insert(next: &mut Next, new: (LogProb, TokenId)) {
    if next.is_full() {
        next.pop();
    }
    let _ = next.push(new);
    let mut at = next.len() - 1;
    while let Some([before, this]) = next.get_mut(at.wrapping_sub(1)..=at)
        && before.0 < this.0
    {
        core::mem::swap(before, this);
        at -= 1;
    }
}

/// Likeliest tokens, best first.
type Next = heapless::Vec<(LogProb, TokenId), MAX_NEXT, u8>;

/// The same for both cases of a letter.
pub(super) fn letter_class(byte: u8) -> usize {
    usize::from(without_case(byte)) % N_CLASS
}
