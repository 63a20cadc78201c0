//! Buffers that start on a cache line.

use std::ops::{Deref, DerefMut};

const LINE_BYTES: usize = 64;

/// `f32` elements whose first one is aligned to 64 bytes, so that full-width vectors do
/// not straddle cache lines.
#[derive(Debug)]
pub struct AlignedVec {
    storage: Vec<f32>,
    start: usize,
    len: usize,
}

impl AlignedVec {
    /// `len` zeros.
    pub fn zeroed(len: usize) -> Self {
        let slack = LINE_BYTES / size_of::<f32>();
        let storage = vec![0.0; len + slack];
        // `align_offset` may give up, in which case the buffer is merely slower.
        let start = storage.as_ptr().align_offset(LINE_BYTES).min(slack);
        Self { storage, start, len }
    }
}

impl Deref for AlignedVec {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.storage[self.start..][..self.len]
    }
}

impl DerefMut for AlignedVec {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.storage[self.start..][..self.len]
    }
}
