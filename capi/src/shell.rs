//! Commands, flags and paths.

use core::ffi::{c_char, c_void};
use core::mem::MaybeUninit;

use runtime::Shell;

#[cfg(feature = "keys")]
use crate::keys::Keys;
use crate::options::SuggestOptions;
use crate::raw;
use crate::session::Session;
use crate::status::Status;
use crate::suggester::{self, Suggester};
use crate::text::Text;

/// Makes a suggester for commands: words are what a shell reads as one, such as --all, /etc/hosts or led.mode=on.
///
/// With words of its own the device offers these and no others, and the model says which of them comes first. Words
/// have at most 31 bytes. Without any (n_words is 0) those are offered that the model knows. The memory is
/// EGPT_SUGGESTER_SHELL_SIZE bytes or more. Otherwise as egpt_suggester_init.
///
/// # Errors
/// Those of egpt_suggester_init, and EGPT_ERROR_UTF8 for a word.
///
/// # Safety
/// What egpt_suggester_init asks for. The words stay, too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_init_shell(
    memory: *mut c_void,
    size: usize,
    session: Option<&Session>,
    options: Option<&SuggestOptions>,
    words: *const Text,
    n_words: usize,
    suggester: Option<&mut MaybeUninit<*mut Suggester>>,
) -> Status {
    // SAFETY: the caller answers for it.
    let keyboard = unsafe { raw::texts(words, n_words) }.map(Shell::with_words);
    // SAFETY: the caller answers for it.
    unsafe { suggester::init((memory, size), session, options, keyboard, suggester) }
}

/// Makes a suggester for commands, typed on keys that may be missed or stand for several letters each.
///
/// The memory is EGPT_SUGGESTER_SHELL_KEYS_SIZE bytes or more. Otherwise as egpt_suggester_init_shell.
///
/// # Errors
/// Those of egpt_suggester_init_keys and egpt_suggester_init_shell.
///
/// # Safety
/// What egpt_suggester_init_keys and egpt_suggester_init_shell ask for.
#[cfg(feature = "keys")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_init_shell_keys(
    memory: *mut c_void,
    size: usize,
    session: Option<&Session>,
    options: Option<&SuggestOptions>,
    words: *const Text,
    n_words: usize,
    keys: Option<&Keys>,
    suggester: Option<&mut MaybeUninit<*mut Suggester>>,
) -> Status {
    // SAFETY: the caller answers for it.
    let keyboard =
        unsafe { words_and_keys((words, n_words), keys) }.map(|(words, keys)| Shell::with_words(words).on(keys));
    // SAFETY: the caller answers for it.
    unsafe { suggester::init((memory, size), session, options, keyboard, suggester) }
}

/// Changes the words of a suggester from egpt_suggester_init_shell: commands at the start of a line, then the flags of
/// the command. What was found for the word being typed is forgotten.
///
/// # Errors
/// EGPT_ERROR_KEYBOARD for another suggester, otherwise those of egpt_suggester_init_shell.
///
/// # Safety
/// The words stay while the suggester is in use, and do not change.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_set_words(
    suggester: Option<&mut Suggester>,
    words: *const Text,
    n_words: usize,
) -> Status {
    let Some(suggester) = suggester else { return Status::EGPT_ERROR_NULL };
    // SAFETY: the caller answers for it.
    let words = unsafe { raw::texts(words, n_words) };
    words.and_then(|words| suggester.suggest.set_keyboard(Some(words), None)).into()
}

/// Changes words and keys of a suggester from egpt_suggester_init_shell_keys. What was found for the word being typed
/// is forgotten.
///
/// # Errors
/// EGPT_ERROR_KEYBOARD for another suggester, otherwise those of egpt_suggester_init_shell_keys.
///
/// # Safety
/// The words and the rows of the keys stay while the suggester is in use, and do not change.
#[cfg(feature = "keys")]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_set_words_and_keys(
    suggester: Option<&mut Suggester>,
    words: *const Text,
    n_words: usize,
    keys: Option<&Keys>,
) -> Status {
    let Some(suggester) = suggester else { return Status::EGPT_ERROR_NULL };
    // SAFETY: the caller answers for it.
    let both = unsafe { words_and_keys((words, n_words), keys) };
    both.and_then(|(words, keys)| suggester.suggest.set_keyboard(Some(words), Some(keys))).into()
}

/// The words of a shell, and the keys that they are typed on.
///
/// # Safety
/// What [`raw::texts`] and [`Keys::read`] ask for.
#[cfg(feature = "keys")]
unsafe fn words_and_keys<'a>(
    (words, n_words): (*const Text, usize),
    keys: Option<&Keys>,
) -> Result<(&'a [&'a str], runtime::Keys<'static>), Status> {
    // SAFETY: the caller answers for it.
    unsafe { Ok((raw::texts(words, n_words)?, Keys::read(keys)?)) }
}

/// Byte offset where the word of a shell begins that is being typed; the text's length if none has begun.
///
/// # Errors
/// EGPT_ERROR_NULL, EGPT_ERROR_UTF8.
///
/// # Safety
/// The text is there until the function returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_shell_word_start(
    text: *const c_char,
    len: usize,
    start: Option<&mut MaybeUninit<usize>>,
) -> Status {
    // SAFETY: the caller answers for it.
    unsafe { raw::text(text, len) }.and_then(|text| raw::give(start, Shell::word_start(text))).into()
}
