//! The slots: which models are in them, and which one runs.

use core::{error, fmt};

use embedded_gpt::Model;
use embedded_storage::nor_flash::NorFlash;

use crate::checks::{Checks, Refusal};
use crate::header::{CRC, Header, is_mark};
use crate::layout::{BLOCK_LEN, Layout, LayoutError, Parts, Slot};

/// Bytes that header and mark take at most.
const MAX_BLOB_AT: usize = 512;

/// Two models in flash, of which one runs.
///
/// `M` tells where the flash is in memory: given an offset in the flash and a length, it returns these bytes. It is
/// asked only for a blob that is whole, while nothing writes to its slot. A blob that [`load`](Self::load) gave out is
/// never erased as long as this object lives. So make one of it per start.
pub struct Slots<F, M> {
    pub(crate) flash: F,
    map: M,
    pub(crate) layout: Layout,
    /// Which slots the program may read from until the next start.
    in_use: [bool; 2],
}

/// The model that runs.
#[derive(Clone, Copy, Debug)]
pub struct Loaded {
    /// The model, read in place.
    pub model: Model<'static>,
    /// The bytes that it is read from.
    pub blob: &'static [u8],
    /// Tokens of context with which it fits the budget.
    pub context: usize,
    /// Where it is.
    pub slot: Slot,
    /// Number that grows by one with each model that was received.
    pub sequence: u32,
    /// Why a newer one does not run, if there is one.
    pub passed_over: Option<Refusal>,
}

/// A model, and the bytes that it is read from.
type Parsed = (Model<'static>, &'static [u8]);

