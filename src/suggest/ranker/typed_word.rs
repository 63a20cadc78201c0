//! The word as it was typed, which may be one that nothing is known of.

use crate::part::head;
use crate::suggest::log_prob::{LogProb, NAT, Prob, exp};
use crate::suggest::written::Style;
use crate::text::{count_cases, decode};

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

/// Whether a word is no more than letters and apostrophes, with no capital but the first or all of them. Others are
/// meant as they are.
pub(super) fn may_be_missed(word: &[u8]) -> bool {
    let [n_capital, n_small] = count_cases(word);
    let n_first = count_cases(head(word, decode(word).1))[0];
    let n_sign = word.iter().filter(|&&byte| byte == b'\'').count();
    let n_all = word.iter().filter(|&&byte| byte >> 6 != 2).count();
    n_capital + n_small + n_sign == n_all && (n_small == 0 || n_capital <= n_first)
}
