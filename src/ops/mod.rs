//! The operations of a decoder besides matrix products: norms, activations, rotary angles, sums.

mod activation;
mod norm;
mod residual;
mod rotary;

pub(crate) use activation::{Scaled, activate};
pub(crate) use norm::{divide_by_root_mean_square, norm};
pub(crate) use residual::{add, add_bias};
pub(crate) use rotary::{cos_sin, rotate};
