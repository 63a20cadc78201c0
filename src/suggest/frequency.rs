//! How often listed words were seen, from the codes of the list.

use super::log_prob::{LN_2, LogProb};
use crate::format::words::STEPS_PER_BIT;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suggest::log_prob::ln_of;

    #[test]
    fn frequencies_and_their_logarithms_agree() {
        for code in 0..=127 {
            let apart = ln_of(frequency(code)) - 8 * LN_2 - ln_frequency(code);
            assert!(apart.abs() < 400, "{code}: {apart}");
        }
    }
}
