//! Where the slots are, and where in a slot its parts.

use core::{error, fmt};

use embedded_storage::nor_flash::NorFlash;

use crate::header::HEADER_LEN;

/// Bytes that are written at once, where the flash can.
pub(crate) const BLOCK_LEN: usize = 256;

/// What the models' matrices have to start at a multiple of.
const ALIGN: usize = embedded_gpt::format::blob::ALIGN;

/// One of the two slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The one at the first of [`Layout::starts`].
    First,
    /// The one at the second of [`Layout::starts`].
    Second,
}

impl Slot {
    /// Both, in the order of [`Layout::starts`].
    pub const ALL: [Self; 2] = [Self::First, Self::Second];

    /// The slot that this one is not.
    pub const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// Where in the flash the slots are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Where each slot begins, in bytes from the beginning of what the driver calls the flash.
    pub starts: [u32; 2],
    /// Bytes of one slot: the largest blob and at most 512 more, in whole sectors.
    pub slot_len: u32,
}

impl Layout {
    /// Where a slot begins.
    pub(crate) const fn start(&self, slot: Slot) -> u32 {
        match slot {
            Slot::First => self.starts[0],
            Slot::Second => self.starts[1],
        }
    }

    /// Checks that both slots can be erased and neither reaches into the other.
    pub(crate) fn check<F: NorFlash>(&self, flash: &F) -> Result<(), LayoutError> {
        let sector_len = F::ERASE_SIZE;
        for offset in [self.starts[0], self.starts[1], self.slot_len] {
            if !(offset as usize).is_multiple_of(sector_len) {
                return Err(LayoutError::NotAtSector { offset, sector_len });
            }
        }
        if self.slot_len <= Parts::<F>::BLOB_AT {
            return Err(LayoutError::TooSmall);
        }
        if self.starts[0].abs_diff(self.starts[1]) < self.slot_len {
            return Err(LayoutError::Overlap);
        }
        let end = u64::from(self.starts[0].max(self.starts[1])) + u64::from(self.slot_len);
        if end > flash.capacity() as u64 {
            return Err(LayoutError::OutOfFlash { end, capacity: flash.capacity() });
        }
        Ok(())
    }
}

/// Where in a slot its parts are, for a kind of flash: header, mark, blob. Each begins where a write can.
#[derive(Debug)]
pub(crate) struct Parts<F>(core::marker::PhantomData<F>);

impl<F: NorFlash> Parts<F> {
    /// A flash of another kind does not compile.
    pub const IS_SUPPORTED: () = {
        assert!(F::WRITE_SIZE.is_power_of_two() && F::WRITE_SIZE <= BLOCK_LEN, "words of at most 256 bytes");
        assert!(F::READ_SIZE.is_power_of_two() && F::READ_SIZE <= ALIGN, "reads of 16 bytes or fewer");
        assert!(F::ERASE_SIZE.is_multiple_of(ALIGN) && F::ERASE_SIZE.is_multiple_of(F::WRITE_SIZE), "whole sectors");
    };
    /// Where the mark is that makes a slot valid.
    pub const MARK_AT: u32 = HEADER_LEN.next_multiple_of(F::WRITE_SIZE) as u32;
    /// Bytes of the mark.
    pub const MARK_LEN: usize = if F::WRITE_SIZE < 4 { 4 } else { F::WRITE_SIZE };
    /// Where the blob is.
    pub const BLOB_AT: u32 = (Self::MARK_AT as usize + Self::MARK_LEN).next_multiple_of(ALIGN) as u32;
}

/// Why slots cannot be where a [`Layout`] has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LayoutError {
    /// A slot does not begin or end where a sector does.
    NotAtSector {
        /// The offset, or the slots' length.
        offset: u32,
        /// Bytes that the flash erases at once.
        sector_len: usize,
    },
    /// A slot has no room for a blob.
    TooSmall,
    /// One slot reaches into the other.
    Overlap,
    /// A slot reaches past the end of the flash.
    OutOfFlash {
        /// Where the slot ends.
        end: u64,
        /// Bytes of the flash.
        capacity: usize,
    },
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAtSector { offset, sector_len } => {
                write!(f, "{offset:#x} is not a multiple of the {sector_len} bytes that the flash erases at once")
            }
            Self::TooSmall => f.write_str("a slot has no room for a blob; make the slots longer"),
            Self::Overlap => f.write_str("one slot reaches into the other; move them apart"),
            Self::OutOfFlash { end, capacity } => {
                write!(f, "a slot ends at {end:#x}, but the flash has {capacity:#x} bytes")
            }
        }
    }
}

impl error::Error for LayoutError {}
