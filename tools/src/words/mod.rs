//! What a corpus tells about words: a list with frequencies (section `WORD`), and which follow which (`NGRM`).

mod count;
mod ngrams;
mod section;

pub use count::{WordCounts, count_words};
pub use ngrams::ngrams_section;
pub use section::words_section;
