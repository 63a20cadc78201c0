//! Which letter comes next, for a person who picks letters from a ring, a row or a list.

use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ptr;

use crate::raw;
use crate::status::Status;
use crate::suggester::Suggester;

/// Most letters that are found for a text, the word's end among them.
const MAX_LETTERS: usize = 40;

/// The probability of each letter that may come next, and of the word's end.
#[derive(Debug)]
pub struct NextLetters(runtime::NextLetters);

/// A letter that may come next, or the end of the word.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct NextLetter {
    /// The small letter as a Unicode scalar value; a digit, an apostrophe or a hyphen counts, too. 0 is the end of the
    /// word, or whatever else is no part of one.
    pub letter: u32,
    /// Natural logarithm of its probability, in units of 1/65536.
    pub log_prob: i32,
    /// How probable it is, 0 to 100.
    pub percent: u8,
}

/// Makes an object for the letters of one text after another.
///
/// - memory, size: EGPT_NEXT_LETTERS_SIZE bytes or more, at a multiple of EGPT_ALIGN. The object lives there.
/// - budget: decode steps for each text; 6 is usual.
/// - letters: where the pointer to the object is put; null is put there after an error.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED, EGPT_ERROR_SIZE.
///
/// # Safety
/// The memory stays while the object is in use, and nothing else writes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_next_letters_init(
    memory: *mut c_void,
    size: usize,
    budget: u16,
    letters: Option<&mut MaybeUninit<*mut NextLetters>>,
) -> Status {
    let Some(letters) = letters else { return Status::EGPT_ERROR_NULL };
    letters.write(ptr::null_mut());
    // SAFETY: the caller answers for it.
    let place = unsafe { raw::place(memory, size) };
    place.map(|place| _ = letters.write(place.write(NextLetters(runtime::NextLetters::new(budget))))).into()
}

/// Does a slice of the work, with a suggester that has done its own for the text: EGPT_WORKING until all is done, then
/// EGPT_OK. A slice takes one decode step.
///
/// There is nothing to do while the suggester works, and nothing more once another text was given to it. The suggester
/// keeps its words meanwhile.
///
/// # Errors
/// EGPT_ERROR_NULL.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_next_letters_poll(
    letters: Option<&mut NextLetters>,
    suggester: Option<&mut Suggester>,
) -> Status {
    let (Some(letters), Some(suggester)) = (letters, suggester) else { return Status::EGPT_ERROR_NULL };
    suggester.suggest.poll_letters(&mut letters.0).into()
}

/// Writes the likeliest letters, likeliest first.
///
/// - slots: room for n_slots letters. At most 40 are found.
/// - n_letters: where the number of letters is put that were written.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED.
///
/// # Safety
/// There is room for the letters.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_next_letters_best(
    letters: Option<&NextLetters>,
    slots: *mut NextLetter,
    n_slots: usize,
    n_letters: Option<&mut MaybeUninit<usize>>,
) -> Status {
    let (Some(letters), Some(n_letters)) = (letters, n_letters) else { return Status::EGPT_ERROR_NULL };
    n_letters.write(0);
    // SAFETY: the caller answers for it; slots that hold nothing yet may hold anything.
    let slots = unsafe { raw::slice_mut(slots.cast::<MaybeUninit<NextLetter>>(), n_slots.min(MAX_LETTERS)) };
    let fill = |slots: &mut [MaybeUninit<NextLetter>]| {
        let mut best = [runtime::NextLetter::EMPTY; MAX_LETTERS];
        let best = letters.0.best(best.get_mut(..slots.len()).unwrap_or_default());
        for (slot, it) in slots.iter_mut().zip(best) {
            let letter = it.letter().map_or(0, u32::from);
            slot.write(NextLetter { letter, log_prob: it.log_prob(), percent: it.percent() });
        }
        n_letters.write(best.len());
    };
    slots.map(fill).into()
}

/// Gives the natural logarithm of the probability of a small letter, or of the word's end, in units of 1/65536.
///
/// - letter: a Unicode scalar value; 0 is the end of the word.
/// - log_prob: where the logarithm is put. Letters that nothing was found for have -681391.
///
/// # Errors
/// EGPT_ERROR_NULL; EGPT_ERROR_VALUE for a number that is no Unicode scalar value.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_next_letters_log_prob(
    letters: Option<&NextLetters>,
    letter: u32,
    log_prob: Option<&mut MaybeUninit<i32>>,
) -> Status {
    let Some(letters) = letters else { return Status::EGPT_ERROR_NULL };
    let Some(letter) = char::from_u32(letter) else { return Status::EGPT_ERROR_VALUE };
    raw::give(log_prob, letters.0.log_prob(Some(letter).filter(|&letter| letter != '\0'))).into()
}
