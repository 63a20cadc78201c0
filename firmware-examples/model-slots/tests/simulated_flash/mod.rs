//! NOR flash in memory, whose power can be cut at any operation.
//!
//! A write makes ones to zeros, an erase makes all ones, and a word is written once between two erases: whoever breaks
//! the rules of `NorFlash` gets an error. Each word of a write and each sector of an erase is an operation.
// Not every test and example uses all of it.
#![allow(dead_code)]

use std::cell::{Ref, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use embedded_storage::nor_flash::{
    ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash, check_erase, check_read, check_write,
};

/// What an operation leaves behind when the power goes while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tear {
    /// Of a write: how many bytes of the word are written. One more has half of its bits.
    pub n_byte: usize,
    /// Of an erase: which bytes of the sector are ones.
    pub erased: Erased,
}

/// How far an erase came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erased {
    /// Nowhere.
    Nothing,
    /// Through the sector, but the driver does not come back.
    All,
    /// From the beginning to the middle.
    FirstHalf,
    /// From the middle to the end.
    SecondHalf,
    /// Every other byte.
    EveryOtherByte,
    /// Bits here and there.
    SomeBits,
    /// All but the first 256 bytes, as if those were harder to erase.
    AllButHeader,
}

impl Erased {
    /// Every way.
    pub const ALL: [Self; 7] = [
        Self::Nothing,
        Self::All,
        Self::FirstHalf,
        Self::SecondHalf,
        Self::EveryOtherByte,
        Self::SomeBits,
        Self::AllButHeader,
    ];

    /// The bits that became ones, of the byte at `at` in a sector.
    fn bits(self, at: usize, sector_len: usize) -> u8 {
        let is_whole = match self {
            Self::Nothing => false,
            Self::All => true,
            Self::FirstHalf => at < sector_len / 2,
            Self::SecondHalf => at >= sector_len / 2,
            Self::EveryOtherByte => at.is_multiple_of(2),
            Self::SomeBits => return (at as u32).wrapping_mul(0x9E37_79B9).to_be_bytes()[0],
            Self::AllButHeader => at >= 256,
        };
        if is_whole { 0xFF } else { 0 }
    }
}

/// Why the flash did not do what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlashError {
    /// The power is off.
    PowerCut,
    /// The word was written before, and not erased since.
    WrittenTwice,
    /// The range is not one of this flash.
    Range(NorFlashErrorKind),
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Range(kind) => *kind,
            _ => NorFlashErrorKind::Other,
        }
    }
}

/// What the flash holds, and when its power goes.
#[derive(Debug)]
struct Cells {
    bytes: Vec<u8>,
    /// Which words were written since they were erased.
    is_written: Vec<bool>,
    n_operation: usize,
    n_erase: usize,
    cut: Option<(usize, Tear)>,
    is_off: bool,
    /// What was lent out, by what it is: a blob that is asked for again takes no more memory.
    lent: HashMap<Vec<u8>, &'static [u8]>,
}

/// Flash with words of `WRITE` bytes and sectors of `ERASE` bytes. Clones are the same flash, as after a restart.
#[derive(Clone, Debug)]
pub struct SimulatedFlash<const WRITE: usize, const ERASE: usize>(Rc<RefCell<Cells>>);

impl<const WRITE: usize, const ERASE: usize> SimulatedFlash<WRITE, ERASE> {
    /// Erased flash.
    pub fn new(capacity: usize) -> Self {
        Self(Rc::new(RefCell::new(Cells {
            bytes: vec![0xFF; capacity],
            is_written: vec![false; capacity / WRITE],
            n_operation: 0,
            n_erase: 0,
            cut: None,
            is_off: false,
            lent: HashMap::new(),
        })))
    }

    /// What the flash holds, to come back to with [`restore`](Self::restore).
    pub fn contents(&self) -> (Vec<u8>, Vec<bool>) {
        let cells = self.0.borrow();
        (cells.bytes.clone(), cells.is_written.clone())
    }

    /// Holds again what it held, with the power on.
    pub fn restore(&self, contents: &(Vec<u8>, Vec<bool>)) {
        let mut cells = self.0.borrow_mut();
        cells.bytes.copy_from_slice(&contents.0);
        cells.is_written.copy_from_slice(&contents.1);
        (cells.cut, cells.is_off) = (None, false);
    }

    /// Cuts the power after `n_operation` further operations, within the one after them.
    pub fn cut_after(&self, n_operation: usize, tear: Tear) {
        let mut cells = self.0.borrow_mut();
        cells.cut = Some((cells.n_operation + n_operation, tear));
    }

    /// The power comes back, and stays.
    pub fn restart(&self) {
        let mut cells = self.0.borrow_mut();
        (cells.cut, cells.is_off) = (None, false);
    }

