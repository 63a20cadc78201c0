//! What the program `egpt` is made of: corpus → BPE → training → evaluation → quantization → blob.
//!
//! It knows neither command lines nor terminals: whoever wants to see how far a long piece of work has come installs
//! a display with [`progress::show_with`].

pub mod baseline;
pub mod blob_file;
pub mod checkpoint;
pub mod corpus;
pub mod design;
pub mod eval;
pub mod export;
pub mod flash_map;
pub mod import;
pub mod language;
pub mod lock_file;
pub mod measure;
pub mod model_card;
pub mod network;
pub mod output_dir;
pub mod parallel;
pub mod progress;
pub mod quantize;
pub mod reference;
pub mod replace_file;
pub mod session_memory;
pub mod task;
pub mod text_file;
pub mod tokenizer;
pub mod train;
pub mod weights;
pub mod word_rule;
pub mod words;
