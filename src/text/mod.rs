//! Characters of any script: which of them make words, capital and small letters, and UTF-8 as it streams in.

mod case;
mod char_class;
mod chunks;
mod letters;
mod utf8;
mod utf8_stream;
mod word;

pub(crate) use case::{
    Fit, byte_fit, capitalize, capitalize_all, count_cases, is_same_word, may_fit, small_byte, small_start,
    without_case,
};
pub(crate) use char_class::{CharClass, class_of};
pub use chunks::chunks;
pub(crate) use chunks::{MAX_CHUNK_BYTES, first_chunk};
pub use letters::{ends_sentence, is_letter, is_word_char};
pub(crate) use letters::{is_space, trim_end};
pub(crate) use utf8::{decode, is_utf8, split_last_char};
pub use utf8_stream::Utf8Stream;
pub use word::MAX_WORD_BYTES;
pub(crate) use word::Text;
