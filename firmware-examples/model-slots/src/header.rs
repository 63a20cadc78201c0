//! What stands before a blob in its slot.

use crc::{CRC_32_ISO_HDLC, Crc};

use crate::checks::{SIGNATURE_LEN, Signature};

/// Bytes of a header, without those that fill its last word.
pub(crate) const HEADER_LEN: usize = 88;

/// CRC-32 of IEEE 802.3, of headers and of blobs.
pub(crate) static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

const MAGIC: [u8; 4] = *b"EGSL";
/// Of this arrangement of fields.
const VERSION: u32 = 1;

/// What fills the mark: neither what an erase leaves nor what zeros the flash.
const MARK: [u8; 4] = [0xC3, 0x5A, 0x3C, 0xA5];

/// Offsets of the fields; a number has four bytes, the lowest first.
mod field {
    pub const MAGIC: usize = 0;
    pub const VERSION: usize = 4;
    pub const SEQUENCE: usize = 8;
    pub const BLOB_LEN: usize = 12;
    pub const BLOB_CRC: usize = 16;
    pub const SIGNATURE: usize = 20;
    /// Of all bytes before.
    pub const HEADER_CRC: usize = SIGNATURE + super::SIGNATURE_LEN;
}

const _: () = assert!(HEADER_LEN == field::HEADER_CRC + 4);

/// What is known of the blob in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub sequence: u32,
    pub blob_len: u32,
    pub blob_crc: u32,
    pub signature: Signature,
}

impl Header {
    /// The bytes in flash.
    pub fn to_bytes(self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[field::MAGIC..][..4].copy_from_slice(&MAGIC);
        bytes[field::VERSION..][..4].copy_from_slice(&VERSION.to_le_bytes());
        bytes[field::SEQUENCE..][..4].copy_from_slice(&self.sequence.to_le_bytes());
        bytes[field::BLOB_LEN..][..4].copy_from_slice(&self.blob_len.to_le_bytes());
        bytes[field::BLOB_CRC..][..4].copy_from_slice(&self.blob_crc.to_le_bytes());
        bytes[field::SIGNATURE..][..SIGNATURE_LEN].copy_from_slice(&self.signature);
        let crc = CRC.checksum(&bytes[..field::HEADER_CRC]);
        bytes[field::HEADER_CRC..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads a header; `None` for bytes that are none, of another version, or damaged.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; HEADER_LEN] = bytes.first_chunk()?;
        let number = |at: usize| bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
        let (before, _) = bytes.split_at(field::HEADER_CRC);
        let is_sound = bytes.starts_with(&MAGIC)
            && number(field::VERSION)? == VERSION
            && number(field::HEADER_CRC)? == CRC.checksum(before);
        if !is_sound {
            return None;
        }
        Some(Self {
            sequence: number(field::SEQUENCE)?,
            blob_len: number(field::BLOB_LEN)?,
            blob_crc: number(field::BLOB_CRC)?,
            signature: *bytes.get(field::SIGNATURE..)?.first_chunk()?,
        })
    }

    /// Whether this model was written after another one.
    ///
    /// Numbers start again after the largest. Of two, the one is later that is less than half of all numbers ahead.
    pub fn is_newer_than(&self, other: &Self) -> bool {
        self.sequence.wrapping_sub(other.sequence).cast_signed() > 0
    }
}

/// Fills the mark that makes a slot valid.
pub(crate) fn fill_mark(bytes: &mut [u8]) {
    for (byte, mark) in bytes.iter_mut().zip(MARK.iter().cycle()) {
        *byte = *mark;
    }
}

/// Whether a mark is there to its last byte.
pub(crate) fn is_mark(bytes: &[u8]) -> bool {
    bytes.len() >= MARK.len() && bytes.iter().zip(MARK.iter().cycle()).all(|(byte, mark)| byte == mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(sequence: u32) -> Header {
        Header { sequence, blob_len: 5, blob_crc: 6, signature: [7; SIGNATURE_LEN] }
    }

    #[test]
    fn a_header_is_read_as_it_was_written_and_any_changed_bit_is_noticed() {
        let bytes = header(4).to_bytes();
        assert_eq!(Header::from_bytes(&bytes), Some(header(4)));
        assert_eq!(Header::from_bytes(&bytes[..HEADER_LEN - 1]), None);
        for bit in 0..8 * HEADER_LEN {
            let mut damaged = bytes;
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::from_bytes(&damaged), None, "bit {bit}");
        }
        assert_eq!(Header::from_bytes(&[0xFF; HEADER_LEN]), None);
        assert_eq!(Header::from_bytes(&[0; HEADER_LEN]), None);
    }

    #[test]
    fn numbers_start_again_after_the_largest() {
        for (newer, older) in [(2, 1), (0, u32::MAX), (5, u32::MAX - 5), (1 << 31, 1)] {
            assert!(header(newer).is_newer_than(&header(older)), "{newer} {older}");
            assert!(!header(older).is_newer_than(&header(newer)), "{newer} {older}");
        }
        assert!(!header(3).is_newer_than(&header(3)));
    }

    #[test]
    fn a_mark_is_there_to_its_last_byte_or_not_at_all() {
        for len in [4, 8, 32, 256] {
            let mut mark = [0xFF; 256];
            let mark = &mut mark[..len];
            assert!(!is_mark(mark));
            fill_mark(mark);
            assert!(is_mark(mark));
            mark[len - 1] = 0xFF;
            assert!(!is_mark(mark));
        }
        assert!(!is_mark(&[]));
    }
}
