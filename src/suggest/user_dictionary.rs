//! What one person types: new words and which word follows which, in memory of a fixed size.
//!
//! Words that the model's list holds already are learned as parts of pairs only. When the memory is full, what was
//! seen least, and longest ago, makes room; every now and then all counts are halved, so that habits can change.

use super::log_prob::{LogProb, NAT, ln_of};
use super::word_rule::is_word;
use crate::error::{CapacityError, DictionaryError};
use crate::format::blob::{crc32, u16_at, u32_at};
use crate::format::ngrams::word_hash;
use crate::text::is_same_word;
use crate::text::{is_letter, is_word_char, trim_end};

/// Magic, version, clock, checksum.
const HEADER_LEN: usize = 12;
const MAGIC: [u8; 4] = *b"EGPW";
const VERSION: u8 = 1;
const CLOCK: usize = 6;
const CRC: usize = 8;

/// Longest word that is learned, in bytes.
const MAX_LEN: usize = 20;
/// Length, count, age (u16), text.
const WORD_LEN: usize = 4 + MAX_LEN;
/// Hashes of two words (u16 each), age (u16), count, one byte unused.
const PAIR_LEN: usize = 8;
/// Weights of learned words and of learned pairs beside the model.
const WORD: LogProb = -5 * NAT / 2;
const PAIR: LogProb = -2 * NAT;
/// How many other words are counted as if they had been seen, too.
const PRIOR: u32 = 4;

/// Sums over what was learned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Learned {
    /// Words seen, and some more.
    n_words: u32,
    /// A bit for every five bits that the hashes of words after the last one end in.
    followers: u32,
}

impl Learned {
    /// Whether a word may have been seen after the last one.
    pub(super) fn may_follow(&self, word: u32) -> bool {
        self.followers >> (word % 32) & 1 != 0
    }
}

/// Learned words and pairs of words, in bytes that the caller lends and may keep.
///
/// ```
/// use embedded_gpt::UserDictionary;
/// let mut memory = [0; 1024];
/// let mut personal = UserDictionary::new(&mut memory)?;
/// personal.learn("hi Zdenka\n", |_| false);
/// assert_eq!(personal.words().next(), Some("hi"));
///
/// // To flash or a file, and back after the next start.
/// let mut saved = personal.save().to_vec();
/// assert!(UserDictionary::restore(&mut saved).is_ok_and(|personal| personal.words().count() == 2));
/// # Ok::<(), embedded_gpt::error::DictionaryError>(())
/// ```
#[derive(Debug)]
pub struct UserDictionary<'p> {
    bytes: &'p mut [u8],
}

impl<'p> UserDictionary<'p> {
    /// Bytes that are needed at least.
    pub const MIN_BYTES: usize = 256;

    /// Starts with nothing learned. 1 KiB holds 25 words and 50 pairs; more holds more.
    ///
    /// # Errors
    /// [`DictionaryError::Capacity`] for less than [`MIN_BYTES`](Self::MIN_BYTES).
    pub fn new(bytes: &'p mut [u8]) -> Result<Self, DictionaryError> {
        check_len(bytes)?;
        let mut new = Self { bytes };
        new.forget();
        Ok(new)
    }

    /// Takes bytes from [`save`](Self::save).
    ///
    /// # Errors
    /// [`DictionaryError::Capacity`] if bytes are missing, [`DictionaryError::Damaged`] if they were changed, are of
    /// another version or hold anything but words.
    pub fn restore(bytes: &'p mut [u8]) -> Result<Self, DictionaryError> {
        check_len(bytes)?;
        let new = Self { bytes };
        let is_sound = new.bytes.starts_with(&MAGIC)
            && new.bytes.get(4) == Some(&VERSION)
            && u32_at(new.bytes, CRC) == new.checksum()
            && new.word_records().map(text_of).all(|text| text.is_empty() || is_word(text));
        if is_sound { Ok(new) } else { Err(DictionaryError::Damaged) }
    }

