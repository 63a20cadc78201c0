//! Which of the words found are offered, in which order, and how they are written.

use super::candidates::{Candidate, Candidates, MAX_CANDIDATES};
use crate::suggest::log_prob::{Prob, ln};
use crate::suggest::matcher::{Rule, Typed};
use crate::suggest::options::SuggestOptions;
use crate::suggest::shown::Shown;
use crate::suggest::suggestion::Suggestion;
use crate::suggest::written::write_as_typed;
use crate::text::Text;

/// What decides how words are offered.
#[derive(Debug)]
pub(in crate::suggest) struct Offer<'o, 'b, R> {
    pub(in crate::suggest) typed: &'o Typed<R>,
    pub(in crate::suggest) starts_sentence: bool,
    pub(in crate::suggest) options: &'o SuggestOptions<'b>,
}

impl<R: Rule> Offer<'_, '_, R> {
    /// Puts the best words into `slots`; returns how many.
    pub(super) fn fill(&self, found: &Candidates, shown: &mut Shown, slots: &mut [Suggestion]) -> usize {
        let percentage = (found.half_of_all() / 100).max(1);
        let (mut n, mut first, mut best) = (0, 0, 0);
        let mut choice = Choice::new(found, slots.len());
        shown.forget_last();
        while let Some(slot) = slots.get_mut(n)
            && let Some((word, worth_alone)) = choice.next()
        {
            let percent = ((word.prob >> 1) / percentage).min(100) as u8;
            let Some(text) = self.write(word) else { continue };
            // What has been typed already helps nobody.
            let is_typed = *text == *self.typed.letters();
            let is_held_back = is_typed || shown.has_passed(word.hash) || self.options.blocks(&text);
            if is_held_back || percent < self.options.min_percent {
                continue;
            }
            *slot = Suggestion::new(&text, ln(word.prob), percent);
            if self.options.new_only {
                shown.add(word.hash);
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

    /// A word as it is offered; `None` if that is nothing, or too long.
    fn write(&self, word: &Candidate) -> Option<Text> {
        let mut listed = Text::new();
        let _ = word.word().iter().all(|&byte| listed.push(byte));
        word.capitals.write(&mut listed);
        let mut text = Text::new();
        let has_room = write_as_typed(&mut text, &mut listed, word.covered(), self.typed, self.starts_sentence);
        (has_room && !text.is_empty() && text.len() <= crate::text::MAX_WORD_BYTES).then_some(text)
    }
}

/// The words, that which helps most first.
struct Choice<'c> {
    found: &'c Candidates,
    n_shown: usize,
    /// Likelier words with the same next letter, of each word.
    n_rivals: [u8; MAX_CANDIDATES],
    /// A bit for each word that was chosen.
    is_taken: u16,
}

impl<'c> Choice<'c> {
    fn new(found: &'c Candidates, n_shown: usize) -> Self {
        let mut n_rivals = [0; MAX_CANDIDATES];
        for (n, word) in n_rivals.iter_mut().zip(found.iter()) {
            *n = found.n_rivals(word) as u8;
        }
        Self { found, n_shown, n_rivals, is_taken: 0 }
    }

    /// The word that helps most of those that are left, and how much it helps as the only word shown.
    ///
    /// Showing it among others helps as much as it is probable, and twice that if it would not be shown after the next
    /// letter either, for as many likelier words with that letter.
    fn next(&mut self) -> Option<(&'c Candidate, Prob)> {
        let worth = |word: &Candidate, n_rivals: u8, n_shown| word.prob >> u32::from(usize::from(n_rivals) < n_shown);
        let words = self.found.iter().zip(self.n_rivals).enumerate();
        let (at, (word, n_rivals)) = words.max_by_key(|(at, (word, n_rivals))| match self.is_taken >> at & 1 {
            0 => worth(word, *n_rivals, self.n_shown),
            _ => 0,
        })?;
        let is_left = self.is_taken >> at & 1 == 0;
        self.is_taken |= 1 << at;
        (is_left && word.prob > 0).then_some((word, worth(word, n_rivals, 1)))
    }
}
