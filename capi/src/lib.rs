//! The C interface of embedded-gpt: `include/embedded_gpt.h` is made from this crate.
//!
//! Everything lives in memory of the caller. A function that makes an object takes that memory and gives a pointer to
//! the object; there is nothing to free, and no global state. `docs/integrate-c.md` has the steps from nothing to a
//! first suggestion.
//!
//! - A program in C links the static library that `cargo xtask capi` builds.
//! - A program with Rust code of its own depends on this package and brings its own panic handler.
#![no_std]
#![deny(missing_docs)]

#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "caret")]
pub mod caret;
#[cfg(feature = "classifier")]
pub mod classifier;
#[cfg(feature = "correction")]
pub mod correction;
#[cfg(feature = "dictionary")]
pub mod dictionary;
#[cfg(feature = "generator")]
pub mod generator;
#[cfg(feature = "inspect")]
pub mod inspect;
#[cfg(feature = "keys")]
pub mod keys;
pub mod model;
#[cfg(feature = "next-letters")]
pub mod next_letters;
pub mod options;
#[cfg(feature = "phrase")]
pub mod phrase;
#[cfg(feature = "pieces")]
pub mod pieces;
mod raw;
pub mod session;
#[cfg(feature = "shell")]
pub mod shell;
pub mod sizes;
pub mod status;
pub mod suggester;
pub mod suggestion;
pub mod text;

/// Stops; nothing in the runtime panics.
#[cfg(all(feature = "panic-handler", not(feature = "std")))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
