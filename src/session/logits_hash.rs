//! A hash over the bits of logits.

use super::Logits;

/// FNV-1a with 64 bits over the little-endian bytes of every logit: two targets that compute the same have the same
/// hash.
///
/// `egpt logits-hash` and the firmware examples print it. <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>
///
/// ```
/// use embedded_gpt::{Logits, LogitsHash};
/// let mut hash = LogitsHash::new();
/// hash.add(Logits::new(&[Logits::ONE, 0]));
/// assert_eq!(hash.value(), 0xCC31_93FF_3A28_738C);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogitsHash(u64);

impl LogitsHash {
    /// The hash of nothing.
    pub const fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    /// Adds the logits of one token.
    pub fn add(&mut self, logits: Logits<'_>) {
        for byte in logits.values().iter().flat_map(|logit| logit.to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }

    /// The hash of what has been added.
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl Default for LogitsHash {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_published_vectors() {
        assert_eq!(LogitsHash::new().value(), 0xCBF2_9CE4_8422_2325);
        let mut hash = LogitsHash::new();
        // The bytes of "foob" are those of this number.
        hash.add(Logits::new(&[i32::from_le_bytes(*b"foob")]));
        assert_eq!(hash.value(), 0xDD12_0E79_0C25_12AF);
    }
}
