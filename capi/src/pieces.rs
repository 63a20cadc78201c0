//! Pieces of text in scripts without spaces.

use core::ffi::c_void;
use core::mem::MaybeUninit;

use runtime::Pieces;

use crate::options::SuggestOptions;
use crate::session::Session;
use crate::status::Status;
use crate::suggester::{self, Suggester};

/// Makes a suggester for scripts without spaces, such as Japanese, Chinese, Thai, Lao and Khmer.
///
/// What is offered is what the text may go on with, of at least two characters. It is put behind the text as it is:
/// it replaces nothing, and no space follows. The memory is EGPT_SUGGESTER_PIECES_SIZE bytes or more. Otherwise as
/// egpt_suggester_init.
///
/// # Errors
/// Those of egpt_suggester_init.
///
/// # Safety
/// What egpt_suggester_init asks for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_suggester_init_pieces(
    memory: *mut c_void,
    size: usize,
    session: Option<&Session>,
    options: Option<&SuggestOptions>,
    suggester: Option<&mut MaybeUninit<*mut Suggester>>,
) -> Status {
    // SAFETY: the caller answers for it.
    unsafe { suggester::init((memory, size), session, options, Ok(Pieces), suggester) }
}
