//! Looking a word up in the list: how often it was seen, and which of its letters are capitals.

use super::words::{Listed, WordList};
use crate::Vocab;
use crate::text::{BytesIn, MAX_WORD_BYTES, Reads, Text};

/// What the word list knows of a word that it has, with a space before it or without. `reads` changes the letters
/// first.
#[inline(never)]
pub(crate) fn listed(vocab: &Vocab<'_>, words: &WordList<'_>, word: &[u8], reads: Reads) -> Option<Listed> {
    [b" ".as_slice(), b""].into_iter().find_map(|space| {
        let (mut text, mut ids) = (Text::new(), [0; MAX_WORD_BYTES + 1]);
        let has_room = space.iter().copied().chain(BytesIn::new(word, reads)).all(|byte| text.push(byte));
        let path = vocab.tokens(&text, false, &mut ids).filter(|_| has_room)?;
        words.below(path).path_itself()
    })
}
