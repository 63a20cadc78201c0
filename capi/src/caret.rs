//! The caret within a text.

use core::ffi::c_char;

use crate::raw;
use crate::status::Status;
use crate::suggester::Suggester;

/// Says what stands behind the caret, until it is said again; nothing at first. The text that is given to
/// egpt_suggester_poll and egpt_suggester_suggest ends at the caret.
///
/// - Within a word nothing is offered, unless the options say so (within_words).
/// - The word that follows is not offered before itself.
/// - takes_space of a suggestion is false before a space, a line end, or a full stop and the like.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_UTF8.
///
/// # Safety
/// The text has len bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_set_text_after(
    suggester: Option<&mut Suggester>,
    text: *const c_char,
    len: usize,
) -> Status {
    let Some(suggester) = suggester else { return Status::EGPT_ERROR_NULL };
    // SAFETY: the caller answers for it.
    unsafe { raw::text(text, len) }.map(|text| suggester.suggest.set_text_after(text)).into()
}
