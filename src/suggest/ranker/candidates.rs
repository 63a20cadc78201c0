//! The likeliest words that were found, each with the sum of what speaks for it.

use super::mix::Mix;
use crate::format::ngrams::word_hash;
use crate::format::words::Capitals;
use crate::suggest::log_prob::{LogProb, NEVER, Prob, exp, ln};
use crate::suggest::matcher::{Rule, Spelled, Typed};
use crate::text::{Text, is_same_word};

/// Most words that are kept.
pub(super) const MAX_CANDIDATES: usize = 16;

/// A word with its space, in the likeliest of its spellings in upper and lower case.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Candidate {
    /// Of all spellings.
    pub(super) prob: Prob,
    /// Of this one.
    best: Prob,
    /// Of the word in any case, without its space.
    pub(super) hash: u32,
    text: Text,
    /// Bytes of the text that stand for what was typed.
    covered: u8,
    /// Whether what depends on the last words has been added.
    is_mixed: bool,
    /// As the list writes it.
    pub(super) capitals: Capitals,
}

impl Candidate {
    /// The word without the space before it.
    pub(super) fn word(&self) -> &[u8] {
        self.text.strip_prefix(b" ").unwrap_or(&self.text)
    }

    /// Bytes of the word that stand for what was typed of it.
    pub(super) fn covered(&self) -> usize {
        usize::from(self.covered).saturating_sub(self.text.len() - self.word().len())
    }

    /// The letter after the typed ones, for a word that goes on after it.
    fn next_letter(&self) -> Option<u8> {
        let at = usize::from(self.covered);
        self.text.get(at).filter(|_| self.text.len() > at + 1).map(u8::to_ascii_lowercase)
    }
}

/// The likeliest words of a ranking, then those of the last one that were not ranked again yet.
#[derive(Debug)]
pub(super) struct Candidates {
    /// Logarithm of the probability of the least likely one, if there is no room for more.
    min_log_prob: LogProb,
    /// Words of this ranking.
    n_new: u8,
    list: heapless::Vec<Candidate, MAX_CANDIDATES, u8>,
}

impl Candidates {
    pub(super) const fn new() -> Self {
        Self { list: heapless::Vec::new(), n_new: 0, min_log_prob: NEVER }
    }

    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.start();
    }

    /// Begins a ranking. The words that are there stay until others take their places.
    pub(super) fn start(&mut self) {
        (self.n_new, self.min_log_prob) = (0, NEVER);
    }

    /// Ends a ranking: what was not ranked again goes.
    pub(super) fn finish(&mut self) {
        self.list.truncate(self.n_new.into());
    }

    /// Drops words that do not fit what has been typed by now.
    pub(super) fn keep_fitting<R: Rule>(&mut self, typed: &Typed<R>) {
        self.list.retain_mut(|word| {
            let mut spelled = Spelled::new();
            let fits = word.text.iter().all(|&byte| spelled.push(typed, byte)) && spelled.is_complete(typed);
            word.covered = spelled.covered() as u8;
            fits
        });
        self.start();
    }

    /// Logarithm of a probability below which a word has no chance.
    pub(super) fn min_log_prob(&self) -> LogProb {
        self.min_log_prob
    }

    pub(super) fn iter(&self) -> core::slice::Iter<'_, Candidate> {
        self.list.iter()
    }

    /// Half of the probability of all of them.
    pub(super) fn half_of_all(&self) -> Prob {
        self.list.iter().fold(0, |sum, word| sum.saturating_add(word.prob >> 1))
    }

    /// Likelier words that go on with the same letter as a word.
    #[inline(never)]
    pub(super) fn n_rivals(&self, word: &Candidate) -> usize {
        let Some(letter) = word.next_letter() else { return 0 };
        self.list.iter().filter(|other| other.prob > word.prob && other.next_letter() == Some(letter)).count()
    }

    /// Adds to the probability of a word. What depends on the last words counts once, where `mixed` says so.
    #[inline(never)]
    pub(super) fn add<R: Rule>(
        &mut self,
        typed: &Typed<R>,
        (spelled, capitals): (&Spelled<R>, Capitals),
        log_prob: LogProb,
        mixed: Option<&Mix<'_, '_>>,
    ) {
        let hash = word_hash(spelled.word());
        let prob = exp(log_prob - spelled.cost(typed));
        let more = mixed.map_or(0, |mix| mix.after_last_words(hash));
        if prob | more == 0 {
            return;
        }
        let Some(word) = self.place(spelled.text(), hash, prob.saturating_add(more)) else { return };
        if mixed.is_some() && !word.is_mixed {
            word.is_mixed = true;
            word.prob = word.prob.saturating_add(more);
        }
        word.prob = word.prob.saturating_add(prob);
        if prob > word.best || word.text.is_empty() {
            (word.text, word.best, word.covered) = (*spelled.text(), prob, spelled.covered() as u8);
        }
        if capitals != Capitals::None {
            word.capitals = capitals;
        }
        if usize::from(self.n_new) == MAX_CANDIDATES {
            self.min_log_prob = self.list.iter().map(|word| word.prob).min().map_or(NEVER, ln);
        }
    }

    /// Where a word of some probability is kept; where there is no room it takes the place of one that is less likely.
    fn place(&mut self, text: &[u8], hash: u32, prob: Prob) -> Option<&mut Candidate> {
        let n_new = usize::from(self.n_new);
        let same = self.list.iter().position(|word| word.hash == hash && is_same_word(&word.text, text));
        let empty = Candidate {
            prob: 0,
            best: 0,
            hash,
            text: Text::new(),
            covered: 0,
            is_mixed: false,
            capitals: Capitals::None,
        };
        let at = match same {
            Some(at) if at < n_new => at,
            _ if n_new == MAX_CANDIDATES => {
                let (at, worst) = self.list.iter_mut().enumerate().min_by_key(|(_, word)| word.prob)?;
                if worst.prob >= prob {
                    return None;
                }
                *worst = empty;
                at
            }
            _ => {
                if let Some(at) = same {
                    self.list.swap_remove(at);
                }
                match self.list.get_mut(n_new) {
                    Some(place) => {
                        let old = core::mem::replace(place, empty);
                        // Of the old ones one has to go, if there is no more room.
                        let _ = self.list.push(old);
                    }
                    None => _ = self.list.push(empty),
                }
                self.n_new += 1;
                n_new
            }
        };
        self.list.get_mut(at)
    }
}
