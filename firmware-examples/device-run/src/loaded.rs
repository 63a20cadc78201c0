//! A model that the emulator has put into flash, behind the program, so that one program serves all models.

use core::ptr::addr_of;

unsafe extern "C" {
    static _flash_start: u32;
}

/// Where the model begins, from the start of the flash; programs that use it are smaller.
const OFFSET: usize = 512 << 10;
/// The rest of the smallest flash.
const MAX_BYTES: usize = 1536 << 10;

/// The bytes from the model's start on, more than it has.
pub fn loaded_model() -> &'static [u8] {
    // SAFETY: the flash of every board has 2 MiB, the program fills less than `OFFSET`, and nothing writes there; bytes
    // have no invalid values.
    unsafe { core::slice::from_raw_parts(addr_of!(_flash_start).cast::<u8>().add(OFFSET), MAX_BYTES) }
}
