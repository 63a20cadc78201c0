//! Which of the words found are offered, in which order, and how they are written.

use super::candidates::{Candidate, Candidates};
use super::pieces::are_pieces;
use super::two_words::{are_words, two_words};
use super::typed_word::prob_of_typed;
use crate::format::ngrams::word_hash;
use crate::lexicon::Blocked;
use crate::part::tail;
use crate::suggest::after::After;
use crate::suggest::log_prob::ln;
use crate::suggest::matcher::{Rule, Typed};
use crate::suggest::options::SuggestOptions;
use crate::suggest::search::Tree;
use crate::suggest::shown::Shown;
use crate::suggest::suggestion::Suggestion;
use crate::suggest::written::{Style, write_as_typed};
use crate::text::Text;

/// No word is so sure that no other one could be meant.
const MAX_PERCENT: u32 = 99;

/// What decides how words are offered.
#[derive(Debug)]
pub(in crate::suggest) struct Offer<'o, 'b, R: Rule> {
    pub(in crate::suggest) tree: &'o Tree<R>,
    pub(in crate::suggest) style: Style,
    pub(in crate::suggest) options: &'o SuggestOptions<'b>,
    /// The words that the model lists as blocked.
    pub(in crate::suggest) blocked: &'o Blocked<'o>,
    /// What stands behind the caret.
    pub(in crate::suggest) after: &'o After,
    /// Hashes of the two words before, the last one first.
    pub(in crate::suggest) last_words: &'o [u32; 2],
}

impl<'o, R: Rule> Offer<'o, '_, R> {
    /// What was typed.
    pub(super) fn typed(&self) -> &'o Typed<R> {
        self.tree.typed()
    }

    /// Puts the best words into `slots`; returns how many.
    pub(super) fn fill(&self, found: &Candidates, shown: &mut Shown, slots: &mut [Suggestion]) -> usize {
        // If what was typed may have been missed, it may also be a word that nobody knows.
        let itself = if self.typed().has_slips() { prob_of_typed(self.typed().letters(), self.style) >> 1 } else { 0 };
        let half_of_all = if are_pieces::<R>() { self.tree.half_of_all() } else { found.half_of_all() };
        let percentage = (half_of_all.saturating_add(itself) / 100).max(1);
        let (mut n, mut first, mut best, mut taken, mut left) = (0, 0, 0, 0, 100);
        let n_shown = slots.len();
        shown.forget_last();
        let take_best = |taken: &mut u32| {
            if are_pieces::<R>() { found.take_best_piece(taken) } else { found.take_best(taken, n_shown) }
        };
        while let Some(slot) = slots.get_mut(n)
            && let Some(word) = take_best(&mut taken)
        {
            // What was typed but for apostrophes or accents may be meant however rare it is.
            let covered = usize::from(word.covered);
            let is_variant = covered == word.text.len() && covered > self.typed().n_keys();
            // Rounded to the nearest, as far as all of them together stay within 100.
            let percent = ((word.prob / percentage + 1) >> 1).clamp(is_variant.into(), MAX_PERCENT).min(left) as u8;
            let text = self.write(word);
            // What has been typed already helps nobody.
            let is_typed = *text == *self.typed().letters();
            // A number that was begun could go on with any digit.
            let is_guess = text.iter().all(u8::is_ascii_digit) && !self.typed().letters().is_empty();
            let is_there = is_typed || self.after.begins_with(word.hash);
            let is_held_back = is_there || is_guess || shown.has_passed(word.hash) || self.blocks(&text);
            if is_held_back || percent < self.options.min_percent.max(1) || !are_words::<R>(&text) {
                continue;
            }
            let corrects = self.typed().has_slips() && !self.typed().begins(&word.text);
            *slot = Suggestion::new(text, ln(word.prob), percent, [corrects, self.takes_space(&text)]);
            if self.options.new_only {
                shown.add(word.hash);
            }
            let worth_alone = if are_pieces::<R>() { word.worth_as_piece() } else { found.worth(word, 1) };
            if worth_alone > best {
                (first, best) = (n, worth_alone);
            }
            n += 1;
            // Of pieces one may go on from another.
            left -= if are_pieces::<R>() { 0 } else { u32::from(percent) };
        }
        for at in (0..first).rev() {
            // Unlike `swap` without a check that could panic, however many slots there are.
            if let Some([before, after]) = slots.get_mut(at..at + 2) {
                core::mem::swap(before, after);
            }
        }
        n
    }

    /// Whether a word is not to be offered here.
    pub(super) fn blocks(&self, word: &[u8]) -> bool {
        let blocks = |word, last_words| self.options.blocks(word, last_words, self.blocked);
        let Some((first, second)) = two_words::<R>(word) else { return blocks(word, self.last_words) };
        blocks(first, self.last_words) || blocks(second, &[word_hash(first), self.last_words[0]])
    }

    /// Whether a space belongs behind a word: not behind a directory or the name of a setting.
    pub(super) fn takes_space(&self, word: &[u8]) -> bool {
        !are_pieces::<R>() && self.after.takes_space() && !matches!(word.last(), Some(b'/' | b'='))
    }

    /// A word as it is offered; nothing if it is too long.
    pub(super) fn write(&self, word: &Candidate) -> Text {
        if are_pieces::<R>() {
            let mut piece = Text::new();
            tail(&word.text, word.covered.into()).iter().for_each(|&byte| _ = piece.push(byte));
            return piece;
        }
        let listed = self.typed().word_of(&word.text);
        let n_space = word.text.len() - listed.len();
        let listed = self.typed().spelling(listed).unwrap_or(listed);
        let covered = usize::from(word.covered).saturating_sub(n_space);
        write_as_typed((listed, word.capitals), covered, self.typed(), self.style)
    }
}