impl<F: NorFlash, M: Fn(u32, usize) -> &'static [u8]> Slots<F, M> {
    /// Slots in a flash; reads and writes nothing yet.
    ///
    /// # Errors
    /// [`LayoutError`] if the slots cannot be there.
    pub fn new(flash: F, map: M, layout: Layout) -> Result<Self, LayoutError> {
        let () = Parts::<F>::IS_SUPPORTED;
        layout.check(&flash)?;
        Ok(Self { flash, map, layout, in_use: [false; 2] })
    }

    /// Bytes of the largest blob that a slot holds.
    pub fn capacity(&self) -> usize {
        self.layout.slot_len.saturating_sub(Parts::<F>::BLOB_AT) as usize
    }

    /// The newest model that is whole and passes the checks. Its slot is kept until the next start.
    ///
    /// # Errors
    /// [`NoModel`] if there is none. A program may then run one that was built in, and receive another.
    pub fn load(&mut self, checks: &Checks) -> Result<Loaded, NoModel> {
        let loaded = self.newest(checks)?;
        self.in_use[loaded.slot as usize] = true;
        Ok(loaded)
    }

    /// The slot that may be erased: not the one that runs or would run after a restart. `None` if both run.
    pub(crate) fn spare(&mut self, checks: &Checks) -> Option<Slot> {
        match self.in_use {
            [true, true] => None,
            [true, false] => Some(Slot::Second),
            [false, true] => Some(Slot::First),
            [false, false] => Some(match self.newest(checks) {
                Ok(loaded) => loaded.slot.other(),
                Err(NoModel { refusals }) => self.least_wanted(refusals),
            }),
        }
    }

    /// Which of two models goes that this program refuses: one that is lost anyway, or else the older one. Another
    /// program, such as the one before this one, may run the one that stays.
    fn least_wanted(&mut self, refusals: [Refusal; 2]) -> Slot {
        let is_lost = |refusal| matches!(refusal, Refusal::Empty | Refusal::Unreadable | Refusal::Damaged);
        match refusals.map(is_lost) {
            [true, _] => Slot::First,
            [false, true] => Slot::Second,
            [false, false] => newer(&Slot::ALL.map(|slot| self.header(slot))).other(),
        }
    }

    /// What [`load`](Self::load) gives, if nothing keeps its slot.
    fn newest(&mut self, checks: &Checks) -> Result<Loaded, NoModel> {
        let headers = Slot::ALL.map(|slot| self.header(slot));
        let first = newer(&headers);
        let mut refusals = [Refusal::Empty; 2];
        let mut passed_over = None;
        for slot in [first, first.other()] {
            let header = headers[slot as usize];
            match header.and_then(|header| Ok((header, self.check(slot, &header, checks)?))) {
                Ok((Header { sequence, .. }, (model, blob))) => {
                    let context = checks.budget().context_of(model.config());
                    return Ok(Loaded { model, blob, context, slot, sequence, passed_over });
                }
                Err(refusal) => {
                    refusals[slot as usize] = refusal;
                    passed_over = Some(refusal);
                }
            }
        }
        Err(NoModel { refusals })
    }

    /// What is in a slot, if it was received to its end.
    pub(crate) fn header(&mut self, slot: Slot) -> Result<Header, Refusal> {
        let mut bytes = [0; MAX_BLOB_AT];
        let bytes = &mut bytes[..Parts::<F>::BLOB_AT as usize];
        self.flash.read(self.layout.start(slot), bytes).map_err(|_| Refusal::Unreadable)?;
        let mark = bytes.get(Parts::<F>::MARK_AT as usize..).and_then(|rest| rest.get(..Parts::<F>::MARK_LEN));
        if !mark.is_some_and(is_mark) {
            return Err(Refusal::Empty);
        }
        Header::from_bytes(bytes).ok_or(Refusal::Damaged)
    }

    /// Reads a blob through, and then has it pass the checks.
    pub(crate) fn check(&mut self, slot: Slot, header: &Header, checks: &Checks) -> Result<Parsed, Refusal> {
        if header.blob_len as usize > self.capacity() {
            return Err(Refusal::Damaged);
        }
        let crc = self.blob_crc(slot, header.blob_len).map_err(|_| Refusal::Unreadable)?;
        if crc != header.blob_crc {
            return Err(Refusal::Damaged);
        }
        let blob = (self.map)(self.blob_at(slot), header.blob_len as usize);
        // What runs is what the memory says, which may be an old content of a cache.
        if CRC.checksum(blob) != header.blob_crc {
            return Err(Refusal::Damaged);
        }
        Ok((checks.check(blob, &header.signature)?, blob))
    }

    /// Where a slot's blob is in the flash.
    pub(crate) fn blob_at(&self, slot: Slot) -> u32 {
        self.layout.start(slot) + Parts::<F>::BLOB_AT
    }

    /// Checksum of a blob as the driver reads it; `blob_len` is not more than the slot holds.
    fn blob_crc(&mut self, slot: Slot, blob_len: u32) -> Result<u32, F::Error> {
        let mut digest = CRC.digest();
        let (mut at, mut left) = (self.blob_at(slot), blob_len as usize);
        let mut block = [0; BLOCK_LEN];
        while left > 0 {
            // The capacity is a multiple of what a read is, so the last one stays within the slot.
            let n = left.min(BLOCK_LEN);
            let read = &mut block[..n.next_multiple_of(F::READ_SIZE)];
            self.flash.read(at, read)?;
            digest.update(&block[..n]);
            at += n as u32;
            left -= n;
        }
        Ok(digest.finalize())
    }
}

/// The slot with the newer model, by what is in both.
fn newer(headers: &[Result<Header, Refusal>; 2]) -> Slot {
    match headers {
        [Ok(first), Ok(second)] if second.is_newer_than(first) => Slot::Second,
        [Err(_), Ok(_)] => Slot::Second,
        _ => Slot::First,
    }
}

impl<F, M> fmt::Debug for Slots<F, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slots").field("layout", &self.layout).field("in_use", &self.in_use).finish_non_exhaustive()
    }
}

/// Neither slot has a model that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoModel {
    /// Why not, by slot.
    pub refusals: [Refusal; 2],
}

impl fmt::Display for NoModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = &self.refusals;
        write!(f, "neither slot has a model that runs; the first: {first}; the second: {second}")
    }
}

impl error::Error for NoModel {}
