//! What one person types: new words, and which word follows which.

use core::ffi::c_char;
use core::mem::MaybeUninit;
use core::ptr;

use runtime::UserDictionary;

use crate::raw;
use crate::status::Status;
use crate::suggester::Suggester;
use crate::suggestion::copy_word;

/// Bytes that a user dictionary takes at least. 1024 hold 16 words and 48 pairs; more holds more.
pub const EGPT_DICTIONARY_MIN_BYTES: usize = 256;
const _: () = assert!(EGPT_DICTIONARY_MIN_BYTES == UserDictionary::MIN_BYTES);

/// A learned word.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct LearnedWord {
    /// The word in UTF-8 as it was written last, with 0 at the end.
    pub word: [c_char; 32],
    /// Bytes of the word.
    pub len: u8,
    /// How often it was used; offered from 2 on, or from 4 on if it may be a slip of another word.
    pub uses: u8,
}

/// Gives a suggester a user dictionary with nothing learned.
///
/// - bytes, len: memory for it, EGPT_DICTIONARY_MIN_BYTES or more.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_DICTIONARY_SIZE.
///
/// # Safety
/// The memory stays while the suggester is in use, and nothing else writes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_dictionary_init(suggester: Option<&mut Suggester>, bytes: *mut u8, len: usize) -> Status {
    // SAFETY: the caller answers for it.
    unsafe { set(suggester, bytes, len, UserDictionary::new) }
}

/// Gives a suggester a user dictionary with what was saved before: bytes that egpt_dictionary_save gave, copied to
/// memory that can be written.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_DICTIONARY_SIZE, and EGPT_ERROR_DICTIONARY_DAMAGED for anything else than saved bytes,
/// all of them. The suggester is as it was then; begin with egpt_dictionary_init.
///
/// # Safety
/// The memory stays while the suggester is in use, and nothing else writes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_dictionary_restore(
    suggester: Option<&mut Suggester>,
    bytes: *mut u8,
    len: usize,
) -> Status {
    // SAFETY: the caller answers for it.
    unsafe { set(suggester, bytes, len, UserDictionary::restore) }
}

/// # Safety
/// What [`raw::slice_mut`] asks for, for ever.
unsafe fn set(
    suggester: Option<&mut Suggester>,
    bytes: *mut u8,
    len: usize,
    open: fn(&'static mut [u8]) -> Result<UserDictionary<'static>, runtime::error::DictionaryError>,
) -> Status {
    let Some(suggester) = suggester else { return Status::EGPT_ERROR_NULL };
    // SAFETY: the caller answers for it.
    let dictionary = unsafe { raw::slice_mut(bytes, len) }.and_then(|bytes| Ok(open(bytes)?));
    dictionary.map(|dictionary| suggester.suggest.set_dictionary(dictionary)).into()
}

/// Gives the bytes to be stored, with their checksum: all of the dictionary's memory.
///
/// - bytes, len: where the address and the number of the bytes are put. Copy them before the next call that takes the
///   suggester.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_NO_DICTIONARY.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_dictionary_save(
    suggester: Option<&mut Suggester>,
    bytes: Option<&mut MaybeUninit<*const u8>>,
    len: Option<&mut MaybeUninit<usize>>,
) -> Status {
    let (Some(bytes), Some(len)) = (bytes, len) else { return Status::EGPT_ERROR_NULL };
    let saved = of(suggester).map(|dictionary| dictionary.save());
    bytes.write(saved.map_or(ptr::null(), |saved| saved.as_ptr()));
    len.write(saved.map_or(0, <[u8]>::len));
    saved.map(|_| ()).into()
}

/// Learns from a text that is finished, such as a message that was sent. A word that the text ends with is not
/// finished, unless a line end or another sign follows.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_UTF8, EGPT_ERROR_NO_DICTIONARY.
///
/// # Safety
/// The text is there until the function returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_dictionary_learn(
    mut suggester: Option<&mut Suggester>,
    text: *const c_char,
    len: usize,
) -> Status {
    let learn = || {
        of(suggester.as_deref_mut())?;
        // SAFETY: the caller answers for it.
        let text = unsafe { raw::text(text, len) }?;
        suggester.ok_or(Status::EGPT_ERROR_NULL)?.suggest.learn(text);
        Ok(())
    };
    learn().into()
}

/// Adds a word that is offered from now on, such as one that somebody chose to keep.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_UTF8, EGPT_ERROR_NO_DICTIONARY. EGPT_ERROR_NO_WORD for what can't be learned: words with
/// digits, or of more than 31 bytes.
///
/// # Safety
/// The word is there until the function returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_dictionary_add(
    suggester: Option<&mut Suggester>,
    word: *const c_char,
    len: usize,
) -> Status {
    // SAFETY: the caller answers for it.
    unsafe { with_word(suggester, word, len, UserDictionary::add) }
}

/// Forgets a word, in whatever letter case.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_UTF8, EGPT_ERROR_NO_DICTIONARY; EGPT_ERROR_NO_WORD if it was not there.
///
/// # Safety
/// The word is there until the function returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_dictionary_forget(
    suggester: Option<&mut Suggester>,
    word: *const c_char,
    len: usize,
) -> Status {
    // SAFETY: the caller answers for it.
    unsafe { with_word(suggester, word, len, UserDictionary::forget_word) }
}

/// # Safety
/// What [`raw::text`] asks for.
unsafe fn with_word(
    suggester: Option<&mut Suggester>,
    word: *const c_char,
    len: usize,
    act: fn(&mut UserDictionary<'static>, &str) -> bool,
) -> Status {
    let act = || {
        let dictionary = of(suggester)?;
        // SAFETY: the caller answers for it.
        let word = unsafe { raw::text(word, len) }?;
        if act(dictionary, word) { Ok(()) } else { Err(Status::EGPT_ERROR_NO_WORD) }
    };
    act().into()
}

/// Forgets everything.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_NO_DICTIONARY.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_dictionary_forget_all(suggester: Option<&mut Suggester>) -> Status {
    of(suggester).map(UserDictionary::forget).into()
}

/// Gives the learned word at a place, from 0 on.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_NO_DICTIONARY; EGPT_ERROR_NO_WORD behind the last one.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_dictionary_entry(
    suggester: Option<&mut Suggester>,
    index: usize,
    entry: Option<&mut MaybeUninit<LearnedWord>>,
) -> Status {
    let find = || {
        let (word, uses) = of(suggester)?.entries().nth(index).ok_or(Status::EGPT_ERROR_NO_WORD)?;
        let entry = entry.ok_or(Status::EGPT_ERROR_NULL)?.write(LearnedWord { word: [0; 32], len: 0, uses });
        entry.len = copy_word(word, &mut entry.word);
        Ok(())
    };
    find().into()
}

fn of(suggester: Option<&mut Suggester>) -> Result<&mut UserDictionary<'static>, Status> {
    suggester.ok_or(Status::EGPT_ERROR_NULL)?.suggest.dictionary().ok_or(Status::EGPT_ERROR_NO_DICTIONARY)
}
