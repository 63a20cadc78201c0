//! Autocomplete as you type: words for a text, from a model.
//!
//! A *reader* keeps the session in step with the text; a *search* takes the paths of tokens that decide most; a
//! *ranker* makes words of them and mixes in what else is known. What was typed means what the *matcher* says.

mod after;
mod cut;
#[cfg(test)]
mod fixture;
mod frequency;
mod log_prob;
mod mark;
mod matcher;
mod next_letters;
mod options;
mod phrase;
mod pieces;
mod ranker;
mod reader;
mod search;
mod shown;
mod suggester;
#[cfg(test)]
mod suggester_tests;
mod suggestion;
mod task;
mod user_dictionary;
mod word_rule;
mod written;

pub use matcher::{Keyboard, Keys, Letters, Pieces, Shell};
pub use next_letters::{NextLetter, NextLetters};
pub use options::SuggestOptions;
pub use phrase::{Phrase, PhraseOptions};
pub use suggester::Suggester;
pub use suggestion::Suggestion;
pub use user_dictionary::UserDictionary;
