//! The word list as the search uses it: words below a path, and their texts and frequencies.

use super::log_prob::{LN_2, LogProb};
use super::word::{Fit, Text, fit};
use crate::words::{STEPS_PER_BIT, WordList};
use crate::{MAX_TOKEN_BYTES, TokenId, Vocab};

/// `text` and the bytes of further tokens; `None` if they are too many for a word.
pub(super) fn append(vocab: &Vocab<'_>, mut text: Text, tokens: &[TokenId]) -> Option<Text> {
    let mut buffer = [0; MAX_TOKEN_BYTES];
    for &token in tokens {
        text.extend_from_slice(vocab.bytes(token, &mut buffer)).ok()?;
    }
    Some(text)
}

/// How a path that goes on with further tokens agrees with the letters; `No` if it ends before them.
pub(super) fn fit_tail(vocab: &Vocab<'_>, text: &[u8], tail: &[TokenId], typed: &[u8]) -> Fit {
    let mut whole = fit(text, typed);
    let mut rest = typed.get(text.len()..).unwrap_or_default();
    let mut buffer = [0; MAX_TOKEN_BYTES];
    for &token in tail {
        if rest.is_empty() {
            break;
        }
        let bytes = vocab.bytes(token, &mut buffer);
        whole = whole.min(fit(bytes, rest));
        rest = rest.get(bytes.len()..).unwrap_or_default();
    }
    if rest.is_empty() { whole } else { Fit::No }
}

/// Listed words whose path begins with `path`: the tokens after it, and the code of the frequency.
pub(super) fn for_each_below(words: &WordList<'_>, path: &[TokenId], mut take: impl FnMut(&[TokenId], u8)) {
    let Some((&first, rest)) = path.split_first() else { return };
    for tail in words.starting_with(first) {
        if let Some(after) = tail.tokens().strip_prefix(rest) {
            take(after, tail.code());
        }
    }
}

/// `2^(code / 6)` in units of 2⁻⁸.
pub(super) fn frequency(code: u8) -> u32 {
    const ROOTS: [u32; STEPS_PER_BIT as usize] = [256, 287, 323, 362, 406, 456];
    ROOTS[usize::from(code) % ROOTS.len()] << (usize::from(code) / ROOTS.len()).min(22)
}

/// Logarithm of a frequency.
pub(super) fn ln_frequency(code: u8) -> LogProb {
    LogProb::from(code) * (LN_2 / STEPS_PER_BIT)
}
