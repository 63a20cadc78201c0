//! Words that are offered.

use core::ffi::c_char;

/// A word that is offered.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Suggestion {
    /// The whole word in UTF-8, typed letters included, with 0 at the end.
    pub text: [c_char; 32],
    /// Natural logarithm of the probability that the word comes next and ends there, before the letters typed so far
    /// are known, in units of 1/65536.
    pub log_prob: i32,
    /// Bytes of the text.
    pub len: u8,
    /// How probable the word is among all that were found for the typed letters, 0 to 100.
    pub percent: u8,
    /// Whether the word begins with something else than what was typed, which is taken for a slip then.
    pub corrects: bool,
    /// Whether a space belongs behind the word once it is accepted: not behind a directory, /etc/, or the name of a
    /// setting, mode=.
    pub takes_space: bool,
}

impl Suggestion {
    /// What is shown to the caller of a suggestion.
    pub(crate) fn of(word: &runtime::Suggestion) -> Self {
        Self {
            text: with_zero(word.as_str()),
            log_prob: word.log_prob(),
            len: word.as_str().len() as u8,
            percent: word.percent(),
            corrects: word.corrects(),
            takes_space: word.takes_space(),
        }
    }
}

/// A word with zeros behind it.
pub(crate) fn with_zero(word: &str) -> [c_char; 32] {
    let mut text = [0; 32];
    // The last one stays 0.
    text.iter_mut().take(31).zip(word.bytes()).for_each(|(slot, byte)| *slot = byte as c_char);
    text
}
