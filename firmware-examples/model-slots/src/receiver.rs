//! A model that comes in, and where it is written.

use core::{error, fmt};

use crc::{Digest, Table};
use embedded_storage::nor_flash::NorFlash;

use crate::budget::BudgetError;
use crate::checks::{Checks, Refusal, Signature};
use crate::header::{CRC, HEADER_LEN, Header, fill_mark};
use crate::layout::{BLOCK_LEN, Parts, Slot};
use crate::slots::Slots;

/// What has to be known of a model before its first byte comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Bytes of the blob.
    pub blob_len: usize,
    /// The signature of the blob, or [`NO_SIGNATURE`](crate::NO_SIGNATURE).
    pub signature: Signature,
}

/// Writes a model into the spare slot, while it comes in.
///
/// Dropped before [`finish`](Self::finish), or after an error, it leaves a slot that counts as empty.
///
/// [`begin`](Self::begin) erases one sector and [`push`](Self::push) each other one when the model gets there. Some
/// flash takes a second for that, and on many chips nothing else runs meanwhile. So the sender should wait until a
/// chunk was taken before it sends the next.
pub struct Receiver<'s, F, M> {
    slots: &'s mut Slots<F, M>,
    checks: Checks,
    announced: Announced,
    slot: Slot,
    sequence: u32,
    crc: Digest<'static, u32, Table<1>>,
    /// What was received and is not yet written.
    block: [u8; BLOCK_LEN],
    n_received: usize,
    n_written: usize,
    /// Where in the flash the part of the slot ends that was erased.
    erased_to: u32,
    is_broken: bool,
}

/// Where a received model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// The slot that it is in.
    pub slot: Slot,
    /// Number that grows by one with each model.
    pub sequence: u32,
}

impl<'s, F: NorFlash, M: Fn(u32, usize) -> &'static [u8]> Receiver<'s, F, M> {
    /// Finds the spare slot and makes what is there invalid.
    ///
    /// # Errors
    /// Before anything is erased: [`ReceiveError::Budget`] or [`ReceiveError::TooLarge`] for a blob that is longer than
    /// the program allows or the slot is, [`ReceiveError::BothInUse`] until the next start. After that
    /// [`ReceiveError::Flash`].
    pub fn begin(
        slots: &'s mut Slots<F, M>,
        announced: Announced,
        checks: &Checks,
    ) -> Result<Self, ReceiveError<F::Error>> {
        let Announced { blob_len, .. } = announced;
        checks.budget().check_len(blob_len).map_err(ReceiveError::Budget)?;
        if blob_len > slots.capacity() {
            return Err(ReceiveError::TooLarge { blob_len, capacity: slots.capacity() });
        }
        let slot = slots.spare(checks).ok_or(ReceiveError::BothInUse)?;
        let sequence = slots.header(slot.other()).map_or(0, |kept| kept.sequence.wrapping_add(1));
        let mut receiver = Self {
            announced,
            slot,
            sequence,
            checks: *checks,
            crc: CRC.digest(),
            block: [0; BLOCK_LEN],
            n_received: 0,
            n_written: 0,
            erased_to: slots.layout.start(slot),
            is_broken: false,
            slots,
        };
        receiver.erase_before(receiver.erased_to + 1)?;
        Ok(receiver)
    }

    /// Bytes that came in so far.
    pub fn n_received(&self) -> usize {
        self.n_received
    }

    /// Takes the next bytes of the blob, as many as there are.
    ///
    /// # Errors
    /// [`ReceiveError::TooLong`] for more bytes than were announced, of which none is taken; [`ReceiveError::Flash`],
    /// after which a new receiver has to begin, and [`ReceiveError::Broken`] as long as none did.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), ReceiveError<F::Error>> {
        self.check_unbroken()?;
        if chunk.len() > self.announced.blob_len - self.n_received {
            return Err(ReceiveError::TooLong { announced: self.announced.blob_len });
        }
        self.crc.update(chunk);
        let mut rest = chunk;
        while !rest.is_empty() {
            let n_waiting = self.n_waiting();
            let (part, after) = rest.split_at(rest.len().min(BLOCK_LEN - n_waiting));
            rest = after;
            self.block[n_waiting..][..part.len()].copy_from_slice(part);
            self.n_received += part.len();
            if self.n_waiting() == BLOCK_LEN {
                self.write_block()?;
            }
        }
        Ok(())
    }

    /// Reads the model back, has it pass the checks and makes it valid; the next [`Slots::load`] gives it.
    ///
    /// # Errors
    /// [`ReceiveError::TooShort`] if bytes are missing, [`ReceiveError::ReadBack`] if the flash did not take what was
    /// written, [`ReceiveError::Refused`] for a model that does not pass the checks, and [`ReceiveError::Flash`]. After
    /// each of them the model before is the one that runs, but for a `Flash` or `ReadBack` of the very last write:
    /// then the next start tells which.
    pub fn finish(mut self) -> Result<Received, ReceiveError<F::Error>> {
        self.check_unbroken()?;
        let Announced { blob_len, signature } = self.announced;
        if self.n_received < blob_len {
            return Err(ReceiveError::TooShort { received: self.n_received, announced: blob_len });
        }
        if self.n_waiting() > 0 {
            self.write_block()?;
        }
        let blob_crc = self.crc.clone().finalize();
        let header = Header { sequence: self.sequence, blob_len: blob_len as u32, blob_crc, signature };
        self.write_header(&header)?;
        self.slots.check(self.slot, &header, &self.checks).map_err(|refusal| match refusal {
            Refusal::Damaged | Refusal::Unreadable => ReceiveError::ReadBack,
            refusal => ReceiveError::Refused(refusal),
        })?;
        self.write_mark()?;
        if self.slots.header(self.slot) != Ok(header) {
            return Err(ReceiveError::ReadBack);
        }
        Ok(Received { slot: self.slot, sequence: self.sequence })
    }

    fn check_unbroken(&self) -> Result<(), ReceiveError<F::Error>> {
        if self.is_broken { Err(ReceiveError::Broken) } else { Ok(()) }
    }

    /// Bytes of the block that are not yet written.
    fn n_waiting(&self) -> usize {
        self.n_received - self.n_written
    }

    /// Writes what is in the block, filled up to a whole word with what an erase leaves.
    fn write_block(&mut self) -> Result<(), ReceiveError<F::Error>> {
        let n = self.n_waiting();
        let n_filled = n.next_multiple_of(F::WRITE_SIZE);
        self.block[n..n_filled].fill(0xFF);
        let at = self.slots.blob_at(self.slot) + self.n_written as u32;
        self.erase_before(at + n_filled as u32)?;
        let written = self.slots.flash.write(at, &self.block[..n_filled]);
        self.taken(written)?;
        self.n_written += n;
        Ok(())
    }

    fn write_header(&mut self, header: &Header) -> Result<(), ReceiveError<F::Error>> {
        self.block.fill(0xFF);
        self.block[..HEADER_LEN].copy_from_slice(&header.to_bytes());
        let at = self.slots.layout.start(self.slot);
        let written = self.slots.flash.write(at, &self.block[..Parts::<F>::MARK_AT as usize]);
        self.taken(written)
    }

    fn write_mark(&mut self) -> Result<(), ReceiveError<F::Error>> {
        let mark = &mut self.block[..Parts::<F>::MARK_LEN];
        fill_mark(mark);
        let at = self.slots.layout.start(self.slot) + Parts::<F>::MARK_AT;
        let written = self.slots.flash.write(at, mark);
        self.taken(written)
    }

    /// Erases the slot's sectors that begin before `end` and still hold what was there.
    fn erase_before(&mut self, end: u32) -> Result<(), ReceiveError<F::Error>> {
        while self.erased_to < end {
            let next = self.erased_to + F::ERASE_SIZE as u32;
            let erased = self.slots.flash.erase(self.erased_to, next);
            self.taken(erased)?;
            self.erased_to = next;
        }
        Ok(())
    }

    /// Notes whether the flash did what it was told: a word may not be written twice, so there is no second try.
    fn taken(&mut self, result: Result<(), F::Error>) -> Result<(), ReceiveError<F::Error>> {
        self.is_broken |= result.is_err();
        result.map_err(ReceiveError::Flash)
    }
}

