//! What one person types: new words and which word follows which, in memory of a fixed size.
//!
//! Words that the model's list holds already are learned as parts of pairs only. Others are offered once they were used
//! twice, since one use may have been a slip. When the memory is full, what was seen least, and longest ago, makes
//! room; every now and then all counts are halved, so that habits can change.

mod learnable;

use super::log_prob::{LogProb, NAT, ln_of};
use super::word_rule::is_word;
use crate::error::{CapacityError, DictionaryError};
use crate::format::blob::{crc32, u16_at, u32_at};
use crate::format::ngrams::word_hash;
use crate::text::{MAX_WORD_BYTES, ends_sentence, is_letter, is_same_word, is_word_char, trim_end};
use learnable::{is_slip, may_be_learned, own_spelling};

/// Magic, version, clock, checksum, hashes of the last words (u16 each, the last one first).
const HEADER_LEN: usize = RECENT + 2 * N_RECENT;
const RECENT: usize = 12;
/// Different words that count more for having been used last.
const N_RECENT: usize = 32;
/// Weight of each of them beside the model.
const RECENT_WORD: LogProb = -10 * NAT;
const MAGIC: [u8; 4] = *b"EGPW";
const VERSION: u8 = 2;
const CLOCK: usize = 6;
const CRC: usize = 8;

/// Longest word that is learned, in bytes.
const MAX_LEN: usize = MAX_WORD_BYTES;
/// Length and [`MAY_BE_SLIP`], count, age (u16), text.
const WORD_LEN: usize = 4 + MAX_LEN;
/// Set where a listed word differs by one slip.
const MAY_BE_SLIP: u8 = 0x80;
/// Uses from which on a word is offered, and one that may be a slip of another.
const MIN_USES: u8 = 2;
const MIN_USES_OF_SLIP: u8 = 4;
/// Hashes of two words (u16 each), age (u16), count, one byte unused.
const PAIR_LEN: usize = 8;
/// Weights of learned words and of learned pairs beside the model.
const WORD: LogProb = -5 * NAT / 2;
const PAIR: LogProb = -3 * NAT;
/// How many other words are counted as if they had been seen, too.
const PRIOR: u32 = 4;

/// Sums over what was learned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Learned {
    /// Words seen, and some more.
    n_words: u32,
    /// A bit for every five bits that the hashes of words after the last one end in.
    followers: u32,
    /// A bit for every five bits that the hashes of the words that were used last end in.
    recent: u32,
    /// A bit for each of the words that were used last, 1 if it stands in the text: words of the text count already.
    in_text: u32,
}

impl Learned {
    /// Whether a word may have been seen after the last one.
    pub(super) fn may_follow(&self, word: u32) -> bool {
        self.followers >> (word % 32) & 1 != 0
    }

    /// Whether a word may have been used lately.
    pub(super) fn may_be_recent(&self, word: u32) -> bool {
        self.recent >> (word % 32) & 1 != 0
    }
}

/// Learned words and pairs of words, in bytes that the caller lends and may keep.
///
/// A word is offered once it was used twice; after four uses if it differs from a known word by one slip. Words with
/// digits are not learned, which may be passwords, nor are words of more than 31 bytes.
///
/// ```
/// use embedded_gpt::UserDictionary;
/// let mut memory = [0; 1024];
/// let mut personal = UserDictionary::new(&mut memory)?;
/// personal.learn("hi Zdenka, meet hunter2\n", |word| word == "hi" || word == "meet");
/// personal.add("Kirchplatz");
/// assert_eq!(personal.entries().collect::<Vec<_>>(), [("Zdenka", 1), ("Kirchplatz", 2)]);
/// assert!(personal.forget_word("zdenka"));
///
/// // To flash or a file, and back after the next start.
/// let mut saved = personal.save().to_vec();
/// assert!(UserDictionary::restore(&mut saved).is_ok_and(|personal| personal.words().count() == 1));
/// # Ok::<(), embedded_gpt::error::DictionaryError>(())
/// ```
#[derive(Debug)]
pub struct UserDictionary<'p> {
    bytes: &'p mut [u8],
}

impl<'p> UserDictionary<'p> {
    /// Bytes that are needed at least.
    pub const MIN_BYTES: usize = 256;

    /// Starts with nothing learned. 1 KiB holds 16 words and 48 pairs; more holds more.
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

    /// Learns the words of finished lines of text, such as a message that was sent. A word that the text ends with is
    /// not finished, unless a line end or another sign follows.
    ///
    /// Words that `is_known` are learned as parts of pairs only; [`Suggester::learn`](super::Suggester::learn)
    /// knows those of the model's list. Others are compared with what is known: it is asked some hundred times for
    /// each.
    pub fn learn(&mut self, text: &str, is_known: impl Fn(&str) -> bool) {
        let end = text.as_bytes().as_ptr_range().end;
        // The library's ways to find lines and a single character could panic.
        #[allow(clippy::manual_pattern_char_comparison)]
        for line in text.split(|c| c == '\n') {
            let mut last = crate::format::ngrams::LINE_START;
            let (mut rest, mut starts_sentence) = (line, true);
            while let Some(start) = rest.find(is_letter) {
                let from = rest.get(start..).unwrap_or_default();
                let len = from.find(|c| !is_word_char(c)).unwrap_or(from.len());
                let (run, after) = from.split_at_checked(len).unwrap_or_default();
                starts_sentence |= rest.get(..start).unwrap_or_default().contains(ends_sentence);
                let word = run.get(..trim_end(run.as_bytes(), |c| !is_letter(c)).len()).unwrap_or_default();
                if after.is_empty() && core::ptr::eq(line.as_bytes().as_ptr_range().end, end) {
                    return;
                }
                let hash = word_hash(word.as_bytes());
                self.learn_pair(last, hash);
                self.note_recent(hash as u16);
                if !is_known(word) && may_be_learned(word) {
                    let may_be_slip = is_slip(word, &is_known);
                    self.learn_word(word, starts_sentence, if may_be_slip { MAY_BE_SLIP } else { 0 });
                }
                (last, rest, starts_sentence) = (hash, after, false);
            }
        }
    }

