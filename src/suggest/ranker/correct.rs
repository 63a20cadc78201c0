//! Which word was meant where another one was typed, and how sure that is.

use super::candidates::Candidates;
use super::offer::Offer;
use super::two_words::are_words;
use super::typed_word::{may_be_missed, prob_of_typed};
use crate::suggest::log_prob::{exp, ln, scale};
use crate::suggest::matcher::Rule;
use crate::suggest::suggestion::Suggestion;
use crate::text::is_same_word;

impl<R: Rule> Offer<'_, '_, R> {
    /// The word that was meant by a whole one that was typed, if it is another one. Its percentage says how sure that
    /// is: what was typed may be a word that nothing is known of.
    pub(super) fn correction(&self, found: &Candidates) -> Option<Suggestion> {
        let letters = self.typed().letters();
        let stands_for_itself = !self.typed().has_costs() || self.typed().has_slips();
        if stands_for_itself && !may_be_missed(letters) {
            return None;
        }
        let itself = if stands_for_itself { prob_of_typed(letters, self.style) >> 1 } else { 0 };
        let (mut half_of_all, mut best, mut best_prob) = (itself, None, 0);
        for word in found.words() {
            let Some(end) = self.typed().cost_of_end(&word.text) else { continue };
            // Keys for several letters spell another word, too. Nothing is put in the place of a blocked one elsewhere.
            if !stands_for_itself && self.blocks(self.typed().word_of(&word.text)) {
                continue;
            }
            let prob = scale(word.prob, exp(-end));
            half_of_all += prob >> 1;
            if prob > best_prob {
                (best, best_prob) = (Some(word), prob);
            }
        }
        let text = self.write(best?);
        let percent = (best_prob >> 1) / (half_of_all / 100).max(1);
        let is_other = !is_same_word(&text, letters) && are_words::<R>(&text) && !self.blocks(&text);
        let kind = [stands_for_itself, self.takes_space(&text)];
        is_other.then(|| Suggestion::new(text, ln(best_prob), percent.min(100) as u8, kind))
    }
}