impl<F, M> fmt::Debug for Receiver<'_, F, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut output = f.debug_struct("Receiver");
        output.field("slot", &self.slot).field("sequence", &self.sequence).field("announced", &self.announced);
        output.field("n_received", &self.n_received).finish_non_exhaustive()
    }
}

/// Why a model was not received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReceiveError<E> {
    /// The blob is longer than the program allows.
    Budget(BudgetError),
    /// The blob is longer than a slot.
    TooLarge {
        /// Bytes of the blob.
        blob_len: usize,
        /// Bytes that a slot has for it.
        capacity: usize,
    },
    /// The program has loaded models from both slots since it started, and may be reading either.
    BothInUse,
    /// More bytes came than were announced.
    TooLong {
        /// Bytes that were announced.
        announced: usize,
    },
    /// Bytes are missing.
    TooShort {
        /// Bytes that came.
        received: usize,
        /// Bytes that were announced.
        announced: usize,
    },
    /// The driver of the flash reports an error.
    Flash(E),
    /// The flash failed before.
    Broken,
    /// The flash does not hold what was written to it.
    ReadBack,
    /// The model does not pass the checks.
    Refused(Refusal),
}

impl<E: fmt::Debug> fmt::Display for ReceiveError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Budget(error) => error.fmt(f),
            Self::TooLarge { blob_len, capacity } => {
                write!(f, "the blob has {blob_len} bytes, a slot holds {capacity}; send a smaller model")
            }
            Self::BothInUse => f.write_str("models from both slots are in use; restart before the next is sent"),
            Self::TooLong { announced } => write!(f, "more bytes came than the {announced} that were announced"),
            Self::TooShort { received, announced } => {
                write!(f, "{received} bytes came of the {announced} that were announced; send the model again")
            }
            Self::Flash(error) => write!(f, "the flash failed: {error:?}"),
            Self::Broken => f.write_str("the flash failed before; begin again"),
            Self::ReadBack => f.write_str("the flash does not hold what was written to it; send the model again"),
            Self::Refused(refusal) => refusal.fmt(f),
        }
    }
}

impl<E: fmt::Debug> error::Error for ReceiveError<E> {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Refused(refusal) => refusal.source(),
            _ => None,
        }
    }
}
