//! What tells a text from another, without keeping it.

use crate::format::ngrams::{FNV_START, fnv};

/// Length and FNV-1a hash of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    len: usize,
    hash: u32,
}

impl Mark {
    pub(super) fn of(text: &str) -> Self {
        let hash = text.bytes().fold(FNV_START, fnv);
        Self { len: text.len(), hash }
    }
}
