//! Listed words as the search uses them: their texts and frequencies.

use super::log_prob::{LN_2, LogProb};
use super::word::{Fit, Text, fit, fit_bytes};
use crate::words::STEPS_PER_BIT;
use crate::{TokenId, Vocab};

/// Adds the bytes of tokens to a text; whether they had room in a word.
pub(super) fn append(vocab: &Vocab<'_>, text: &mut Text, tokens: &[TokenId]) -> bool {
    tokens.iter().all(|&token| vocab.iter(token).all(|byte| text.push(byte).is_ok()))
}

/// How a path that goes on with further tokens agrees with the letters; `No` if it ends before them.
pub(super) fn fit_tail(vocab: &Vocab<'_>, text: &[u8], tail: &[TokenId], typed: &[u8]) -> Fit {
    let mut whole = fit(text, typed);
    let mut rest = typed.get(text.len()..).unwrap_or_default().iter();
    for &token in tail {
        if rest.as_slice().is_empty() || whole == Fit::No {
            break;
        }
        whole = whole.min(fit_bytes(vocab.iter(token), &mut rest));
    }
    if rest.as_slice().is_empty() { whole } else { Fit::No }
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
