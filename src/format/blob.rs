//! The flat file format: header, section table, checksum. The only place that knows raw offsets.
//!
//! `docs/format.md` is the specification. Everything here that reads the header is
//! `const fn`, so that a foreign or truncated blob can be a compile error.

use crate::Config;
use crate::config::{Mlp, Norm, Position, Shape};
use crate::error::LoadError;
use crate::part::{head, sides, tail};

/// First four bytes of every blob.
pub const MAGIC: [u8; 4] = *b"EGPT";
/// The format version that this crate reads and the host tool writes.
pub const VERSION: u16 = 3;
/// Bytes of the header.
pub const HEADER_LEN: usize = 64;
/// Bytes of one entry of the section table.
pub const SECTION_ENTRY_LEN: usize = 16;
/// Alignment in bytes of the blob, its sections and its tensors.
pub const ALIGN: usize = 16;
/// Most sections that a blob may have.
pub const MAX_SECTIONS: usize = 16;

/// Tensor directory.
pub const TENSOR_DIRECTORY: [u8; 4] = *b"TDIR";
/// Tensor data.
pub const TENSOR_DATA: [u8; 4] = *b"TDAT";
/// Vocabulary.
pub const VOCABULARY: [u8; 4] = *b"VOCB";
/// Rotary angle steps.
pub const ROTARY: [u8; 4] = *b"ROPE";
/// Words and their frequencies; optional.
pub const WORDS: [u8; 4] = *b"WORD";
/// Which words follow which; optional.
pub const NGRAMS: [u8; 4] = *b"NGRM";
/// Words that are not offered; optional.
pub const BLOCKED: [u8; 4] = *b"BLCK";
/// Text for people.
pub const METADATA: [u8; 4] = *b"META";

/// Offsets of the header's fields.
pub mod field {
    #![allow(missing_docs)]
    pub const MAGIC: usize = 0;
    pub const VERSION: usize = 4;
    pub const N_SECTION: usize = 6;
    pub const BLOB_LEN: usize = 8;
    pub const CRC: usize = 12;
    pub const N_VOCAB: usize = 16;
    pub const N_CTX: usize = 20;
    pub const N_LAYER: usize = 24;
    pub const N_HEAD: usize = 26;
    pub const N_KV_HEAD: usize = 28;
    pub const HEAD_DIM: usize = 30;
    pub const N_EMBD: usize = 32;
    pub const N_FF: usize = 36;
    pub const NORM_EPS: usize = 40;
    pub const ROPE_THETA: usize = 44;
    pub const NORM: usize = 48;
    pub const POSITION: usize = 49;
    pub const MLP: usize = 50;
    pub const FLAGS: usize = 51;
    pub const RESERVED: usize = 52;
}

/// The number at an offset; 0 where the bytes end before.
#[inline(always)]
pub(crate) const fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes_at(bytes, at))
}

/// The 32-bit number at an offset; 0 where the bytes end before.
#[inline(always)]
pub(crate) const fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes_at(bytes, at))
}

#[inline(always)]
const fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    match bytes.split_at_checked(at) {
        Some((_, rest)) => match rest.first_chunk() {
            Some(chunk) => *chunk,
            None => [0; N],
        },
        None => [0; N],
    }
}

impl Config {
    /// Reads the shape from a blob while compiling; for buffer sizes in constants.
    ///
    /// # Panics
    /// If the header or the section table is not that of a blob; in a `const` that is a compile error.
    /// At run time use [`Config::read`].
    pub const fn of(blob: &[u8]) -> Self {
        match read_header(blob) {
            Ok((_, config)) => config,
            Err(LoadError::NotABlob) => panic!("not an embedded-gpt blob"),
            Err(LoadError::Version { .. }) => panic!("the blob has a format version that this crate does not read"),
            Err(LoadError::Truncated { .. }) => panic!("the blob is truncated"),
            Err(_) => panic!("the blob's header or section table is broken"),
        }
    }

