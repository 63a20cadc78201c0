//! What tells a text from another, without keeping it.

/// Length and FNV-1a hash of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    len: usize,
    hash: u32,
}

impl Mark {
    pub(super) fn of(text: &str) -> Self {
        let hash = text.bytes().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        Self { len: text.len(), hash }
    }
}