    /// The bytes to be stored, with their checksum.
    pub fn save(&mut self) -> &[u8] {
        let checksum = self.checksum().to_le_bytes();
        if let Some(field) = self.bytes.get_mut(CRC..CRC + 4) {
            field.copy_from_slice(&checksum);
        }
        self.bytes
    }

    /// Forgets everything.
    pub fn forget(&mut self) {
        self.bytes.fill(0);
        if let Some(header) = self.bytes.get_mut(..5) {
            header.copy_from_slice(&[MAGIC[0], MAGIC[1], MAGIC[2], MAGIC[3], VERSION]);
        }
    }

    /// Learns the words of finished lines of text, such as a message that was sent.
    ///
    /// Words that `is_known` are learned as parts of pairs only; [`Suggester::learn`](super::Suggester::learn)
    /// knows those of the model's list.
    pub fn learn(&mut self, text: &str, is_known: impl Fn(&str) -> bool) {
        // The library's ways to find lines and a single character could panic.
        #[allow(clippy::manual_pattern_char_comparison)]
        for line in text.split(|c| c == '\n') {
            let mut last = crate::format::ngrams::LINE_START;
            let mut rest = line;
            while let Some(start) = rest.find(is_letter) {
                let from = rest.get(start..).unwrap_or_default();
                let len = from.find(|c| !is_word_char(c)).unwrap_or(from.len());
                let (run, after) = from.split_at_checked(len).unwrap_or_default();
                let word = run.get(..trim_end(run.as_bytes(), |c| !is_letter(c)).len()).unwrap_or_default();
                let hash = word_hash(word.as_bytes());
                self.learn_pair(last, hash);
                if !is_known(word) {
                    self.learn_word(word);
                }
                (last, rest) = (hash, after);
            }
        }
    }

