//! Keys that may be missed, or stand for several letters each.

use core::ffi::c_void;
use core::mem::MaybeUninit;

use runtime::Keys as RuntimeKeys;

use crate::options::SuggestOptions;
use crate::raw;
use crate::session::Session;
use crate::status::Status;
use crate::suggester::{self, Suggester};
use crate::text::Text;

/// Kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
#[expect(non_camel_case_types)] // as in C
pub enum KeyLayout {
    /// Every key is its letter, and none is ever missed.
    EGPT_KEYS_LETTERS = 0,
    /// Rows of letters as on an English keyboard, whose keys are missed now and then.
    EGPT_KEYS_QWERTY = 1,
    /// Rows as on a German one.
    EGPT_KEYS_QWERTZ = 2,
    /// Rows as on a French one.
    EGPT_KEYS_AZERTY = 3,
    /// The keys 2 to 9 of a telephone, which stand for several letters each.
    EGPT_KEYS_KEYPAD = 4,
    /// Rows of the caller, whose keys are missed now and then.
    EGPT_KEYS_ROWS = 5,
    /// Keys of the caller that stand for several letters each.
    EGPT_KEYS_GROUPS = 6,
}

/// Keys that may be missed, or stand for several letters each.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Keys {
    /// One of egpt_key_layout.
    pub layout: i32,
    /// For EGPT_KEYS_ROWS the keys of each row, small letters; each row begins half a key to the right of the one
    /// above it. For EGPT_KEYS_GROUPS a text per key, which begins with what the key types; its letters follow.
    /// Null for others.
    pub rows: *const Text,
    /// How many there are.
    pub n_rows: usize,
}

impl Keys {
    /// Keys of the runtime.
    ///
    /// # Safety
    /// The rows are there for ever, and nobody writes them.
    pub(crate) unsafe fn read(keys: Option<&Self>) -> Result<RuntimeKeys<'static>, Status> {
        let &Self { layout, rows, n_rows } = keys.ok_or(Status::EGPT_ERROR_NULL)?;
        // SAFETY: the caller answers for it.
        let rows = unsafe { raw::texts(rows, n_rows) }?;
        Ok(match layout {
            it if it == KeyLayout::EGPT_KEYS_LETTERS as i32 => RuntimeKeys::LETTERS,
            it if it == KeyLayout::EGPT_KEYS_QWERTY as i32 => RuntimeKeys::QWERTY,
            it if it == KeyLayout::EGPT_KEYS_QWERTZ as i32 => RuntimeKeys::QWERTZ,
            it if it == KeyLayout::EGPT_KEYS_AZERTY as i32 => RuntimeKeys::AZERTY,
            it if it == KeyLayout::EGPT_KEYS_KEYPAD as i32 => RuntimeKeys::KEYPAD,
            it if it == KeyLayout::EGPT_KEYS_ROWS as i32 => RuntimeKeys::with_slips(rows),
            it if it == KeyLayout::EGPT_KEYS_GROUPS as i32 => RuntimeKeys::groups(rows),
            _ => return Err(Status::EGPT_ERROR_VALUE),
        })
    }
}

/// Makes a suggester whose keys may be missed, or stand for several letters each.
///
/// The memory is EGPT_SUGGESTER_KEYS_SIZE bytes or more. Otherwise as egpt_suggester_init.
///
/// # Errors
/// Those of egpt_suggester_init, EGPT_ERROR_VALUE for an unknown layout and EGPT_ERROR_UTF8 for a row.
///
/// # Safety
/// What egpt_suggester_init asks for. The rows stay, too; the struct of the keys may go.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_init_keys(
    memory: *mut c_void,
    size: usize,
    session: Option<&Session>,
    options: Option<&SuggestOptions>,
    keys: Option<&Keys>,
    suggester: Option<&mut MaybeUninit<*mut Suggester>>,
) -> Status {
    // SAFETY: the caller answers for it.
    unsafe { suggester::init::<RuntimeKeys<'static>>((memory, size), session, options, Keys::read(keys), suggester) }
}

/// Changes the keys of a suggester from egpt_suggester_init_keys. What was found for the word being typed is forgotten.
///
/// # Errors
/// EGPT_ERROR_KEYBOARD for another suggester, otherwise those of egpt_suggester_init_keys.
///
/// # Safety
/// What egpt_suggester_init_keys asks for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_set_keys(suggester: Option<&mut Suggester>, keys: Option<&Keys>) -> Status {
    let Some(suggester) = suggester else { return Status::EGPT_ERROR_NULL };
    // SAFETY: the caller answers for it.
    unsafe { Keys::read(keys) }.and_then(|keys| suggester.suggest.set_keyboard(None, Some(keys))).into()
}
