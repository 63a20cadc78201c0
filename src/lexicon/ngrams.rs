//! The n-gram table of a blob: how probable a word is after the one or two before it.
//!
//! `docs/format.md` specifies it.
//!
//! Words are known by hashes only, so an entry costs less than three bytes. A word that the table does not hold is
//! mistaken for one that it does once in 4,000 look-ups.

use crate::format::blob::u32_at;
use crate::format::ngrams::{BUCKET_ENTRIES, BUCKET_LEN, HEADER_LEN, LINE_START, fingerprint, home, word_hash};
use crate::part::tail;
use crate::text::{count_cases, decode, is_letter, is_word_char, trim_end};

/// A view of a blob's `NGRM` section; empty for a blob without one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ngrams<'a> {
    buckets: &'a [[u8; BUCKET_LEN]],
}

impl<'a> Ngrams<'a> {
    /// A view of the section; `None` if its length is wrong.
    pub fn parse(section: &'a [u8]) -> Option<Self> {
        let (header, rest) = section.split_at_checked(HEADER_LEN)?;
        let buckets: &[[u8; BUCKET_LEN]] = bytemuck::try_cast_slice(rest).ok()?;
        let is_sound = buckets.len() == u32_at(header, 0) as usize && buckets.len() < 1 << 16 && u32_at(header, 4) == 0;
        is_sound.then_some(Self { buckets })
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// The code of a [key](crate::format::ngrams::key): its probability is `exp(−(code + 1/2) / 2)`.
    pub fn code(&self, key: u32) -> Option<u8> {
        let home = home(key, self.buckets.len());
        let fingerprint = fingerprint(key).to_le_bytes();
        self.buckets.iter().skip(home).take(2).find_map(|bucket| {
            let (fingerprints, codes) = bucket.split_at(2 * BUCKET_ENTRIES);
            let at = fingerprints.chunks_exact(2).position(|entry| entry == fingerprint)?;
            codes.get(at / 2).map(|pair| pair >> (4 * (at % 2)) & 15)
        })
    }
}

/// Hashes of the last two words of the text's last line, the last one first.
pub fn last_words(text: &[u8]) -> [u32; 2] {
    last_words_and_case(text).0
}

/// Hashes of the last two words of the text's last line, the last one first, and whether both are in capitals, of
/// which each has several.
pub(crate) fn last_words_and_case(text: &[u8]) -> ([u32; 2], bool) {
    let line = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let mut rest = tail(text, line);
    let (mut hashes, mut n_in_capitals) = ([LINE_START; 2], 0);
    for hash in &mut hashes {
        let (before, word) = split_last_word(rest);
        if word.is_empty() {
            break;
        }
        let [n_capital, n_small] = count_cases(word);
        n_in_capitals += u8::from(n_capital > 1 && n_small == 0);
        *hash = word_hash(word);
        rest = before;
    }
    (hashes, n_in_capitals == 2)
}

/// The last word of a text, and what stands before it. A word begins and ends with a letter.
pub fn split_last_word(text: &[u8]) -> (&[u8], &[u8]) {
    let text = trim_end(text, |c| !is_letter(c));
    let before = trim_end(text, is_word_char);
    let mut word = tail(text, before.len());
    while let (Some(c), len) = decode(word)
        && !is_letter(c)
    {
        word = tail(word, len);
    }
    (before, word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::ngrams::key;

    #[test]
    fn last_words_ignore_punctuation_and_case() {
        let hash = |word: &str| word_hash(word.as_bytes());
        assert_eq!(last_words(b""), [LINE_START; 2]);
        assert_eq!(last_words(b"see you.\n"), [LINE_START; 2]);
        assert_eq!(last_words(b"see\nHello"), [hash("hello"), LINE_START]);
        assert_eq!(last_words(b"well, \"I don't\" "), [hash("don't"), hash("I")]);
        assert_eq!(last_words("I don\u{2019}t".as_bytes()), [hash("don't"), hash("I")]);
        assert_eq!(last_words(b"a well-known -- man "), [hash("man"), hash("well-known")]);
    }

    #[test]
    fn two_words_in_capitals_are_noticed() {
        for text in ["HELLO THERE ", "I SAID: NO WAY, ", "ΜΗΝ ΤΟ ", "WE'RE HERE. "] {
            assert!(last_words_and_case(text.as_bytes()).1, "{text:?}");
        }
        for text in ["", "NO ", "OK I ", "hello THERE ", "HELLO there ", "HELLO THERE\n", "10 20 ", "日本 日本 "] {
            assert!(!last_words_and_case(text.as_bytes()).1, "{text:?}");
        }
    }

    #[test]
    fn an_empty_table_knows_nothing() {
        let table = Ngrams::parse(&[0; HEADER_LEN]).unwrap();
        assert!(table.is_empty() && table.code(key(&[1], 2)).is_none());
        assert!(Ngrams::parse(&[0; HEADER_LEN + 3]).is_none());
    }
}
