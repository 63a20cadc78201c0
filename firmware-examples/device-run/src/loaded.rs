//! A model that the emulator has put into memory, so that one program serves all models.

/// What is reserved for it.
const MAX_BYTES: usize = 15 << 20;

/// The bytes from `address` on, more than the model has.
///
/// # Safety
/// There are 15 MiB of memory at `address`, a multiple of 16, that nothing else uses.
pub unsafe fn loaded_model(address: usize) -> &'static [u8] {
    // SAFETY: the caller's promise; bytes have no invalid values.
    unsafe { core::slice::from_raw_parts(address as *const u8, MAX_BYTES) }
}