    /// The learned words, as they were written last.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.word_records().filter_map(|record| core::str::from_utf8(text_of(record)).ok()).filter(|w| !w.is_empty())
    }

    /// What is needed again and again to mix in what was learned, where `last` is the hash of the last word.
    pub(super) fn learned(&self, last: u32) -> Learned {
        let last = (last as u16).to_le_bytes();
        let after_last = self.pair_records().filter(|record| record.starts_with(&last));
        Learned {
            n_words: self.word_records().map(|record| u32::from(record[1])).sum::<u32>() + 8 * PRIOR,
            followers: after_last.fold(0, |bits, record| bits | 1 << (record[2] % 32)),
        }
    }

    /// The word of a place and its log-probability, for mixing: nothing where none is kept, `None` behind the last
    /// place.
    pub(super) fn weighted_word<'s>(&'s self, learned: &Learned, at: usize) -> Option<(&'s [u8], LogProb)> {
        let record = self.word_records().nth(at)?;
        let word = if record[1] > 0 { text_of(record) } else { &[] };
        Some((word, WORD + ln_of(u32::from(record[1])) - ln_of(learned.n_words)))
    }

    /// Log-probability, for mixing, of a word after another; `None` if they were not seen together.
    pub(super) fn weighted_pair(&self, last: u32, word: u32) -> Option<LogProb> {
        let (last, word) = ((last as u16).to_le_bytes(), (word as u16).to_le_bytes());
        let (mut all, mut this) = (PRIOR, 0);
        for record in self.pair_records().filter(|record| record.starts_with(&last)) {
            all += u32::from(record[6]);
            if record.get(2..4) == Some(&word) {
                this = u32::from(record[6]);
            }
        }
        (this > 0).then(|| PAIR + ln_of(this) - ln_of(all))
    }

    fn learn_word(&mut self, word: &str) {
        // Signs at the end of a word are cut off as far as its work is bounded.
        if word.len() > MAX_LEN || !is_word(word.as_bytes()) {
            return;
        }
        let clock = self.tick();
        let is_it = |record: &[u8]| is_same_word(text_of(record), word.as_bytes());
        let (words, _) = self.tables_mut();
        if let Some(record) = place(words, WORD_LEN, 1, 2, clock, is_it)
            && let Some(([len, _, _, _], text)) = record.split_first_chunk_mut()
        {
            *len = word.len() as u8;
            text.fill(0);
            text.iter_mut().zip(word.bytes()).for_each(|(slot, byte)| *slot = byte);
        }
    }

    fn learn_pair(&mut self, last: u32, word: u32) {
        let clock = self.tick();
        let mut key = [0; 4];
        key[..2].copy_from_slice(&(last as u16).to_le_bytes());
        key[2..].copy_from_slice(&(word as u16).to_le_bytes());
        let (_, pairs) = self.tables_mut();
        if let Some(record) = place(pairs, PAIR_LEN, 6, 4, clock, |record| record.starts_with(&key))
            && let Some(field) = record.get_mut(..4)
        {
            field.copy_from_slice(&key);
        }
    }

    /// Counts what was learned; halves all counts each time that the memory could have been filled eight times.
    fn tick(&mut self) -> u16 {
        let clock = u16_at(self.bytes, CLOCK).wrapping_add(1);
        set_u16(self.bytes, CLOCK, clock);
        if usize::from(clock).is_multiple_of((self.bytes.len() / 2).min(1 << 14)) {
            let (words, pairs) = self.tables_mut();
            words.chunks_exact_mut(WORD_LEN).for_each(|record| record[1] -= record[1] / 2);
            pairs.chunks_exact_mut(PAIR_LEN).for_each(|record| record[6] -= record[6] / 2);
        }
        clock
    }

    /// Three fifths for words, the rest for pairs.
    fn words_len(&self) -> usize {
        let room = self.bytes.len().saturating_sub(HEADER_LEN);
        (room * 3 / 5) / WORD_LEN * WORD_LEN
    }

    fn tables_mut(&mut self) -> (&mut [u8], &mut [u8]) {
        let len = self.words_len();
        let tables = self.bytes.get_mut(HEADER_LEN..).unwrap_or_default();
        tables.split_at_mut_checked(len).unwrap_or_default()
    }

    fn word_records(&self) -> impl Iterator<Item = &[u8]> {
        let tables = self.bytes.get(HEADER_LEN..).unwrap_or_default();
        tables.get(..self.words_len()).unwrap_or_default().chunks_exact(WORD_LEN)
    }

    fn pair_records(&self) -> impl Iterator<Item = &[u8]> {
        let tables = self.bytes.get(HEADER_LEN..).unwrap_or_default();
        tables.get(self.words_len()..).unwrap_or_default().chunks_exact(PAIR_LEN)
    }

    fn checksum(&self) -> u32 {
        let (before, after) = self.bytes.split_at_checked(CRC).unwrap_or_default();
        !crc32(crc32(u32::MAX, before), after.get(4..).unwrap_or_default())
    }
}

fn check_len(bytes: &[u8]) -> Result<(), DictionaryError> {
    let (needed, given) = (UserDictionary::MIN_BYTES, bytes.len());
    if given < needed { Err(DictionaryError::Capacity(CapacityError { needed, given })) } else { Ok(()) }
}

fn text_of(record: &[u8]) -> &[u8] {
    let len = record.first().map_or(0, |&len| usize::from(len).min(MAX_LEN));
    record.get(4..4 + len).unwrap_or_default()
}

/// Counts a record, or finds room for a new one: that of the rarest, of those the oldest.
fn place(
    table: &mut [u8],
    len: usize,
    count: usize,
    age: usize,
    clock: u16,
    is_it: impl Fn(&[u8]) -> bool,
) -> Option<&mut [u8]> {
    let found = table.chunks_exact(len).position(|record| record[count] > 0 && is_it(record));
    let unused = |record: &[u8]| (record[count], u16::MAX - clock.wrapping_sub(u16_at(record, age)));
    let at = match found {
        Some(at) => at,
        None => table.chunks_exact(len).enumerate().min_by_key(|(_, record)| unused(record))?.0,
    };
    let record = table.chunks_exact_mut(len).nth(at)?;
    record[count] = if found.is_some() { record[count].saturating_add(1) } else { 1 };
    set_u16(record, age, clock);
    Some(record)
}

