//! What a space bar may put in the place of the word that was typed.

use core::ffi::c_char;
use core::mem::MaybeUninit;

use crate::raw;
use crate::status::Status;
use crate::suggester::Suggester;
use crate::suggestion::Suggestion;

/// The word that was meant by the last one of the text, if it is another one: what a space bar may put there.
///
/// - word: where it is put.
/// - is_there: where it is put whether there is one. Nothing is written to the word if not.
///
/// The percent of the word say how sure that is. Nothing is corrected that has digits or capitals within, that is in
/// the user dictionary after two uses, or that was kept before.
///
/// # Errors
/// EGPT_ERROR_NULL.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_suggester_correction(
    suggester: Option<&Suggester>,
    word: Option<&mut MaybeUninit<Suggestion>>,
    is_there: Option<&mut MaybeUninit<bool>>,
) -> Status {
    let (Some(suggester), Some(slot)) = (suggester, word) else { return Status::EGPT_ERROR_NULL };
    let correction = suggester.suggest.correction();
    if let Some(word) = &correction {
        Suggestion::put(slot, word);
    }
    raw::give(is_there, correction.is_some()).into()
}

/// A word is meant as it was typed and will not be corrected: somebody has taken a correction back. The last four such
/// words are remembered.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_UTF8.
///
/// # Safety
/// The word is there until the function returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_keep(
    suggester: Option<&mut Suggester>,
    word: *const c_char,
    len: usize,
) -> Status {
    let Some(suggester) = suggester else { return Status::EGPT_ERROR_NULL };
    // SAFETY: the caller answers for it.
    unsafe { raw::text(word, len) }.map(|word| suggester.suggest.keep(word)).into()
}
