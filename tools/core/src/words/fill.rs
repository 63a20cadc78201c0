//! Puts words into a blob: as many as asked for, or as fit.

use anyhow::Result;
use embedded_gpt::Vocab;
use embedded_gpt::format::blob::{self, ALIGN, SECTION_ENTRY_LEN};

use super::{ListedWord, WordStatistics, by_worth, ngrams_section, words_section};
use crate::export::with_section;

/// Words listed unless a number is asked for, or there is more room.
pub const USUAL_WORDS: usize = 8_000;
/// Words listed at most where there is room, as many as `design` leaves it for in large models; rarer ones are hardly
/// ever typed.
pub const MAX_WORDS: usize = 21_000;
/// Fewer words are of no use.
const MIN_WORDS: usize = 256;
/// A smaller table of n-grams tells a model nothing new.
const MIN_TABLE: usize = 32 << 10;

/// The sections about words of a blob.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WordSections<'c> {
    listed: Vec<ListedWord<'c>>,
    words: Vec<u8>,
    ngrams: Vec<u8>,
}

impl<'c> WordSections<'c> {
    /// The `n_words` words that save most; fewer if `room` in bytes is too small for them, none if it is much too
    /// small.
    ///
    /// # Errors
    /// If the words cannot be listed for this vocabulary.
    pub fn new(statistics: &'c WordStatistics, vocab: &Vocab<'_>, n_words: usize, room: usize) -> Result<Self> {
        let mut listable = by_worth(&statistics.counts, vocab);
        let total = statistics.counts.total;
        let most = n_words.min(listable.len());
        let (n_words, words) = fit(most, room, |n| words_section(&listable[..n], total, vocab))?;
        listable.truncate(n_words);
        Ok(Self { listed: listable, words, ngrams: Vec::new() })
    }

    /// Words listed.
    pub fn n_words(&self) -> usize {
        self.listed.len()
    }

    /// Adds n-grams that end in the listed words, if there is room for a table that is worth it.
    pub fn fill_with_ngrams(&mut self, statistics: &WordStatistics, room: usize) {
        let left = room.saturating_sub(self.n_bytes() + SECTION_ENTRY_LEN);
        if left >= MIN_TABLE && self.n_words() > 0 && !statistics.ngrams.is_empty() {
            self.ngrams = self.table(statistics, left / ALIGN * ALIGN);
        }
    }

    /// Adds a table of n-grams of so many bytes; none if 0.
    pub fn with_ngrams(mut self, statistics: &WordStatistics, n_bytes: usize) -> Self {
        if n_bytes > 0 {
            self.ngrams = self.table(statistics, n_bytes);
        }
        self
    }

    fn table(&self, statistics: &WordStatistics, n_bytes: usize) -> Vec<u8> {
        ngrams_section(&statistics.ngrams, self.listed.iter().map(|word| word.text), n_bytes)
    }

    /// Bytes of the list, and of the table.
    pub fn section_bytes(&self) -> [usize; 2] {
        [self.words.len(), self.ngrams.len()]
    }

    /// Bytes that both take in a blob.
    pub fn n_bytes(&self) -> usize {
        self.section_bytes().map(bytes_in_blob).iter().sum()
    }

    /// Puts what there is into a blob.
    ///
    /// # Errors
    /// If `blob` is not a blob.
    pub fn put_into(self, blob: &[u8]) -> Result<Vec<u8>> {
        let mut whole = blob.to_vec();
        for (name, section) in [(blob::WORDS, self.words), (blob::NGRAMS, self.ngrams)] {
            if !section.is_empty() {
                whole = with_section(&whole, name, section)?;
            }
        }
        Ok(whole)
    }
}

/// Bytes that a section takes in a blob, with its entry; an empty one is left out.
fn bytes_in_blob(len: usize) -> usize {
    if len > 0 { SECTION_ENTRY_LEN + len.next_multiple_of(ALIGN) } else { 0 }
}

/// The longest list of at most `most` words that fits `room`, and its section; none where hardly any words fit.
fn fit(most: usize, room: usize, section: impl Fn(usize) -> Result<Vec<u8>>) -> Result<(usize, Vec<u8>)> {
    let fits = |section: &[u8]| bytes_in_blob(section.len()) <= room;
    if most == 0 {
        return Ok((0, Vec::new()));
    }
    let whole = section(most)?;
    if fits(&whole) {
        return Ok((most, whole));
    }
    let (mut fitting, mut too_many) = ((0, Vec::new()), most);
    while too_many - fitting.0 > 1 {
        let n_words = fitting.0.midpoint(too_many);
        let some = section(n_words)?;
        if fits(&some) {
            fitting = (n_words, some);
        } else {
            too_many = n_words;
        }
    }
    Ok(if fitting.0 < MIN_WORDS { (0, Vec::new()) } else { fitting })
}

#[cfg(test)]
mod tests {
    use embedded_gpt::text::Language;
    use embedded_gpt::{Model, SuggestOptions, Suggester};

    use super::*;
    use crate::blob_file::BlobFile;
    use crate::export::with_language;

    const BLOB: &[u8] = include_bytes!("../../../../models/demo.egpt");

    /// Words of two letters, of three, …, each twice as often as the next.
    fn statistics() -> WordStatistics {
        let text: String = (0..1500).map(|i| format!(" w{i}x {}", if i % 2 == 0 { "\n" } else { "" })).collect();
        WordStatistics::of(&[text.repeat(3).as_str()])
    }

