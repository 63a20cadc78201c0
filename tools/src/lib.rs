//! The host side of embedded-gpt: corpus → BPE → training → evaluation → quantization → blob.
pub mod blob_file;
pub mod checkpoint;
pub mod cmd;
pub mod corpus;
pub mod eval;
pub mod export;
pub mod import;
pub mod model_card;
pub mod presets;
pub mod progress;
pub mod quantize;
pub mod reference;
pub mod replace_file;
pub mod session_memory;
pub mod tokenizer;
pub mod train;
pub mod weights;
