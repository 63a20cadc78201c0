//! Weights and vocabulary → blob, as `docs/format.md` of the runtime specifies.

mod equalize;
mod quantize;
mod writer;

pub use equalize::equalize_keys_and_values;
pub use quantize::{Quantized, quantize_rows};
pub use writer::write_blob;
