//! Weights and vocabulary → blob, as `docs/format.md` of the runtime specifies, and back.

mod checkpoint;
mod dequantize;
mod equalize;
mod quantize;
#[cfg(test)]
mod tests;
mod tiles;
mod vector;
mod writer;

pub use checkpoint::blob_of;
pub use dequantize::{dequantize, weights_of};
pub use equalize::equalize_keys_and_values;
pub use quantize::{QuantizedMatrix, quantize_rows};
pub use tiles::{pack_tiles, unpack_tiles};
pub use vector::{QuantizedVector, quantize_vector};
pub use writer::write_blob;
