//! Weights and vocabulary → blob, as `docs/format.md` of the runtime specifies, and back.

mod checkpoint;
mod compress;
mod dequantize;
mod matrix;
#[cfg(test)]
mod tests;
mod tiles;
mod vector;
mod vocabulary_flags;
mod writer;

pub use checkpoint::blob_of;
pub use compress::{Compressed, Loss, Wanted, compress};
pub use dequantize::{dequantize, weights_of};
pub use matrix::{QuantizedMatrix, quantize_rows};
pub use tiles::{pack_tiles, unpack_tiles};
pub use vector::{QuantizedVector, quantize_vector};
pub use vocabulary_flags::{with_language, with_word_rule};
pub use writer::{seal, with_section, without_section, write_blob, write_quantized};
