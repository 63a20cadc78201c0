//! Weights and vocabulary → blob, as `docs/format.md` of the runtime specifies.

mod quantize;
mod writer;

pub use quantize::{Quantized, quantize_rows};
pub use writer::write_blob;
