//! What suggestions save a person who types: keystroke savings, next-word accuracy, and how sure a difference is.

pub mod folding;
pub mod keypad;
pub mod ksr;
pub mod letters;
pub mod noisy;
pub mod paired;
mod percent;
pub mod phrases;
pub mod pieces;
pub mod shown_words;
pub mod slips;
pub mod steps;
pub mod suggestions;
pub mod typed_text;
pub mod typing;
pub mod typos;
