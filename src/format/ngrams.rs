//! Layout of the `NGRM` section: how probable a word is after the one or two before it.

use crate::part::tail;
use crate::text::{fold, start_in};

/// Bytes before the buckets.
pub const HEADER_LEN: usize = 8;
/// Entries of a bucket.
pub const BUCKET_ENTRIES: usize = 8;
/// Bytes of a bucket: a u16 fingerprint per entry, then a nibble per entry.
pub const BUCKET_LEN: usize = 20;
/// Hash of the word before the first word of a line.
pub const LINE_START: u32 = 0x5E5E_5E5E;

/// The bucket that an entry should be in; if that is full it is in the next one. A table has at most 65,536 buckets.
pub const fn home(key: u32, n_bucket: usize) -> usize {
    ((key >> 16) as usize).wrapping_mul(n_bucket) >> 16
}

/// What entries of a bucket are told apart by; 0 is an empty entry.
pub const fn fingerprint(key: u32) -> u16 {
    if key & 0xFFFF == 0 { 1 } else { key as u16 }
}

/// The hash of nothing.
pub(crate) const FNV_START: u32 = 0x811C_9DC5;

/// A hash with one byte more.
pub(crate) const fn fnv(hash: u32, byte: u8) -> u32 {
    (hash ^ byte as u32).wrapping_mul(0x0100_0193)
}

/// FNV-1a hash of a word, whose letters are folded: the same in any case, as [`is_same_word`](crate::text) has it.
pub fn word_hash(mut word: &[u8]) -> u32 {
    let mut hash = FNV_START;
    while let Some((&byte, after)) = word.split_first() {
        if byte < 0x80 {
            (hash, word) = (fnv(hash, byte.to_ascii_lowercase()), after);
        } else {
            let (mut letter, len) = start_in(word, fold);
            while letter > 0 {
                hash = fnv(hash, letter as u8);
                letter >>= 8;
            }
            word = tail(word, len);
        }
    }
    hash
}

/// Hash of a phrase from the hashes of its last word and those before it, if any, of which the nearest comes first.
pub fn phrase_hash(history: &[u32], word: u32) -> u32 {
    history.iter().fold(word, |hash, &before| with_word_before(hash, before))
}

/// Hash of a phrase with one word more before it.
pub(crate) fn with_word_before(hash: u32, before: u32) -> u32 {
    (hash.rotate_left(13) ^ before).wrapping_mul(0x9E37_79B1)
}

/// Key of a word after others: of those before it, the nearest comes first.
pub fn key(history: &[u32], word: u32) -> u32 {
    let hash = phrase_hash(history, word);
    (hash ^ (hash >> 15)).wrapping_mul(0x85EB_CA6B)
}
