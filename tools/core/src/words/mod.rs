//! What a corpus tells about words: a list with frequencies (section `WORD`), and which follow which (`NGRM`). And
//! words that are not offered (`BLCK`).

mod blocked;
mod capitals;
mod choose;
mod company;
mod count;
pub mod dictionary;
mod files;
mod fill;
mod misspelt;
mod ngrams;
mod section;
mod slips;

pub use blocked::BlockedWords;
pub use choose::{ListedWord, by_worth};
pub use count::{WordCounts, count_words};
pub use fill::{MAX_WORDS, USUAL_WORDS, WordSections};
pub use misspelt::Misspelt;
pub use ngrams::{Ngram, ngrams, ngrams_section};
pub use section::words_section;

/// Text in which n-grams are counted: counts of more take too much memory, and tell little more.
const MAX_NGRAM_BYTES: usize = 64 << 20;

/// What a corpus tells about words.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WordStatistics {
    pub counts: WordCounts,
    /// Best first.
    pub ngrams: Vec<Ngram>,
}

impl WordStatistics {
    /// Counts the words of documents, and n-grams in a part of them where they are very many.
    pub fn of<D: AsRef<str>>(documents: &[D]) -> Self {
        let n_bytes: usize = documents.iter().map(|document| document.as_ref().len()).sum();
        let every = n_bytes.div_ceil(MAX_NGRAM_BYTES).max(1);
        let texts = || documents.iter().map(AsRef::as_ref);
        Self { counts: count_words(texts()), ngrams: ngrams(texts().step_by(every)) }
    }

    /// Statistics without misspelt words, which count as what they mean.
    pub fn without(self, misspelt: &Misspelt) -> Self {
        let Self { counts, ngrams } = self;
        Self { counts: counts.without(misspelt), ngrams }
    }
}
