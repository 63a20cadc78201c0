//! Words that a blob lists: how often each was seen, how it is written, and which words follow which.

mod listed;
mod ngrams;
mod spelling;
mod words;

pub(crate) use listed::listed;
pub(crate) use ngrams::last_words_and_case;
pub use ngrams::{Ngrams, last_words, split_last_word};
pub(crate) use spelling::Spelling;
pub use words::{Tail, Tails, WordList};
