//! From pointers of the caller to slices, texts and places for objects: all unsafe code of the library.
//!
//! What can be checked is checked here: null, alignment, length. What can't is what the header asks of the caller.

use core::ffi::{c_char, c_void};
use core::mem::MaybeUninit;

use crate::status::Status;
use crate::text::Text;

/// `len` objects; none of any pointer if `len` is 0.
///
/// # Safety
/// They are there, initialised, and nobody writes them while the slice is in use.
pub(crate) unsafe fn slice<'a, T>(first: *const T, len: usize) -> Result<&'a [T], Status> {
    if len == 0 {
        return Ok(&[]);
    }
    check(first, len)?;
    // SAFETY: checked for null, alignment and length; the caller answers for the rest.
    Ok(unsafe { core::slice::from_raw_parts(first, len) })
}

/// `len` objects to write.
///
/// # Safety
/// There is memory for them that nobody else reads or writes while the slice is in use. Only a type that has no invalid
/// values may be uninitialised.
pub(crate) unsafe fn slice_mut<'a, T>(first: *mut T, len: usize) -> Result<&'a mut [T], Status> {
    check(first, len)?;
    // SAFETY: checked for null, alignment and length; the caller answers for the rest.
    Ok(unsafe { core::slice::from_raw_parts_mut(first, len) })
}

/// A text.
///
/// # Safety
/// Its bytes are there, and nobody writes them while it is in use.
pub(crate) unsafe fn text<'a>(bytes: *const c_char, len: usize) -> Result<&'a str, Status> {
    // SAFETY: the caller answers for it.
    let bytes = unsafe { slice(bytes.cast::<u8>(), len) }?;
    core::str::from_utf8(bytes).map_err(|_| Status::EGPT_ERROR_UTF8)
}

/// A list of texts, read in place.
///
/// # Safety
/// The list and the bytes of its texts are there, and nobody writes them while it is in use.
pub(crate) unsafe fn texts<'a>(first: *const Text, len: usize) -> Result<&'a [&'a str], Status> {
    const { assert!(size_of::<Text>() == size_of::<&str>() && align_of::<Text>() == align_of::<&str>()) }
    // SAFETY: the caller answers for it.
    for &Text { bytes, len } in unsafe { slice(first, len) }? {
        if bytes.is_null() {
            return Err(Status::EGPT_ERROR_NULL);
        }
        // SAFETY: the caller answers for it.
        unsafe { text(bytes, len) }?;
    }
    let sample = "sample";
    // SAFETY: both have the same size, and a pointer and a length have no invalid values.
    let Text { bytes, len: n } = unsafe { core::mem::transmute::<&str, Text>(sample) };
    if bytes.cast() != sample.as_ptr() || n != sample.len() {
        // Another compiler has the length of a text before its address.
        return Err(Status::EGPT_ERROR_OTHER);
    }
    // SAFETY: as was just seen, a `&str` is an address and a length, in this order; each is one of a text.
    unsafe { slice(first.cast(), len) }
}

/// The place for an object in memory of the caller, for ever.
///
/// # Safety
/// Nobody else reads or writes the memory.
pub(crate) unsafe fn place<T>(memory: *mut c_void, size: usize) -> Result<&'static mut MaybeUninit<T>, Status> {
    check_address(memory.addr(), align_of::<T>(), size_of::<T>(), size)?;
    // SAFETY: checked for null, alignment and size; what is uninitialised may hold anything.
    Ok(unsafe { &mut *memory.cast() })
}

fn check<T>(first: *const T, len: usize) -> Result<(), Status> {
    check_address(first.addr(), align_of::<T>(), len, isize::MAX as usize / size_of::<T>().max(1))
}

/// Whether `len` of something fit into `max_len`, at an address that is there and aligned.
#[inline(never)] // one for all types
fn check_address(address: usize, align: usize, len: usize, max_len: usize) -> Result<(), Status> {
    if address == 0 {
        Err(Status::EGPT_ERROR_NULL)
    } else if address & (align - 1) != 0 {
        Err(Status::EGPT_ERROR_MISALIGNED)
    } else if len > max_len {
        Err(Status::EGPT_ERROR_SIZE)
    } else {
        Ok(())
    }
}

/// Writes to where the caller wants to have something; [`Status::EGPT_ERROR_NULL`] if that is nowhere.
pub(crate) fn give<T>(out: Option<&mut MaybeUninit<T>>, value: T) -> Result<(), Status> {
    out.ok_or(Status::EGPT_ERROR_NULL)?.write(value);
    Ok(())
}

/// Writes the address and the length of a text to where the caller wants to have them.
#[cfg(any(feature = "phrase", feature = "classifier"))]
pub(crate) fn give_text(
    value: &str,
    text: Option<&mut MaybeUninit<*const c_char>>,
    len: Option<&mut MaybeUninit<usize>>,
) -> Result<(), Status> {
    give(text, value.as_ptr().cast())?;
    give(len, value.len())
}
