//! Suggestions while somebody types.

mod kind;

use core::ffi::{c_char, c_void};
use core::fmt;
use core::mem::MaybeUninit;
use core::ptr;

use runtime::{Keyboard, Letters, SuggestOptions as Options};

use crate::options::SuggestOptions;
use crate::raw;
use crate::session::Session;
use crate::status::Status;
use crate::suggestion::Suggestion;
use crate::text::Text;
use kind::{Kind, Suggest};

/// Most words that are found for a text.
const MAX_SUGGESTIONS: usize = 16;

/// Suggests whole words: completions of the one being typed, or next words after a space.
pub struct Suggester {
    /// Of one of five types, by its keyboard. Only the code of those is linked that an init function is called for.
    pub(crate) suggest: &'static mut dyn Suggest,
}

#[cfg(feature = "phrase")]
impl Suggester {
    /// The word at a place of so many slots.
    pub(crate) fn word(&mut self, n_slots: usize, index: usize) -> Option<runtime::Suggestion> {
        let mut words = [runtime::Suggestion::EMPTY; MAX_SUGGESTIONS];
        self.suggest.best(words.get_mut(..n_slots.min(MAX_SUGGESTIONS))?).get(index).copied()
    }
}

impl fmt::Debug for Suggester {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suggester").finish_non_exhaustive()
    }
}

/// A suggester, and behind it what it stands for.
pub(crate) struct Place<K: Keyboard> {
    head: MaybeUninit<Suggester>,
    suggest: MaybeUninit<runtime::Suggester<'static, K>>,
}

/// What all init functions do; the parts that are given are read before the memory is touched.
///
/// # Safety
/// What [`raw::place`] and [`Session::open`] ask for.
pub(crate) unsafe fn init<K: Kind + 'static>(
    (memory, size): (*mut c_void, usize),
    session: Option<&Session>,
    options: Option<&SuggestOptions>,
    keyboard: Result<K, Status>,
    suggester: Option<&mut MaybeUninit<*mut Suggester>>,
) -> Status {
    let Some(suggester) = suggester else { return Status::EGPT_ERROR_NULL };
    suggester.write(ptr::null_mut());
    let mut make = || {
        let keyboard = keyboard?;
        // SAFETY: the caller answers for it.
        let (place, session) = unsafe { (raw::place::<Place<K>>(memory, size)?, Session::open(session)?) };
        let options = SuggestOptions::read(options, &[]);
        // Both parts lie in the memory, and are borrowed for as long as that is there.
        let Place { head, suggest } =
            place.write(Place { head: MaybeUninit::uninit(), suggest: MaybeUninit::uninit() });
        let suggest = suggest.write(runtime::Suggester::with_keyboard(session, options, keyboard));
        suggester.write(head.write(Suggester { suggest }));
        Ok(())
    };
    make().into()
}

/// Makes a suggester on which every key is its letter.
///
/// - memory, size: EGPT_SUGGESTER_SIZE bytes or more, at a multiple of EGPT_ALIGN. The suggester lives there.
/// - options: null for those by default.
/// - suggester: where the pointer to the suggester is put; null is put there after an error.
///
/// # Errors
/// EGPT_ERROR_NULL, _MISALIGNED and _SIZE for pointers and the memory, _CONTEXT, _KV and _SCRATCH for the session.
///
/// # Safety
/// The memory, the buffers of the session and the model's blob stay while the suggester is in use. Nothing else writes
/// them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_init(
    memory: *mut c_void,
    size: usize,
    session: Option<&Session>,
    options: Option<&SuggestOptions>,
    suggester: Option<&mut MaybeUninit<*mut Suggester>>,
) -> Status {
    // SAFETY: the caller answers for it.
    unsafe { init((memory, size), session, options, Ok(Letters), suggester) }
}

/// Does a slice of the work for a text: EGPT_WORKING until the words are found, then EGPT_OK.
///
/// Give it the text from its beginning after every keystroke, len bytes of UTF-8. A slice takes one decode step, or one
/// pass over the vocabulary, or looks at a part of the word list. Another text than at the last call begins new work,
/// which goes on from what both have in common.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_UTF8. The suggester is as it was before the call.
///
/// # Safety
/// The text is there until the function returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_poll(
    suggester: Option<&mut Suggester>,
    text: *const c_char,
    len: usize,
) -> Status {
    let Some(suggester) = suggester else { return Status::EGPT_ERROR_NULL };
    // SAFETY: the caller answers for it.
    unsafe { raw::text(text, len) }.map(|text| Status::from(suggester.suggest.poll(text))).into()
}

