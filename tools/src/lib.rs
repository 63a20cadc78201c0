//! The host side of embedded-gpt: corpus → BPE → training → evaluation → quantization → blob.
pub mod weights;
