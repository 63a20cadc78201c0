//! Weights and vocabulary → blob, as `docs/format.md` of the runtime specifies, and back.

mod allocate;
pub mod calibration;
mod checkpoint;
mod compress;
mod dequantize;
mod equalize;
mod formats;
pub mod gptq;
mod quantize;
mod rounding;
#[cfg(test)]
mod tests;
mod tiles;
mod vector;
mod writer;

pub use checkpoint::blob_of;
pub use compress::{Compressed, Loss, Wanted, compress, rounded};
pub use dequantize::{dequantize, weights_of};
pub use equalize::equalize_keys_and_values;
pub use formats::RoundedTensor;
pub use quantize::{QuantizedMatrix, quantize_rows};
pub use rounding::is_rounded;
pub use tiles::{pack_tiles, unpack_tiles};
pub use vector::{QuantizedVector, quantize_vector};
pub use writer::{prepared, with_section, write_blob, write_rounded};
