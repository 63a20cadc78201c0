//! Words that are offered.

use core::ffi::c_char;
use core::mem::MaybeUninit;

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
    /// Whether a space belongs behind the word once it is accepted. None does behind a directory, /etc/, the name of a
    /// setting, mode=, or a piece. None is needed where a space or a full stop and the like stands behind the caret.
    pub takes_space: bool,
}

impl Suggestion {
    /// Writes what is shown to the caller of a suggestion.
    pub(crate) fn put(slot: &mut MaybeUninit<Self>, word: &runtime::Suggestion) {
        let (log_prob, percent, corrects, takes_space) =
            (word.log_prob(), word.percent(), word.corrects(), word.takes_space());
        let slot = slot.write(Self { text: [0; 32], log_prob, len: 0, percent, corrects, takes_space });
        slot.len = copy_word(word.as_str(), &mut slot.text);
    }
}

/// Copies a word to where zeros are, the last of which stays; gives its length.
pub(crate) fn copy_word(word: &str, [room @ .., _]: &mut [c_char; 32]) -> u8 {
    room.iter_mut().zip(word.bytes()).for_each(|(slot, byte)| *slot = byte as c_char);
    word.len().min(room.len()) as u8
}
