//! Words that were shown for the word being typed, so that none is shown again that was passed over.

use crate::part::head;

/// Words remembered for the word being typed.
const MAX_SHOWN: usize = 24;

/// Halves of the hashes of words that were shown: first those passed over, as typing went on, then those shown last.
#[derive(Debug, Default)]
pub(super) struct Shown {
    words: heapless::Vec<u16, MAX_SHOWN, u8>,
    n_passed: u8,
}

impl Shown {
    /// Another word is being typed.
    pub(super) fn clear(&mut self) {
        self.words.clear();
        self.n_passed = 0;
    }

    /// The word goes on with more letters: the words shown last were not wanted.
    pub(super) fn pass_over(&mut self) {
        self.n_passed = self.words.len() as u8;
    }

    /// Other words are going to be shown in the place of those shown last.
    pub(super) fn forget_last(&mut self) {
        while self.words.len() > self.n_passed.into() {
            self.words.pop();
        }
    }

    /// A word of this hash is shown. When the memory is full it is forgotten.
    pub(super) fn add(&mut self, hash: u32) {
        let _ = self.words.push(hash as u16);
    }

    /// Whether a word of this hash was passed over.
    #[allow(clippy::manual_contains)] // smaller than the library's way to look for a number
    pub(super) fn has_passed(&self, hash: u32) -> bool {
        head(&self.words, self.n_passed.into()).iter().any(|&other| other == hash as u16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_passed_over_once_letters_follow() {
        let mut shown = Shown::default();
        shown.add(1);
        assert!(!shown.has_passed(1));
        shown.forget_last();
        shown.add(2);
        shown.pass_over();
        assert!(!shown.has_passed(1) && shown.has_passed(2));
        (3..99).for_each(|hash| shown.add(hash));
        shown.pass_over();
        assert!(shown.has_passed(20) && !shown.has_passed(90));
        shown.clear();
        assert!(!shown.has_passed(2));
    }
}