    /// Reads the shape from a blob, without checking anything but header and section table.
    ///
    /// # Errors
    /// [`LoadError::Truncated`], [`LoadError::NotABlob`], [`LoadError::Version`],
    /// [`LoadError::Config`], [`LoadError::Section`].
    pub const fn read(blob: &[u8]) -> Result<Self, LoadError> {
        match read_header(blob) {
            Ok((_, config)) => Ok(config),
            Err(error) => Err(error),
        }
    }
}

/// Length of the blob that starts at `bytes`, and its shape, if header and section table are sound.
pub(crate) const fn read_header(bytes: &[u8]) -> Result<(usize, Config), LoadError> {
    let Some(header) = bytes.first_chunk() else {
        return Err(LoadError::Truncated { needed: HEADER_LEN, given: bytes.len() });
    };
    if u32_at(header, field::MAGIC) != u32::from_le_bytes(MAGIC) {
        return Err(LoadError::NotABlob);
    }
    let found = u16_at(header, field::VERSION);
    if found != VERSION {
        return Err(LoadError::Version { found, supported: VERSION });
    }
    let needed = u32_at(header, field::BLOB_LEN) as usize;
    if needed > bytes.len() || needed < HEADER_LEN || !needed.is_multiple_of(ALIGN) {
        return Err(LoadError::Truncated { needed, given: bytes.len() });
    }
    let config = match read_config(header) {
        Some(config) => config,
        None => return Err(LoadError::Config),
    };
    if !sections_are_sound(bytes, needed, &config) {
        return Err(LoadError::Section);
    }
    Ok((needed, config))
}

/// What a header fills in.
const EMPTY: Config = Config::gpt2(Shape { n_vocab: 0, n_ctx: 0, n_layer: 0, n_head: 0, n_embd: 0 });

const fn read_config(bytes: &[u8; HEADER_LEN]) -> Option<Config> {
    let flags = bytes[field::FLAGS];
    let norm = match bytes[field::NORM] {
        0 => Norm::LayerNorm,
        1 => Norm::RmsNorm,
        _ => return None,
    };
    let position = match bytes[field::POSITION] {
        0 => Position::Learned,
        1 => Position::Rotary,
        _ => return None,
    };
    let mlp = match bytes[field::MLP] {
        0 => Mlp::Gelu,
        1 => Mlp::GeluTanh,
        2 => Mlp::SwiGlu,
        _ => return None,
    };
    let mut at = field::RESERVED;
    while at < HEADER_LEN {
        if bytes[at] != 0 {
            return None;
        }
        at += 1;
    }
    let config = Config {
        n_vocab: u32_at(bytes, field::N_VOCAB) as usize,
        n_ctx: u32_at(bytes, field::N_CTX) as usize,
        n_layer: u16_at(bytes, field::N_LAYER) as usize,
        n_head: u16_at(bytes, field::N_HEAD) as usize,
        n_kv_head: u16_at(bytes, field::N_KV_HEAD) as usize,
        head_dim: u16_at(bytes, field::HEAD_DIM) as usize,
        n_embd: u32_at(bytes, field::N_EMBD) as usize,
        n_ff: u32_at(bytes, field::N_FF) as usize,
        norm,
        norm_eps: f32::from_bits(u32_at(bytes, field::NORM_EPS)),
        position,
        rope_theta: f32::from_bits(u32_at(bytes, field::ROPE_THETA)),
        mlp,
        ..EMPTY.with_flags(flags)
    };
    if flags & !Config::KNOWN_FLAGS != 0 || !config.is_valid() {
        return None;
    }
    Some(config)
}

