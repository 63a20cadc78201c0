//! The words after an offered one, for as long as the model is sure of them.

use core::ffi::{c_char, c_void};
use core::mem::MaybeUninit;
use core::ptr;

use crate::raw;
use crate::status::Status;
use crate::suggester::Suggester;

/// An offered word with the words that follow it, so that one keystroke writes all of them.
#[derive(Debug)]
pub struct Phrase(runtime::Phrase);

/// Makes a phrase that begins with a word that the suggester offers, once the work for the text is done.
///
/// - memory, size: EGPT_PHRASE_SIZE bytes or more, at a multiple of EGPT_ALIGN. The phrase lives there.
/// - n_slots, index: the word that egpt_suggester_best writes at this place of so many slots.
/// - min_percent: the whole phrase is at least so probable, 0 to 100; 20 is usual.
/// - max_words: the phrase has at most so many words, the first one included; 4 is usual.
/// - phrase: where the pointer to the phrase is put; null is put there after an error.
///
/// # Errors
/// EGPT_ERROR_NULL, _MISALIGNED and _SIZE for pointers and the memory, EGPT_ERROR_NO_WORD if no word is at this place.
///
/// # Safety
/// The memory stays while the phrase is in use, and nothing else writes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_phrase_init(
    memory: *mut c_void,
    size: usize,
    suggester: Option<&mut Suggester>,
    n_slots: usize,
    index: usize,
    min_percent: u8,
    max_words: u8,
    phrase: Option<&mut MaybeUninit<*mut Phrase>>,
) -> Status {
    let Some(phrase) = phrase else { return Status::EGPT_ERROR_NULL };
    phrase.write(ptr::null_mut());
    let make = || {
        // SAFETY: the caller answers for it.
        let place = unsafe { raw::place(memory, size) }?;
        let word = suggester.ok_or(Status::EGPT_ERROR_NULL)?.word(n_slots, index).ok_or(Status::EGPT_ERROR_NO_WORD)?;
        let options = runtime::PhraseOptions { min_percent, max_words };
        phrase.write(place.write(Phrase(runtime::Phrase::after(&word, options))));
        Ok(())
    };
    make().into()
}

/// Takes one token further, with the suggester that offered the word: EGPT_WORKING until the phrase is as long as it
/// gets, then EGPT_OK. A call takes one decode step, and there are at most 8.
///
/// The suggester keeps its words meanwhile. There is nothing more to do once another text was given to it.
///
/// # Errors
/// EGPT_ERROR_NULL.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_phrase_poll(phrase: Option<&mut Phrase>, suggester: Option<&mut Suggester>) -> Status {
    let (Some(phrase), Some(suggester)) = (phrase, suggester) else { return Status::EGPT_ERROR_NULL };
    suggester.suggest.poll_phrase(&mut phrase.0).into()
}

/// Gives the whole phrase, the first word included, of at most 63 bytes; an empty text while there is no more than that
/// word.
///
/// - text, len: where the address and the length of the text are put. It does not end with 0, and stays until the next
///   call that takes the phrase.
///
/// # Errors
/// EGPT_ERROR_NULL.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_phrase_text(
    phrase: Option<&Phrase>,
    text: Option<&mut MaybeUninit<*const c_char>>,
    len: Option<&mut MaybeUninit<usize>>,
) -> Status {
    phrase.ok_or(Status::EGPT_ERROR_NULL).and_then(|phrase| raw::give_text(phrase.0.as_str(), text, len)).into()
}
