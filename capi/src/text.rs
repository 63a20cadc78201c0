//! Texts of the caller.

use core::ffi::c_char;

/// A text in UTF-8 with its length; for lists. EGPT_TEXT("word") makes one of a string literal.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Text {
    /// The first byte.
    pub bytes: *const c_char,
    /// Bytes of the text, without a 0 at the end.
    pub len: usize,
}
