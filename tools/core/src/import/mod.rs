//! Bringing models into a checkpoint directory: those of other tools, and blobs.

pub mod blob;
pub mod check;
pub mod hf;
pub mod llama2c;