/// Writes the best words there are for the text last given to egpt_suggester_poll; cheap at any time.
///
/// - slots: room for n_slots words. At most 16 are found.
/// - n_words: where the number of words is put that were written.
///
/// While there is work left, these are words found with fewer letters, as far as they fit. The first word saves most
/// keystrokes alone, and all save most together: they are not in the order of their probabilities.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED.
///
/// # Safety
/// There is room for the words.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_best(
    suggester: Option<&mut Suggester>,
    slots: *mut Suggestion,
    n_slots: usize,
    n_words: Option<&mut MaybeUninit<usize>>,
) -> Status {
    let (Some(suggester), Some(n_words)) = (suggester, n_words) else { return Status::EGPT_ERROR_NULL };
    // SAFETY: the caller answers for it; slots that hold nothing yet may hold anything.
    let slots = unsafe { raw::slice_mut(slots.cast::<MaybeUninit<Suggestion>>(), n_slots.min(MAX_SUGGESTIONS)) };
    let Ok(slots) = slots else { return slots.map(|_| ()).into() };
    let mut words = [runtime::Suggestion::EMPTY; MAX_SUGGESTIONS];
    let words = suggester.suggest.best(words.get_mut(..slots.len()).unwrap_or_default());
    slots.iter_mut().zip(words).for_each(|(slot, word)| Suggestion::put(slot, word));
    n_words.write(words.len());
    Status::EGPT_OK
}

/// Does all of the work for a text, and writes the best words: egpt_suggester_poll and egpt_suggester_best in one.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED, EGPT_ERROR_UTF8.
///
/// # Safety
/// What egpt_suggester_poll and egpt_suggester_best ask for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_suggest(
    mut suggester: Option<&mut Suggester>,
    text: *const c_char,
    len: usize,
    slots: *mut Suggestion,
    n_slots: usize,
    n_words: Option<&mut MaybeUninit<usize>>,
) -> Status {
    loop {
        // SAFETY: the caller answers for it.
        match unsafe { egpt_suggester_poll(suggester.as_deref_mut(), text, len) } {
            Status::EGPT_WORKING => {}
            // SAFETY: the caller answers for it.
            Status::EGPT_OK => return unsafe { egpt_suggester_best(suggester, slots, n_slots, n_words) },
            error => return error,
        }
    }
}

/// Changes the options; the budget from the next text on. Null for those by default. Blocked words stay blocked.
///
/// # Errors
/// EGPT_ERROR_NULL.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_suggester_set_options(
    suggester: Option<&mut Suggester>,
    options: Option<&SuggestOptions>,
) -> Status {
    let Some(suggester) = suggester else { return Status::EGPT_ERROR_NULL };
    let blocked = suggester.suggest.options().blocked;
    suggester.suggest.set_options(SuggestOptions::read(options, blocked));
    Status::EGPT_OK
}

/// Words that are never offered, in whatever letter case, in the place of those that were given before. Of several
/// words, such as "go away", the last one is not offered after those before it, of which two count at most.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_MISALIGNED, EGPT_ERROR_UTF8. Then those that were given before stay blocked.
///
/// # Safety
/// The words stay while the suggester is in use, and do not change.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_set_blocked(
    suggester: Option<&mut Suggester>,
    words: *const Text,
    n_words: usize,
) -> Status {
    let Some(suggester) = suggester else { return Status::EGPT_ERROR_NULL };
    // SAFETY: the caller answers for it.
    let words = unsafe { raw::texts(words, n_words) };
    words.map(|blocked| suggester.suggest.set_options(Options { blocked, ..*suggester.suggest.options() })).into()
}

/// Decode steps taken so far, those that read the text included; for measurements. Wraps. 0 if the suggester is null.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_suggester_decode_steps(suggester: Option<&Suggester>) -> u32 {
    suggester.map_or(0, |suggester| suggester.suggest.decode_steps())
}

/// Byte offset where the word being typed begins, which an accepted word replaces; the text's length if none has begun.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_UTF8.
///
/// # Safety
/// The text is there until the function returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_word_start(
    text: *const c_char,
    len: usize,
    start: Option<&mut MaybeUninit<usize>>,
) -> Status {
    // SAFETY: the caller answers for it.
    let text = unsafe { raw::text(text, len) };
    text.and_then(|text| raw::give(start, runtime::Suggester::word_start(text))).into()
}
