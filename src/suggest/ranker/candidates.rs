//! The likeliest words that were found, each with the sum of what speaks for it.

use crate::format::words::Capitals;
use crate::suggest::log_prob::{LogProb, NEVER, Prob, exp, ln, scale};
use crate::suggest::matcher::{Rule, Spelled, Typed};
use crate::text::{Text, is_same_word};

/// Most words that are kept.
const MAX_CANDIDATES: usize = 16;

/// A word with its space, in the likeliest of its spellings in upper and lower case.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Candidate {
    /// Probability of all spellings; 0 for a place where no word is.
    pub(super) prob: Prob,
    /// Probability of this spelling.
    best: Prob,
    /// Hash of the word in any case, without its space.
    pub(super) hash: u32,
    pub(super) text: Text,
    /// Bytes of the text that stand for what was typed.
    pub(super) covered: u8,
    /// Capitals, as the list writes the word.
    pub(super) capitals: Capitals,
    /// Whether what depends on the last words has been added.
    is_mixed: bool,
    /// Whether it was found in this ranking, not in the last one.
    is_new: bool,
    /// Place in the order in which words of one ranking were found.
    order: u8,
}

impl Candidate {
    const NONE: Self = Self {
        prob: 0,
        best: 0,
        hash: 0,
        text: Text::new(),
        covered: 0,
        capitals: Capitals::None,
        is_mixed: false,
        is_new: false,
        order: 0,
    };

    /// The letter after the typed ones, for a word that goes on after it.
    fn next_letter(&self) -> Option<u8> {
        let at = usize::from(self.covered);
        self.text.get(at).filter(|_| self.text.len() > at + 1).map(u8::to_ascii_lowercase)
    }
}

/// The likeliest words of a ranking, and of those of the last one what has not made room for them yet.
#[derive(Debug)]
pub(super) struct Candidates {
    /// Logarithm of the probability of the least likely one, if there is no room for more.
    min_log_prob: LogProb,
    n_new: u8,
    list: [Candidate; MAX_CANDIDATES],
}

impl Candidates {
    pub(super) const fn new() -> Self {
        Self { list: [Candidate::NONE; MAX_CANDIDATES], n_new: 0, min_log_prob: NEVER }
    }

    /// Begins a ranking. The words that are there stay until others take their places.
    pub(super) fn start(&mut self) {
        (self.n_new, self.min_log_prob) = (0, NEVER);
        self.list.iter_mut().for_each(|word| word.is_new = false);
    }

    /// Ends a ranking: what was not found again goes.
    pub(super) fn finish(&mut self) {
        self.retain(|word| word.is_new);
    }

    /// Drops words.
    pub(super) fn retain(&mut self, is_kept: impl Fn(&mut Candidate) -> bool) {
        for word in &mut self.list {
            if !is_kept(word) {
                word.prob = 0;
            }
        }
    }

    /// Logarithm of a probability below which a word has no chance.
    pub(super) fn min_log_prob(&self) -> LogProb {
        self.min_log_prob
    }

    /// All places, those without a word, too.
    pub(super) fn all(&self) -> &[Candidate] {
        &self.list
    }

    /// The words.
    pub(super) fn words(&self) -> impl Iterator<Item = &Candidate> {
        self.list.iter().filter(|word| word.prob > 0)
    }

    /// The word of a hash that was found in this ranking.
    pub(super) fn text_of(&self, hash: u32) -> Option<Text> {
        self.list.iter().find(|word| word.is_new && word.prob > 0 && word.hash == hash).map(|word| word.text)
    }

    /// Half of the probability of all of them.
    pub(super) fn half_of_all(&self) -> Prob {
        self.list.iter().fold(0, |sum, word| sum.saturating_add(word.prob >> 1))
    }

    /// The word that helps most of those that have no bit in `taken`, which it gets now.
    ///
    /// Showing it among others helps as much as it is probable, and twice that if it would not be shown after the next
    /// letter either, for as many likelier words with that letter.
    pub(super) fn take_best(&self, taken: &mut u32, n_shown: usize) -> Option<&Candidate> {
        let (at, word) = self.list.iter().enumerate().max_by_key(|(at, word)| {
            let worth = if *taken >> at & 1 == 0 { self.worth(word, n_shown) } else { 0 };
            u64::from(worth) << 9 | u64::from(word.is_new) << 8 | u64::from(word.order)
        })?;
        let is_left = *taken >> at & 1 == 0;
        *taken |= 1 << at;
        (is_left && word.prob > 0).then_some(word)
    }

    /// How much it helps to show a word among `n_shown`.
    #[inline(never)]
    pub(super) fn worth(&self, word: &Candidate, n_shown: usize) -> Prob {
        let letter = word.next_letter();
        let is_rival = |other: &&Candidate| other.prob > word.prob && other.next_letter() == letter;
        let n_rivals = self.list.iter().filter(is_rival).count();
        word.prob >> u32::from(letter.is_none() || n_rivals < n_shown)
    }

    /// Adds to the probability of a word of some hash. What depends on the last words, `mixed`, counts once.
    #[inline(never)]
    pub(super) fn add<R: Rule>(
        &mut self,
        typed: &Typed<R>,
        (spelled, hash, capitals): (&Spelled<R>, u32, Capitals),
        log_prob: LogProb,
        mixed: Option<Prob>,
    ) {
        if typed.has_list() && typed.spelling(typed.word_of(spelled.text())).is_none() {
            return;
        }
        let prob = exp(log_prob - spelled.cost(typed));
        let mut more = mixed.unwrap_or_default();
        if typed.has_costs() {
            more = scale(more, exp(-spelled.min_cost(typed)));
        }
        if prob | more == 0 {
            return;
        }
        let at = self.place(spelled.text(), hash, prob.saturating_add(more));
        let Some(word) = at.and_then(|at| self.list.get_mut(at)) else { return };
        if mixed.is_some() && !word.is_mixed {
            word.is_mixed = true;
            word.prob = word.prob.saturating_add(more);
        }
        word.prob = word.prob.saturating_add(prob);
        if prob > word.best {
            (word.text, word.covered, word.best) = (*spelled.text(), spelled.covered() as u8, prob);
        }
        if capitals != Capitals::None {
            word.capitals = capitals;
        }
        if usize::from(self.n_new) == MAX_CANDIDATES {
            self.min_log_prob = self.list.iter().map(|word| word.prob).min().map_or(NEVER, ln);
        }
    }

    /// Where a word of some probability is kept; where there is no room it takes the place of one that is less likely.
    // A place, not a reference: else the compiler fears that texts overlap when one is copied, and takes 1.5 KB for
    // that.
    #[inline(never)]
    fn place(&mut self, text: &Text, hash: u32, prob: Prob) -> Option<usize> {
        let same = self.list.iter().position(|word| word.hash == hash && is_same_word(&word.text, text));
        let at = match same {
            Some(at) => at,
            None => {
                self.list
                    .iter()
                    .enumerate()
                    .min_by_key(|(_, word)| {
                        u64::from(word.is_new) << 40 | u64::from(word.prob) << 8 | u64::from(word.order)
                    })?
                    .0
            }
        };
        let word = self.list.get_mut(at)?;
        if word.is_new {
            if same.is_some() {
                return same;
            }
            if word.prob >= prob {
                return None;
            }
        } else {
            word.order = self.n_new;
            self.n_new += 1;
        }
        *word = Candidate { hash, text: *text, is_new: true, order: word.order, ..Candidate::NONE };
        Some(at)
    }
}
