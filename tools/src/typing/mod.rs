//! A keyboard on a terminal, with the device's own suggestions: what `egpt type` shows.
//!
//! What keys do ([`Keyboard`]) knows nothing of terminals, models or files; what is drawn follows from it alone.

mod dictionary_file;
mod draft;
mod event_loop;
mod keyboard;
mod keys;
mod screen;
mod search;
mod spacing;
mod wrap;

pub use dictionary_file::DictionaryFile;
pub use draft::Draft;
pub use event_loop::{Desk, Settings};
pub use keyboard::Keyboard;
