//! Room for one word.

use crate::part::{head, head_mut};

/// Longest word that is offered, in bytes.
pub const MAX_WORD_BYTES: usize = 31;

/// A word and the space before it.
#[derive(Clone, Copy, Debug)]
#[repr(C)] // bytes are cleared most easily at a multiple of four
pub(crate) struct Text {
    bytes: [u8; MAX_WORD_BYTES + 1],
    len: u8,
}

impl Text {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; MAX_WORD_BYTES + 1], len: 0 }
    }

    /// Appends to the word; `false` if there was no room.
    pub(crate) fn push(&mut self, byte: u8) -> bool {
        let place = self.bytes.get_mut(usize::from(self.len));
        self.len += u8::from(place.is_some());
        place.map(|place| *place = byte).is_some()
    }

    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len as u8);
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl core::ops::Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        head(&self.bytes, self.len.into())
    }
}

impl core::ops::DerefMut for Text {
    fn deref_mut(&mut self) -> &mut [u8] {
        head_mut(&mut self.bytes, self.len.into())
    }
}
