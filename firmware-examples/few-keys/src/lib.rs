//! Writers for devices of few keys: what each key does, a search in slices, and a drawing of two rows.
//!
//! - [`KeypadPhone`] is a telephone with nine keys for letters, that guesses which letters are meant.
//! - [`KnobWriter`] is a knob that is turned and pressed. Words and letters are on a ring, the likeliest first.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod keypad;
mod knob;
mod message;
mod reading;
mod ring;
mod screen;

pub use keypad::{KEYS, KeypadPhone};
pub use knob::KnobWriter;
