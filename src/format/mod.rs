//! The flat file format, for whoever writes or inspects blobs; `docs/format.md` is the specification.
//!
//! Firmware that only runs a model needs nothing from here.

pub mod blob;
pub mod labels;
pub mod ngrams;
pub mod tensor;
pub mod tile;
pub mod words;
