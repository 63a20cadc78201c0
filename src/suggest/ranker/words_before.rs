//! The words before the one being typed, as far as they count for standing there.

use crate::format::ngrams::word_hash;
use crate::lexicon::split_last_word;
use crate::part::tail;

/// Bytes at the end of the text in which words are looked for.
pub(super) const MAX_BYTES: usize = 384;

/// Hashes of the words of a text that are looked for, from its end on.
pub(super) fn words_before(text: &[u8]) -> impl Iterator<Item = u32> {
    let mut rest = tail(text, text.len().saturating_sub(MAX_BYTES));
    core::iter::from_fn(move || {
        let (before, word) = split_last_word(rest);
        rest = before;
        (!word.is_empty()).then(|| word_hash(word))
    })
}