    /// Words written and sectors erased so far.
    pub fn n_operation(&self) -> usize {
        self.0.borrow().n_operation
    }

    /// Sectors erased so far.
    pub fn n_erase(&self) -> usize {
        self.0.borrow().n_erase
    }

    /// Flips bits of a byte, as age does.
    pub fn damage(&self, at: usize, bits: u8) {
        self.0.borrow_mut().bytes[at] ^= bits;
    }

    /// The bytes.
    pub fn bytes(&self) -> Ref<'_, [u8]> {
        Ref::map(self.0.borrow(), |cells| cells.bytes.as_slice())
    }

    /// The flash as memory. A program that runs on a computer has no such memory: what it asks for is copied, to as
    /// aligned a place.
    pub fn map(&self) -> impl Fn(u32, usize) -> &'static [u8] + use<WRITE, ERASE> {
        let cells = Rc::clone(&self.0);
        move |offset, len| {
            let mut cells = cells.borrow_mut();
            let bytes = cells.bytes[offset as usize..][..len].to_vec();
            // Of a 16-byte type, since a vector of bytes may start anywhere.
            let lend = || {
                let mut aligned = vec![0_u128; len.div_ceil(16)];
                bytemuck::cast_slice_mut::<_, u8>(&mut aligned)[..len].copy_from_slice(&bytes);
                &bytemuck::cast_slice(Vec::leak(aligned))[..len]
            };
            if let Some(lent) = cells.lent.get(&bytes) {
                return lent;
            }
            let lent = lend();
            cells.lent.insert(bytes, lent);
            lent
        }
    }
}

impl Cells {
    /// Counts an operation; gives what is left of it if the power goes now.
    fn operation(&mut self) -> Result<Option<Tear>, FlashError> {
        if self.is_off {
            return Err(FlashError::PowerCut);
        }
        let tear = self.cut.filter(|(at, _)| *at == self.n_operation).map(|(_, tear)| tear);
        self.is_off = tear.is_some();
        self.n_operation += 1;
        Ok(tear)
    }

    fn write_word(&mut self, at: usize, word: &[u8]) -> Result<(), FlashError> {
        let tear = self.operation()?;
        if std::mem::replace(&mut self.is_written[at / word.len()], true) {
            return Err(FlashError::WrittenTwice);
        }
        let n_byte = tear.map_or(word.len(), |tear| tear.n_byte);
        for (i, (cell, byte)) in self.bytes[at..].iter_mut().zip(word).enumerate() {
            *cell &= match i.cmp(&n_byte) {
                std::cmp::Ordering::Less => *byte,
                std::cmp::Ordering::Equal => *byte | 0x55,
                std::cmp::Ordering::Greater => 0xFF,
            };
        }
        tear.map_or(Ok(()), |_| Err(FlashError::PowerCut))
    }

    fn erase_sector(&mut self, at: usize, sector_len: usize, word_len: usize) -> Result<(), FlashError> {
        let tear = self.operation()?;
        let erased = tear.map_or(Erased::All, |tear| tear.erased);
        for (i, cell) in self.bytes[at..][..sector_len].iter_mut().enumerate() {
            *cell |= erased.bits(i, sector_len);
        }
        if tear.is_some() {
            return Err(FlashError::PowerCut);
        }
        self.n_erase += 1;
        self.is_written[at / word_len..(at + sector_len) / word_len].fill(false);
        Ok(())
    }
}

impl<const WRITE: usize, const ERASE: usize> ErrorType for SimulatedFlash<WRITE, ERASE> {
    type Error = FlashError;
}

impl<const WRITE: usize, const ERASE: usize> ReadNorFlash for SimulatedFlash<WRITE, ERASE> {
    const READ_SIZE: usize = 4;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        check_read(self, offset, bytes.len()).map_err(FlashError::Range)?;
        let cells = self.0.borrow();
        if cells.is_off {
            return Err(FlashError::PowerCut);
        }
        bytes.copy_from_slice(&cells.bytes[offset as usize..][..bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.0.borrow().bytes.len()
    }
}

impl<const WRITE: usize, const ERASE: usize> NorFlash for SimulatedFlash<WRITE, ERASE> {
    const WRITE_SIZE: usize = WRITE;
    const ERASE_SIZE: usize = ERASE;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        check_erase(self, from, to).map_err(FlashError::Range)?;
        let mut cells = self.0.borrow_mut();
        (from as usize..to as usize).step_by(ERASE).try_for_each(|at| cells.erase_sector(at, ERASE, WRITE))
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        check_write(self, offset, bytes.len()).map_err(FlashError::Range)?;
        let mut cells = self.0.borrow_mut();
        let words = (offset as usize..).step_by(WRITE).zip(bytes.chunks(WRITE));
        words.into_iter().try_for_each(|(at, word)| cells.write_word(at, word))
    }
}
