//! What is offered of the words found: how they are written, and which of them are held back.

use super::candidates::{Candidates, Found, UserMix};
use super::log_prob::ln;
use super::word::write_as_typed;
use super::{Suggester, Suggestion, UserDictionary};
use crate::format::ngrams::word_hash;
use crate::lexicon::listed;
use crate::part::{head, tail};
use crate::text::is_same_word;

/// Words remembered as passed over for the word being typed.
const MAX_SEEN: usize = 24;

/// What a product may choose.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Options<'b> {
    blocked: &'b [&'b str],
    least_percent: u8,
    is_new_only: bool,
}

impl Options<'_> {
    /// Whether a word is never to be offered.
    pub(super) fn blocks(&self, word: &[u8]) -> bool {
        self.blocked.iter().any(|blocked| is_same_word(blocked.as_bytes(), word))
    }
}

/// Halves of the hashes of words that were shown: first those passed over, as typing went on, then those shown last.
#[derive(Debug, Default)]
pub(super) struct Seen {
    words: heapless::Vec<u16, MAX_SEEN, u8>,
    n_passed: u8,
}

impl Seen {
    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.n_passed = 0;
    }

    /// The word goes on; the words shown were not wanted if letters were added.
    pub(super) fn pass_over(&mut self, are_letters_added: bool) {
        if are_letters_added {
            self.n_passed = self.words.len() as u8;
        }
    }

    /// Whether a word was passed over.
    #[allow(clippy::manual_contains)] // smaller than the library's way to look for a number
    fn has(&self, word: u32) -> bool {
        head(&self.words, self.n_passed.into()).iter().any(|&other| other == word as u16)
    }
}

impl<'b> Suggester<'b> {
    /// Words that are never offered, in whatever letter case.
    #[must_use]
    pub const fn with_blocked(mut self, words: &'b [&'b str]) -> Self {
        self.options.blocked = words;
        self
    }

    /// Offers only words that are at least so probable, 0 to 100: a bad suggestion is worse than none.
    #[must_use]
    pub const fn with_least_percent(mut self, percent: u8) -> Self {
        self.options.least_percent = percent;
        self
    }

    /// Does not offer a word again that was offered for the same word when it had fewer letters: whoever typed on did
    /// not want it.
    #[must_use]
    pub const fn with_new_only(mut self) -> Self {
        self.options.is_new_only = true;
        self
    }

    /// Mixes in what this person types.
    #[must_use]
    pub fn with_personal(mut self, personal: UserDictionary<'b>) -> Self {
        self.personal = Some((personal, UserMix::new()));
        self
    }

    /// What has been learned, to be saved or forgotten.
    pub fn personal(&mut self) -> Option<&mut UserDictionary<'b>> {
        self.personal.as_mut().map(|(personal, _)| personal)
    }

    /// Learns from a text that is finished, such as a message that was sent; nothing without
    /// [`with_personal`](Self::with_personal).
    pub fn learn(&mut self, text: &str) {
        let model = self.session.model();
        let Some((personal, _)) = self.personal.as_mut() else { return };
        personal.learn(text, |word| listed(model.vocab_ref(), model.words_ref(), word.as_bytes()).is_some());
    }

    /// Puts the best of the words found into `slots`; returns how many.
    pub(super) fn offer(&mut self, found: &mut Candidates, slots: &mut [Suggestion]) -> usize {
        let percentage = (found.half_of_all() / 100).max(1);
        let spaces = usize::from(self.tree.typed.first() == Some(&b' '));
        let letters = tail(&self.tree.typed, spaces);
        found.count_rivals(self.tree.typed.len());
        let (mut n, mut first, mut best) = (0, 0, 0);
        let n_shown = slots.len();
        self.seen.words.truncate(self.seen.n_passed.into());
        while let Some(slot) = slots.get_mut(n)
            && let Some(Found { text, capitals, prob, worth_alone }) = found.take_best(n_shown)
        {
            let percent = ((prob >> 1) / percentage).min(100) as u8;
            *slot = Suggestion::new(tail(text, spaces), ln(prob), percent);
            let offered = slot.bytes_mut();
            capitals.write(offered);
            write_as_typed(offered, letters, self.starts_sentence);
            let mark = word_hash(offered);
            // What has been typed already helps nobody.
            let is_typed = offered == letters;
            let is_old = self.options.is_new_only && self.seen.has(mark);
            let is_held_back = is_typed || is_old || self.options.blocks(offered);
            if is_held_back || percent < self.options.least_percent || offered.is_empty() {
                continue;
            }
            if self.options.is_new_only {
                let _ = self.seen.words.push(mark as u16);
            }
            if worth_alone > best {
                (first, best) = (n, worth_alone);
            }
            n += 1;
        }
        while first > 0 {
            slots.swap(first, first - 1);
            first -= 1;
        }
        n
    }
}
