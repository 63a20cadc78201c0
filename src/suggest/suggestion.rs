//! One offered word.

use super::log_prob::LogProb;
use crate::part::{head, head_mut};
use crate::text::MAX_WORD_BYTES;

/// A word offered for the text so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    bytes: [u8; MAX_WORD_BYTES],
    len: u8,
    percent: u8,
    log_prob: LogProb,
}

impl Suggestion {
    /// A placeholder, to make arrays of.
    pub const EMPTY: Self = Self { bytes: [0; MAX_WORD_BYTES], len: 0, percent: 0, log_prob: i32::MIN };

    /// Empty if the word is too long.
    pub(super) fn new(word: &[u8], log_prob: LogProb, percent: u8) -> Self {
        let mut new = Self { log_prob, percent, ..Self::EMPTY };
        if let Some(bytes) = new.bytes.get_mut(..word.len()) {
            bytes.copy_from_slice(word);
            new.len = word.len() as u8;
        }
        new
    }

    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        head_mut(&mut self.bytes, self.len.into())
    }

    /// The whole word, typed letters included.
    pub fn as_str(&self) -> &str {
        let bytes = head(&self.bytes, self.len.into());
        core::str::from_utf8(bytes).unwrap_or_default()
    }

    /// How probable the word is among all that were found for the typed letters, 0 to 100.
    pub const fn percent(&self) -> u8 {
        self.percent
    }

    /// Natural logarithm of the probability that the word comes next and ends there, before the letters typed so
    /// far are known.
    pub fn log_prob(&self) -> f32 {
        self.log_prob as f32 / 65_536.0
    }
}

impl AsRef<str> for Suggestion {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl core::fmt::Display for Suggestion {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}
