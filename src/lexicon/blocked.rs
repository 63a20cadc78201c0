//! Words that a blob lists so that they are not offered.
//!
//! `docs/format.md` specifies the list.

use crate::format::ngrams::with_word_before;

/// A view of a blob's `BLCK` section; empty for a blob without one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blocked<'a> {
    /// Hashes of words and of phrases of two or three, in ascending order.
    hashes: &'a [u32],
}

impl<'a> Blocked<'a> {
    /// A view of the section, which starts at a multiple of 4; `None` if its length is wrong, or its hashes are not in
    /// ascending order.
    pub fn parse(section: &'a [u8]) -> Option<Self> {
        let hashes: &[u32] = bytemuck::try_cast_slice(section).ok()?;
        hashes.is_sorted_by(|a, b| a < b).then_some(Self { hashes })
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Whether a word is blocked, by its [hash](crate::format::ngrams::word_hash) and those of the two words before
    /// it, the last one first: alone, after the last one, or after both.
    pub fn has(&self, word: u32, last_words: &[u32; 2]) -> bool {
        let after_one = with_word_before(word, last_words[0]);
        let all = [word, after_one, with_word_before(after_one, last_words[1])];
        all.iter().any(|hash| self.hashes.binary_search(hash).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::ngrams::{LINE_START, phrase_hash, word_hash};

    #[test]
    fn words_are_found_alone_and_after_others() {
        let [kill, myself, want, to, die, darn] =
            ["kill", "myself", "want", "to", "die", "darn"].map(|word| word_hash(word.as_bytes()));
        let mut hashes = [darn, phrase_hash(&[kill], myself), phrase_hash(&[to, want], die)];
        hashes.sort_unstable();
        let list = Blocked::parse(bytemuck::cast_slice(&hashes)).unwrap();
        assert_eq!(list.len(), 3);
        for (word, last_words) in [
            (darn, [LINE_START; 2]),
            (darn, [to, kill]),
            (myself, [kill, to]),
            (myself, [kill, LINE_START]),
            (die, [to, want]),
        ] {
            assert!(list.has(word, &last_words));
        }
        for (word, last_words) in [
            (kill, [LINE_START; 2]),
            (myself, [LINE_START; 2]),
            (myself, [to, kill]),
            (die, [to, kill]),
            (die, [want, to]),
        ] {
            assert!(!list.has(word, &last_words));
        }
    }

    #[test]
    fn broken_lists_are_refused() {
        let parse = |hashes: &[u32]| Blocked::parse(bytemuck::cast_slice(hashes)).map(|list| list.len());
        assert_eq!([parse(&[]), parse(&[7]), parse(&[1, 2, u32::MAX])], [Some(0), Some(1), Some(3)]);
        assert_eq!([parse(&[2, 1]), parse(&[1, 1]), parse(&[1, 3, 2])], [None; 3]);
        let bytes: &[u8] = bytemuck::cast_slice(&[1u32, 2]);
        assert!(Blocked::parse(&bytes[..7]).is_none());
        let empty = Blocked::default();
        assert!(empty.is_empty() && !empty.has(1, &[2, 3]));
    }
}
