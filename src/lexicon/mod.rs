//! Words that a blob lists: how often each was seen, how it is written, which words follow which, and which are not
//! offered.

mod blocked;
mod listed;
mod ngrams;
mod spelling;
mod words;

pub use blocked::Blocked;
pub(crate) use listed::listed;
pub(crate) use ngrams::last_words_and_case;
pub use ngrams::{Ngrams, last_words, split_last_word};
pub(crate) use spelling::Spelling;
pub(crate) use words::{Listed, Place, Work};
pub use words::{Tail, Tails, WordList};
