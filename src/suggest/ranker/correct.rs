//! Which word was meant where none was typed, and how sure that is.

use super::Ranker;
use super::offer::Offer;
use crate::part::head;
use crate::suggest::log_prob::{LogProb, NAT, Prob, exp, ln, scale};
use crate::suggest::matcher::Rule;
use crate::suggest::suggestion::Suggestion;
use crate::suggest::written::Style;
use crate::text::{count_cases, is_same_word};

/// How probable it is that a word comes next which no list has, such as a name: by its letters, and for each of them.
const UNLISTED: LogProb = -4 * NAT;
const PER_LETTER: LogProb = -9 * NAT / 4;
/// How much more probable that is of a word with a capital within a sentence.
const IS_NAME: LogProb = 3 * NAT;

/// Probability that what was typed is a word of which nothing is known, and comes next.
pub(super) fn prob_of_typed(letters: &[u8], style: Style) -> Prob {
    let [n_capital, n_small] = count_cases(letters);
    let more = if n_capital > 0 && !style.starts_sentence { IS_NAME } else { 0 };
    exp(UNLISTED + PER_LETTER * (n_capital + n_small) as LogProb + more)
}

impl Ranker {
    /// The word that was meant by a whole one that was typed, if it is another one. Its percentage says how sure that
    /// is: what was typed may be a word that nothing is known of.
    pub(in crate::suggest) fn correction<R: Rule>(&self, offer: &Offer<'_, '_, R>) -> Option<Suggestion> {
        let letters = offer.typed.letters();
        let stands_for_itself = !offer.typed.has_costs() || offer.typed.has_slips();
        if stands_for_itself && !may_be_missed(letters) {
            return None;
        }
        let itself = if stands_for_itself { prob_of_typed(letters, offer.style) >> 1 } else { 0 };
        let (mut half_of_all, mut best, mut best_prob) = (itself, None, 0);
        for word in self.found.words() {
            let Some(end) = offer.typed.cost_of_end(&word.text) else { continue };
            let prob = scale(word.prob, exp(-end));
            half_of_all += prob >> 1;
            if prob > best_prob {
                (best, best_prob) = (Some(word), prob);
            }
        }
        let text = offer.write(best?);
        let percent = (best_prob >> 1) / (half_of_all / 100).max(1);
        let is_other = !is_same_word(&text, letters) && !text.is_empty();
        is_other.then(|| Suggestion::new(text, ln(best_prob), percent.min(100) as u8, stands_for_itself))
    }
}

/// Whether a word is no more than letters and apostrophes, with no capital but the first or all of them. Others are
/// meant as they are.
fn may_be_missed(word: &[u8]) -> bool {
    let [n_capital, n_small] = count_cases(word);
    let n_first = count_cases(head(word, 1))[0];
    let n_sign = word.iter().filter(|&&byte| byte == b'\'').count();
    let n_all = word.iter().filter(|&&byte| byte >> 6 != 2).count();
    n_capital + n_small + n_sign == n_all && (n_small == 0 || n_capital <= n_first)
}
