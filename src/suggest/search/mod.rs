//! The search: which paths of tokens a word may take, and which of them is worth the next decode step.

mod branch;
mod first;
mod grow;
#[cfg(test)]
mod tests;
mod tree;

pub(super) use tree::{MAX_PATH, Path, Tree};
