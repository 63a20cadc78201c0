//! What the firmware examples do once the board is up: the same code runs on every board and
//! on the host, so that their outputs can be compared.
#![cfg_attr(not(test), no_std)]
#![deny(missing_docs, unsafe_code)]

#[cfg(target_os = "none")]
mod bench;
mod classify;
#[cfg(target_os = "none")]
#[allow(unsafe_code)]
mod clock;
pub mod commands;
mod complete;
mod error;
mod identity;
mod kernels;
#[cfg(target_os = "none")]
mod keystrokes;
#[cfg(target_os = "none")]
#[allow(unsafe_code)]
mod loaded;
#[cfg(target_os = "none")]
#[allow(unsafe_code)]
pub mod memory;
mod meter;
mod prefill;
mod soak;

#[cfg(target_os = "none")]
pub use bench::bench;
pub use classify::{ORDERS, ORDERS_CONTEXT, classify};
#[cfg(target_os = "none")]
pub use clock::check_clock;
pub use complete::complete;
pub use error::RunError;
pub use identity::bit_identity;
pub use kernels::kernels;
#[cfg(target_os = "none")]
pub use keystrokes::keystrokes;
#[cfg(target_os = "none")]
pub use loaded::loaded_model;
pub use meter::Meter;
pub use prefill::prefill;
pub use soak::soak;

use core::fmt::Write;

pub use embedded_gpt::LogitsHash;
use embedded_gpt::{Buffers, Config, Model};

/// Where a run prints, and how it counts its work.
pub trait Board: Write {
    /// Instructions executed so far; `None` on a machine that cannot count them.
    fn instructions(&self) -> Option<u64>;
}

/// Context of every run in tokens: what the model was trained for, but no more than 128.
pub const fn context(config: &Config) -> usize {
    if config.n_ctx < 128 { config.n_ctx } else { 128 }
}

/// As much of a board's memory as a session takes; nothing where there is too little, which the session refuses.
fn buffers<'r>(model: &Model<'_>, ram: &'r mut [u32], context: usize) -> Buffers<'r> {
    let (kv, rest) = ram.split_at_mut_checked(model.config().kv_words(context)).unwrap_or_default();
    let scratch = rest.get_mut(..model.config().scratch_words(context)).unwrap_or_default();
    Buffers { kv, scratch }
}
