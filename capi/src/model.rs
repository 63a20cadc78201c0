//! Models.

use core::ffi::{c_char, c_void};
use core::mem::MaybeUninit;
use core::ptr;

use crate::raw;
use crate::status::Status;

/// A checked view of a blob, the file that egpt export writes.
#[derive(Debug)]
pub struct Model(pub(crate) runtime::Model<'static>);

impl Model {
    /// Copies a model to its place. By reference and in a function of its own, since the compiler moves one out of a
    /// `Result` in many parts, or with another function of the libc.
    #[inline(never)]
    fn put<'a>(place: &'a mut MaybeUninit<Self>, model: &runtime::Model<'static>) -> &'a Self {
        place.write(Self(*model))
    }
}

/// Version of the library, such as "0.1.0", as a text that ends with 0 and is there for ever.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_version() -> *const c_char {
    const { concat!(env!("CARGO_PKG_VERSION"), "\0") }.as_ptr().cast()
}

/// Name of the inner loops that this processor runs, such as "arm-dsp", and its length in bytes.
///
/// It does not end with 0. The length may be null.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_kernel_name(len: Option<&mut MaybeUninit<usize>>) -> *const c_char {
    let name = runtime::kernel_name();
    let _ = raw::give(len, name.len());
    name.as_ptr().cast()
}

/// Checks a blob and gives its model. Takes as long as a checksum over the blob; do it once.
///
/// - memory, size: EGPT_MODEL_SIZE bytes or more, at a multiple of EGPT_ALIGN. The model lives there.
/// - blob, blob_len: the bytes of the file, at a multiple of 16. They are read in place, in flash as a rule.
/// - model: where the pointer to the model is put; null is put there after an error.
///
/// # Errors
/// EGPT_ERROR_NULL, _MISALIGNED and _SIZE for the pointers and the memory. EGPT_ERROR_NOT_A_BLOB, _VERSION, _TRUNCATED,
/// _BLOB_ALIGNMENT, _CHECKSUM and _BLOB for the blob.
///
/// # Safety
/// The blob stays and does not change while the model, or anything that was made with it, is in use. So does the
/// memory, which nothing else may write.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn egpt_model_load(
    memory: *mut c_void,
    size: usize,
    blob: *const c_void,
    blob_len: usize,
    model: Option<&mut MaybeUninit<*const Model>>,
) -> Status {
    let Some(model) = model else { return Status::EGPT_ERROR_NULL };
    model.write(ptr::null());
    let mut load = || {
        // SAFETY: the caller of this function answers for the memory and the blob.
        let (place, blob) = unsafe { (raw::place(memory, size)?, raw::slice(blob.cast::<u8>(), blob_len)?) };
        match &runtime::Model::parse(blob) {
            Ok(parsed) => model.write(Model::put(place, parsed)),
            Err(error) => return Err((*error).into()),
        };
        Ok(())
    };
    load().into()
}

/// Most tokens that the model can look back: the longest context. 0 if the model is null.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_model_max_context(model: Option<&Model>) -> usize {
    model.map_or(0, |model| model.0.config().n_ctx)
}

/// 32-bit words of the KV buffer for a context of so many tokens; SIZE_MAX for more than can be addressed, or if the
/// model is null.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_model_kv_words(model: Option<&Model>, context: usize) -> usize {
    model.map_or(usize::MAX, |model| model.0.config().kv_words(context))
}

/// 32-bit words of the scratch buffer for a context of so many tokens; SIZE_MAX for more than can be addressed, or if
/// the model is null.
///
/// With n_prefill above 1 a prompt is read so many tokens at a time, at most 8: for weights in slow flash. Elsewhere 1
/// is right.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_model_scratch_words(model: Option<&Model>, context: usize, n_prefill: usize) -> usize {
    model.map_or(usize::MAX, |model| model.0.config().scratch_words_for(context, n_prefill))
}

/// A checksum that tells models apart, to be stored beside what belongs to one of them; 0 if the model is null.
#[unsafe(no_mangle)]
pub extern "C" fn egpt_model_id(model: Option<&Model>) -> u32 {
    model.map_or(0, |model| model.0.id())
}