/// The header of a blob of this shape, with 0 for its length and its checksum; for whoever writes blobs.
pub fn header(config: &Config, n_section: u16) -> [u8; HEADER_LEN] {
    let mut out = [0; HEADER_LEN];
    let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
    put(field::MAGIC, &MAGIC);
    put(field::VERSION, &VERSION.to_le_bytes());
    put(field::N_SECTION, &n_section.to_le_bytes());
    put(field::N_VOCAB, &(config.n_vocab as u32).to_le_bytes());
    put(field::N_CTX, &(config.n_ctx as u32).to_le_bytes());
    put(field::N_LAYER, &(config.n_layer as u16).to_le_bytes());
    put(field::N_HEAD, &(config.n_head as u16).to_le_bytes());
    put(field::N_KV_HEAD, &(config.n_kv_head as u16).to_le_bytes());
    put(field::HEAD_DIM, &(config.head_dim as u16).to_le_bytes());
    put(field::N_EMBD, &(config.n_embd as u32).to_le_bytes());
    put(field::N_FF, &(config.n_ff as u32).to_le_bytes());
    put(field::NORM_EPS, &config.norm_eps.to_le_bytes());
    put(field::ROPE_THETA, &config.rope_theta.to_le_bytes());
    // The numbers of the choices are those of their variants.
    put(field::NORM, &[config.norm as u8]);
    put(field::POSITION, &[config.position as u8]);
    put(field::MLP, &[config.mlp as u8]);
    put(field::FLAGS, &[config.flags()]);
    out
}

const fn sections_are_sound(bytes: &[u8], blob_len: usize, config: &Config) -> bool {
    let n = u16_at(bytes, field::N_SECTION) as usize;
    if n == 0 || n > MAX_SECTIONS || HEADER_LEN + n * SECTION_ENTRY_LEN > blob_len {
        return false;
    }
    let mut end = HEADER_LEN + n * SECTION_ENTRY_LEN;
    let mut i = 0;
    while i < n {
        let entry = HEADER_LEN + i * SECTION_ENTRY_LEN;
        let offset = u32_at(bytes, entry + 4) as usize;
        let len = u32_at(bytes, entry + 8) as usize;
        let overlaps = offset < end || offset > blob_len || len > blob_len - offset;
        if overlaps || !offset.is_multiple_of(ALIGN) || u32_at(bytes, entry + 12) != 0 {
            return false;
        }
        end = offset + len;
        i += 1;
    }
    let rotary = matches!(config.position, Position::Rotary);
    find_section(bytes, TENSOR_DIRECTORY).is_some()
        && find_section(bytes, TENSOR_DATA).is_some()
        && find_section(bytes, VOCABULARY).is_some()
        && (!rotary || find_section(bytes, ROTARY).is_some())
}

/// Offset and length of a section. Only for bytes that [`read_header`] accepted.
const fn find_section(bytes: &[u8], name: [u8; 4]) -> Option<(usize, usize)> {
    let mut i = 0;
    while i < u16_at(bytes, field::N_SECTION) as usize {
        let entry = HEADER_LEN + i * SECTION_ENTRY_LEN;
        if u32_at(bytes, entry) == u32::from_le_bytes(name) {
            return Some((u32_at(bytes, entry + 4) as usize, u32_at(bytes, entry + 8) as usize));
        }
        i += 1;
    }
    None
}

/// Bytes of a section. Only for bytes that [`read_header`] accepted.
pub(crate) fn section(bytes: &[u8], name: [u8; 4]) -> Option<&[u8]> {
    let (offset, len) = find_section(bytes, name)?;
    bytes.get(offset..offset + len)
}

/// Name and bytes of each section of a blob, in order; for tools that show where the bytes go.
///
/// # Errors
/// Reads a configuration as [`Config::read`] does.
pub fn sections(bytes: &[u8]) -> Result<impl Iterator<Item = ([u8; 4], &[u8])>, LoadError> {
    read_header(bytes)?;
    Ok((0..u16_at(bytes, field::N_SECTION) as usize).map(move |i| {
        let entry = HEADER_LEN + i * SECTION_ENTRY_LEN;
        let name = u32_at(bytes, entry).to_le_bytes();
        let (offset, len) = (u32_at(bytes, entry + 4) as usize, u32_at(bytes, entry + 8) as usize);
        (name, head(tail(bytes, offset), len))
    }))
}

/// CRC-32 (IEEE 802.3) of all bytes of a blob except the checksum's own four.
pub fn checksum(blob: &[u8]) -> u32 {
    let (before, after) = sides(blob, field::CRC);
    !crc32(crc32(u32::MAX, before), tail(after, 4))
}