    /// Adds a word that is offered from now on, such as one that somebody chose to keep; false if it can't be learned.
    pub fn add(&mut self, word: &str) -> bool {
        let may_be_learned = may_be_learned(word);
        if may_be_learned {
            self.learn_word(word, false, 0);
            if let Some(uses) = self.record_mut(word).and_then(|record| record.get_mut(1)) {
                *uses = MIN_USES.max(*uses);
            }
        }
        may_be_learned
    }

    /// Forgets a word, in whatever letter case; false if it was not there.
    pub fn forget_word(&mut self, word: &str) -> bool {
        self.record_mut(word).is_some_and(|record| {
            record.fill(0);
            true
        })
    }

    /// The learned words, as they were written last.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.entries().map(|(word, _)| word)
    }

    /// Whether a word, in whatever letter case, was used often enough not to be a slip.
    pub(super) fn has_own(&self, word: &[u8]) -> bool {
        self.entries().any(|(own, uses)| uses >= MIN_USES && is_same_word(own.as_bytes(), word))
    }

    /// The learned words, and how often each was used.
    pub fn entries(&self) -> impl Iterator<Item = (&str, u8)> {
        let entry = |record| core::str::from_utf8(text_of(record)).ok().map(|word| (word, record[1]));
        self.word_records().filter_map(entry).filter(|(word, _)| !word.is_empty())
    }

    /// What is needed again and again to mix in what was learned, where `last` is the hash of the last word and `text`
    /// has the hashes of all words that count for standing in the text.
    pub(super) fn learned(&self, last: u32, text: impl Iterator<Item = u32>) -> Learned {
        let last = (last as u16).to_le_bytes();
        let after_last = self.pair_records().filter(|record| record.starts_with(&last));
        let place = |word: u32| self.recent().position(|other| other == word as u16);
        Learned {
            n_words: self.word_records().map(|record| u32::from(record[1])).sum::<u32>() + 8 * PRIOR,
            followers: after_last.fold(0, |bits, record| bits | 1 << (record[2] % 32)),
            recent: self.recent().fold(0, |bits, word| bits | 1 << (word % 32)),
            in_text: text.filter_map(place).fold(0, |bits, at| bits | 1 << (at % N_RECENT)),
        }
    }

    /// The word of a place and its log-probability, for mixing: nothing where none is kept, `None` behind the last
    /// place.
    pub(super) fn weighted_word<'s>(&'s self, learned: &Learned, at: usize) -> Option<(&'s [u8], LogProb)> {
        let record = self.word_records().nth(at)?;
        let least = if record[0] & MAY_BE_SLIP == 0 { MIN_USES } else { MIN_USES_OF_SLIP };
        let word = if record[1] >= least { text_of(record) } else { &[] };
        Some((word, WORD + ln_of(u32::from(record[1])) - ln_of(learned.n_words)))
    }

    /// Log-probability, for mixing, of a word that was used lately and does not stand in the text; `None` of others.
    pub(super) fn weighted_recent(&self, learned: &Learned, word: u32) -> Option<LogProb> {
        let at = self.recent().position(|other| other == word as u16)?;
        (learned.in_text >> (at % N_RECENT) & 1 == 0).then_some(RECENT_WORD)
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

    /// Learns a word. The capital that any word has at the start of a sentence is not its own.
    fn learn_word(&mut self, word: &str, starts_sentence: bool, flags: u8) {
        let clock = self.tick();
        let is_it = |record: &[u8]| is_same_word(text_of(record), word.as_bytes());
        let (words, _) = self.tables_mut();
        if let Some(record) = place(words, WORD_LEN, 1, 2, clock, is_it)
            && let Some(([len, count, _, _], text)) = record.split_first_chunk_mut()
            && !(starts_sentence && *count > 1)
        {
            let own = own_spelling(word, starts_sentence);
            *len = own.len() as u8 | flags;
            text.fill(0);
            text.iter_mut().zip(&*own).for_each(|(slot, byte)| *slot = *byte);
        }
    }

    fn record_mut(&mut self, word: &str) -> Option<&mut [u8]> {
        let (words, _) = self.tables_mut();
        let mut records = words.chunks_exact_mut(WORD_LEN);
        records.find(|record| record[1] > 0 && is_same_word(text_of(record), word.as_bytes()))
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

    /// Puts a word first among those that were used last.
    fn note_recent(&mut self, word: u16) {
        let mut before = word;
        for place in self.bytes.get_mut(RECENT..HEADER_LEN).unwrap_or_default().chunks_exact_mut(2) {
            let this = u16_at(place, 0);
            set_u16(place, 0, before);
            if this == word {
                break;
            }
            before = this;
        }
    }

    /// Hashes of the words that were used last; 0 where there is none yet.
    fn recent(&self) -> impl Iterator<Item = u16> {
        self.bytes.get(RECENT..HEADER_LEN).unwrap_or_default().chunks_exact(2).map(|bytes| u16_at(bytes, 0))
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
    let len = record.first().map_or(0, |&len| usize::from(len & !MAY_BE_SLIP).min(MAX_LEN));
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
mod tests;
