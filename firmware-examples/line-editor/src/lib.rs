//! A line with suggestions below it, on the terminal at the other end of a serial port.
//!
//! - [`LineEditor`] is the line: what each key does, a search for words in slices, a drawing. Whoever has a main loop
//!   calls it from there.
//! - [`edit`] does that as a future, over any input and output of `embedded-io-async`.
//! - [`suggest`] is the search alone as a future, for programs that draw in another way.
//!
//! The futures give way to other tasks after every slice, so that a program of several tasks needs no more than one
//! executor. It may be dropped at any time: the next search goes on with what was found.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod editor;
mod keys;
mod search;
mod terminal;

pub use editor::LineEditor;
pub use search::suggest;
pub use terminal::{EditError, edit};