/// Takes a CRC further, four bits at a time: 64 bytes of table.
pub(crate) fn crc32(mut crc: u32, bytes: &[u8]) -> u32 {
    const TABLE: [u32; 16] = crc_table();
    for &byte in bytes {
        crc ^= u32::from(byte);
        crc = (crc >> 4) ^ TABLE[(crc & 15) as usize];
        crc = (crc >> 4) ^ TABLE[(crc & 15) as usize];
    }
    crc
}

const fn crc_table() -> [u32; 16] {
    let mut table = [0; 16];
    let mut i = 0;
    while i < 16 {
        let mut crc = i as u32;
        let mut bit = 0;
        while bit < 4 {
            crc = if crc & 1 != 0 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
            bit += 1;
        }
        table[i] = crc;
        i += 1;
    }
    table
}

/// Holds a blob at an address that is a multiple of 16.
///
/// ```
/// use embedded_gpt::Aligned;
/// static BYTES: Aligned<[u8; 4]> = Aligned(*b"EGPT");
/// assert_eq!(BYTES.0.as_ptr() as usize % 16, 0);
/// ```
#[derive(Clone, Copy, Debug)]
#[repr(C, align(16))]
pub struct Aligned<T: ?Sized>(pub T);

/// Includes a blob in the program, aligned, and checks its header and section table while compiling.
///
/// The path is relative to the source file, as in [`include_bytes!`]. The result is a
/// `&'static Aligned<[u8]>`. A file that is not a blob, is truncated or has another
/// format version stops the build. The checksum is left to [`Model::parse`](crate::Model::parse).
///
/// ```
/// use embedded_gpt::{Aligned, Config, Model, include_model};
/// static BLOB: &Aligned<[u8]> = include_model!("../../models/demo.egpt");
/// const CONFIG: Config = Config::of(&BLOB.0);
/// let model = Model::parse(&BLOB.0)?;
/// assert_eq!(model.config(), &CONFIG);
/// # Ok::<(), embedded_gpt::error::LoadError>(())
/// ```
///
/// A file of another kind does not compile:
///
/// ```compile_fail
/// static BLOB: &embedded_gpt::Aligned<[u8]> = embedded_gpt::include_model!("../../Cargo.toml");
/// ```
#[macro_export]
macro_rules! include_model {
    ($path:expr) => {{
        const BLOB: &$crate::Aligned<[u8]> = &$crate::Aligned(*include_bytes!($path));
        const _: $crate::Config = $crate::Config::of(&BLOB.0);
        BLOB
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_matches_the_published_check_value() {
        assert_eq!(!crc32(u32::MAX, b"123456789"), 0xCBF4_3926);
        assert_eq!(checksum(b"123456789"), 0xCBF4_3926);
        assert_eq!(checksum(b"123456789abc????def"), checksum(b"123456789abc!!!!def"));
        assert_ne!(checksum(b"123456789abc????def"), checksum(b"123456789abd????def"));
    }

    #[test]
    fn headers_are_read_as_they_were_written() {
        let shape = crate::config::Shape { n_vocab: 300, n_ctx: 64, n_layer: 2, n_head: 4, n_embd: 32 };
        let llama = Config::llama(shape);
        for config in [Config::gpt2(shape), llama, llama.with(|config| config.qk_norm = true)] {
            let mut bytes = header(&config, 3);
            assert_eq!(read_config(&bytes), Some(config));
            // A flag that this crate does not know.
            bytes[field::FLAGS] |= 0x80;
            assert_eq!(read_config(&bytes), None);
        }
    }

    #[test]
    fn foreign_bytes_are_named() {
        assert_eq!(read_header(b"short"), Err(LoadError::Truncated { needed: 64, given: 5 }));
        assert_eq!(read_header(&[7; 64]), Err(LoadError::NotABlob));
        let mut newer = [0; 64];
        newer[..4].copy_from_slice(&MAGIC);
        newer[4] = 9;
        assert_eq!(read_header(&newer), Err(LoadError::Version { found: 9, supported: VERSION }));
    }
}
