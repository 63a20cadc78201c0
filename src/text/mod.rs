//! Characters of any script: which of them make words, capital and small letters, accents, and UTF-8 as it streams in.

mod accents;
mod case;
mod char_class;
mod chunks;
mod language;
mod letters;
mod reads;
mod utf8;
mod utf8_stream;
mod word;
mod word_rule;

pub(crate) use accents::{accents_len, decomposed_len, without_accent};
pub(crate) use case::{
    N_LETTER_CLASS, byte_class, count_cases, fold, has_cases, is_same_word, letter_class, may_be_same, start_in,
    straight,
};
pub(crate) use char_class::{CharClass, class_of};
pub use chunks::chunks;
pub(crate) use chunks::{MAX_CHUNK_BYTES, first_chunk};
pub use language::Language;
pub use letters::{ends_sentence, is_letter, is_word_char};
pub(crate) use letters::{is_space, trim_end};
pub(crate) use reads::{BytesIn, Reads};
pub(crate) use utf8::{decode, is_utf8, split_last_char, utf8_word};
pub use utf8_stream::Utf8Stream;
pub use word::MAX_WORD_BYTES;
pub(crate) use word::Text;
pub use word_rule::WordRule;