fn set_u16(bytes: &mut [u8], at: usize, value: u16) {
    if let Some(field) = bytes.get_mut(at..at + 2) {
        field.copy_from_slice(&value.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    #[test]
    fn learns_words_and_pairs_and_forgets_in_one_call() {
        let mut memory = [7; 1024];
        let mut personal = UserDictionary::new(&mut memory).unwrap();
        personal.learn("Meet Zdenka at Kirchplatz\nzdenka's late, Zdenka says", |word| word.len() < 6);
        let words: Vec<_> = personal.words().collect();
        assert_eq!(words, ["Zdenka", "Kirchplatz", "zdenka's"]);
        let hash = |word: &str| word_hash(word.as_bytes());
        assert!(personal.weighted_pair(hash("at"), hash("kirchplatz")).is_some());
        assert!(personal.weighted_pair(hash("at"), hash("zdenka")).is_none());
        let learned = personal.learned(hash("at"));
        let weighted = |at| personal.weighted_word(&learned, at);
        let weight = |word: &str| (0..).map_while(weighted).find(|(text, _)| *text == word.as_bytes()).unwrap().1;
        assert!(weight("Zdenka") > weight("Kirchplatz"));
        personal.forget();
        assert_eq!(personal.words().count(), 0);
        assert!(personal.weighted_pair(hash("at"), hash("kirchplatz")).is_none());
    }

    #[test]
    fn what_is_rare_and_old_makes_room() {
        let mut memory = [0; UserDictionary::MIN_BYTES];
        let mut personal = UserDictionary::new(&mut memory).unwrap();
        for i in 0..100 {
            personal.learn(&std::format!("Kirchplatz word{i}"), |_| false);
        }
        let words: Vec<_> = personal.words().collect();
        assert!(words.contains(&"Kirchplatz") && words.contains(&"word99"), "{words:?}");
    }

    #[test]
    fn what_was_learned_can_be_restored() {
        let mut memory = [0; 512];
        let mut dictionary = UserDictionary::new(&mut memory).unwrap();
        for n in 250..290 {
            dictionary.learn(&std::format!("x{} y{}", "-".repeat(n), "'".repeat(n)), |_| false);
        }
        dictionary.save();
        UserDictionary::restore(&mut memory).unwrap();
    }

    #[test]
    fn bytes_that_are_no_words_are_refused() {
        let mut memory = [0; 512];
        UserDictionary::new(&mut memory).unwrap().learn("Kirchplatz", |_| false);
        for forged in [&b"\x01\x02"[..], b"  ", b"-", b"\xFF", b"a b", "a\u{85}b".as_bytes()] {
            let word = &mut memory[HEADER_LEN..];
            word[0] = forged.len() as u8;
            word[4..4 + forged.len()].copy_from_slice(forged);
            UserDictionary { bytes: &mut memory }.save();
            assert_eq!(UserDictionary::restore(&mut memory).unwrap_err(), DictionaryError::Damaged, "{forged:?}");
        }
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let mut memory = [0; 512];
        let mut personal = UserDictionary::new(&mut memory).unwrap();
        personal.learn("Kirchplatz", |_| false);
        let saved = personal.save().to_vec();
        assert_eq!(UserDictionary::restore(&mut saved.clone()).unwrap().words().next(), Some("Kirchplatz"));
        assert_eq!(UserDictionary::restore(&mut saved[..511].to_vec()).unwrap_err(), DictionaryError::Damaged);
        let missing = CapacityError { needed: 256, given: 255 };
        assert_eq!(
            UserDictionary::restore(&mut saved[..255].to_vec()).unwrap_err(),
            DictionaryError::Capacity(missing)
        );
        for at in [0, 4, 7, 9, 20, 511] {
            let mut damaged = saved.clone();
            damaged[at] ^= 1;
            assert!(UserDictionary::restore(&mut damaged).is_err(), "byte {at}");
        }
        assert!(UserDictionary::restore(&mut [0; 600]).is_err());
        assert!(UserDictionary::new(&mut [0; 255]).is_err());
    }
}