    fn with_model(test: impl FnOnce(&Model<'_>)) {
        let file = BlobFile::new(BLOB);
        test(&file.model().unwrap());
    }

    #[test]
    fn as_many_words_as_there_is_room_for() {
        with_model(|model| {
            let statistics = statistics();
            let all = WordSections::new(&statistics, &model.vocab(), 10_000, usize::MAX).unwrap();
            assert_eq!(all.n_words(), statistics.counts.words.len());
            let room = all.n_bytes() - 1;
            let fewer = WordSections::new(&statistics, &model.vocab(), 10_000, room).unwrap();
            assert!(fewer.n_words() < all.n_words() && fewer.n_bytes() <= room && room - fewer.n_bytes() < 100);
            assert_eq!(WordSections::new(&statistics, &model.vocab(), 300, room).unwrap().n_words(), 300);
            assert_eq!(WordSections::new(&statistics, &model.vocab(), 300, 100).unwrap(), WordSections::default());
        });
    }

    #[test]
    fn a_table_takes_what_is_left() {
        with_model(|model| {
            let statistics = statistics();
            let mut sections = WordSections::new(&statistics, &model.vocab(), 1000, usize::MAX).unwrap();
            let (before, room) = (sections.clone(), sections.n_bytes() + MIN_TABLE);
            sections.fill_with_ngrams(&statistics, room);
            assert_eq!(sections, before, "too little for a table and its entry");
            sections.fill_with_ngrams(&statistics, room + 1000);
            assert!((MIN_TABLE..room + 1000).contains(&sections.n_bytes()), "{}", sections.n_bytes());
            assert!(sections.n_bytes() <= room + 1000 && room + 1000 - sections.n_bytes() < 100);
        });
    }

    #[test]
    fn a_blob_grows_by_what_was_told() {
        let statistics = WordStatistics::of(&["how are you, Zdenka?\nhow is Zdenka?"]);
        with_model(|model| {
            let sections = WordSections::new(&statistics, &model.vocab(), 100, usize::MAX).unwrap();
            let sections = sections.with_ngrams(&statistics, 400);
            let [words, ngrams] = sections.section_bytes();
            assert!(words > 0 && (300..=400).contains(&ngrams));
            let bare = with_section(&with_section(BLOB, blob::WORDS, vec![]).unwrap(), blob::NGRAMS, vec![]).unwrap();
            let told = sections.n_bytes();
            let whole = sections.put_into(&bare).unwrap();
            // The empty sections have their entries already.
            assert_eq!(whole.len(), bare.len() + told - 2 * SECTION_ENTRY_LEN);
            let file = BlobFile::new(&whole);
            let model = file.model().unwrap();
            let mut memory = crate::session_memory::SessionMemory::new(model.config(), None);
            let mut suggester = Suggester::new(memory.session(&model).unwrap(), SuggestOptions::DEFAULT);
            let mut slots = [embedded_gpt::Suggestion::EMPTY; 3];
            let found = suggester.suggest("how is Zd", &mut slots);
            assert!(found.iter().any(|word| word.as_str() == "Zdenka"), "{found:?}");
        });
    }

    /// Words of a text are offered as a language writes them.
    fn check_offered(language: Language, text: &str, offered: &[(&str, &str)]) {
        let statistics = WordStatistics::of(&[text; 4]);
        let told = with_language(BLOB, language).unwrap();
        let bare = with_section(&with_section(&told, blob::WORDS, vec![]).unwrap(), blob::NGRAMS, vec![]).unwrap();
        with_model(|model| {
            let sections = WordSections::new(&statistics, &model.vocab(), 100, usize::MAX).unwrap();
            let sections = sections.with_ngrams(&statistics, 400);
            let file = BlobFile::new(&sections.put_into(&bare).unwrap());
            let model = file.model().unwrap();
            let mut memory = crate::session_memory::SessionMemory::new(model.config(), None);
            let mut suggester = Suggester::new(memory.session(&model).unwrap(), SuggestOptions::DEFAULT);
            let mut slots = [embedded_gpt::Suggestion::EMPTY; 3];
            for (typed, expected) in offered {
                let found = suggester.suggest(typed, &mut slots);
                assert!(found.iter().any(|word| word.as_str() == *expected), "{typed}: {found:?}");
            }
        });
    }

    #[test]
    fn letters_beyond_ascii_have_two_cases_too() {
        check_offered(
            Language::Any,
            "wir sind über Österreich geflogen\nüber Österreich große Straße",
            &[
                ("wir ü", "über"),
                ("wir Üb", "Über"),
                ("Hallo. ü", "Über"),
                ("wir ö", "Österreich"),
                ("Ös", "Österreich"),
                ("ÖS", "ÖSTERREICH"),
                ("STRA", "STRASSE"),
                ("STRAß", "STRAßE"),
            ],
        );
    }

    #[test]
    fn words_have_the_capitals_of_the_language() {
        check_offered(
            Language::Turkic,
            "bir insan ırk ilk\nbir insan ırk ilk",
            &[
                ("Bir. in", "İnsan"),
                ("bir İN", "İNSAN"),
                ("Bir. ı", "Irk"),
                ("bir ır", "ırk"),
                ("bir IR", "IRK"),
                ("bir Ir", "Irk"),
                ("bir İl", "İlk"),
            ],
        );
        check_offered(
            Language::Greek,
            "το ένα φως\nτο ένα φως",
            &[("Το. έν", "Ένα"), ("το ΈΝ", "ΈΝΑ"), ("το ΦΩ", "ΦΩΣ"), ("το φω", "φως")],
        );
        check_offered(
            Language::Vietnamese,
            "em ước nước\nem ước nước",
            &[("Em. ướ", "Ước"), ("em NƯ", "NƯỚC"), ("em Ư", "Ước")],
        );
    }
}
