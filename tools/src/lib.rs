//! The host side of embedded-gpt: corpus → BPE → training → evaluation → quantization → blob.
pub mod blob_file;
pub mod export;
pub mod weights;
