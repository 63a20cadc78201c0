//! Weights and vocabulary → blob, as `docs/format.md` of the runtime specifies.

mod checkpoint;
mod equalize;
mod quantize;
mod writer;

pub use checkpoint::blob_of;
pub use equalize::equalize_keys_and_values;
pub use quantize::{Quantized, quantize_rows};
pub use writer::write_blob;
