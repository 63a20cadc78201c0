//! Tokenizers on the host: training a byte-level BPE, and carrying a tokenizer.json to the device.
//!
//! The `tokenizers` crate trains and stays the reference; [`Vocabulary`] turns its files into
//! the `VOCB` section, and [`encode_documents`] makes training data with the encoder that
//! runs on the device.

mod added;
mod back;
mod before;
mod bpe;
mod byte_level;
mod json;
mod kind;
mod ranks;
mod sentence_piece;
mod small_letters;
mod stream;
mod train;
mod vocabulary;
mod ways;

pub use added::add_special_tokens;
pub use back::tokenizer_json;
pub use bpe::n_ids;
pub use json::{note_on, vocab_section};
pub use kind::TokenizerKind;
pub use stream::encode_documents;
pub use train::{TrainSettings, n_vocab, train};
pub use vocabulary::{Base, PreTokenizer, SpacePrefix, Vocabulary};

/// The special token that stands between documents.
pub const END_OF_TEXT: &str = "<|endoftext|>";
