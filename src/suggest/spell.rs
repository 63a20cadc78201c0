//! Texts of token paths, and how they agree with the typed letters.

use super::log_prob::{LN_2, LogProb};
use crate::format::words::STEPS_PER_BIT;
use crate::text::{Fit, Text, byte_fit};
use crate::{TokenId, Vocab};

/// Adds the bytes of tokens to a text as long as they agree with the typed letters at their place: how they do, `No` also if
/// they have no room in a word.
#[inline(never)]
pub(super) fn spell(vocab: &Vocab<'_>, text: &mut Text, tokens: &[TokenId], typed: &[u8]) -> Fit {
    let mut fit = Fit::Exact;
    for &token in tokens {
        for byte in vocab.iter(token) {
            fit = fit.min(spell_byte(text, byte, typed));
            if fit == Fit::No {
                return fit;
            }
        }
    }
    fit
}

/// The same with one byte.
pub(super) fn spell_byte(text: &mut Text, byte: u8, typed: &[u8]) -> Fit {
    let before = text.len().wrapping_sub(1);
    let fit = match typed.get(text.len()) {
        Some(&letter) => byte_fit([text.get(before), typed.get(before)], byte, letter),
        None => Fit::Exact,
    };
    if fit != Fit::No && text.push(byte) { fit } else { Fit::No }
}

/// `2^(code / 6)` in units of 2⁻⁸.
#[inline(never)]
pub(super) fn frequency(code: u8) -> u32 {
    const ROOTS: [u16; STEPS_PER_BIT as usize] = [256, 287, 323, 362, 406, 456];
    u32::from(ROOTS[usize::from(code) % ROOTS.len()]) << (usize::from(code) / ROOTS.len()).min(22)
}

/// Logarithm of a frequency.
pub(super) fn ln_frequency(code: u8) -> LogProb {
    LogProb::from(code) * (LN_2 / STEPS_PER_BIT)
}
