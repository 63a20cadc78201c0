//! From exact weights to small integers with one scale per row: `weight ≈ code · mantissa · 2^exponent`.
//!
//! The exporter stores the codes and mantissas; quantization-aware training computes with exactly the values that they
//! stand for. Weights that were rounded once stay as they are when they are rounded again. [`gptq`] rounds by what
//! enters a matrix on a text ([`calibration`]), and formats are chosen for a budget of bytes ([`formats`]).

mod allocate;
pub mod calibration;
mod codes;
mod equalize;
pub mod formats;
pub mod gptq;
mod quant;
mod scale;
mod tensors;
#[cfg(test)]
mod tests;

pub use codes::{Quantized, RowScales, quantize_rows};
pub use equalize::equalize_keys_and_values;
pub use formats::{QuantizedTensor, quantized};
pub use quant::Quant;
pub use scale::{best_scale, round_row};
pub(crate) use tensors::put_values;
pub use tensors::{equalized, is_quantized};
