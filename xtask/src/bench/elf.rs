//! What a firmware's ELF file takes of flash and RAM.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Bytes of a program's memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    /// Code, constants, and initial values of statics.
    pub flash: u64,
    /// Statics.
    pub ram: u64,
}

const SHT_NOBITS: u32 = 8;
const SHF_ALLOC: u32 = 2;
/// Sections of statics; those of stack and heap are as large as what is left. On Espressif's chips, the last one is the
/// room for code that runs in RAM.
const STATICS: [&[u8]; 5] = [b".data\0", b".bss\0", b".uninit\0", b".noinit\0", b".rwdata_dummy\0"];

impl Footprint {
    /// Adds up the sections of a 32-bit little-endian ELF file.
    ///
    /// # Errors
    /// When it cannot be read or is none.
    pub fn of(program: &Path) -> Result<Self> {
        let bytes = fs::read(program).with_context(|| format!("{} cannot be read", program.display()))?;
        Self::of_bytes(&bytes).with_context(|| format!("{} is not a 32-bit ELF file", program.display()))
    }

    fn of_bytes(elf: &[u8]) -> Result<Self> {
        ensure!(elf.starts_with(b"\x7FELF\x01\x01"), "the file does not start like one");
        let header = |at| word(elf, at).map(|word| word as usize);
        let (table, entry_len, n, of_names) =
            (header(32)?, header(46)? & 0xFFFF, header(48)? & 0xFFFF, header(48)? >> 16);
        let names = word(elf, table + of_names * entry_len + 16)?;
        let mut footprint = Self::default();
        for section in 0..n {
            let entry = table + section * entry_len;
            let [name, kind, flags, size] = [0, 4, 8, 20].map(|field| word(elf, entry + field));
            if flags? & SHF_ALLOC != 0 {
                let name = elf.get((names + name?) as usize..).context("it ends early")?;
                footprint.flash += if kind? == SHT_NOBITS { 0 } else { size.as_ref().map_or(0, |&size| size.into()) };
                footprint.ram += if STATICS.iter().any(|known| name.starts_with(known)) { u64::from(size?) } else { 0 };
            }
        }
        Ok(footprint)
    }
}

fn word(elf: &[u8], at: usize) -> Result<u32> {
    let bytes = elf.get(at..at + 4).context("it ends early")?;
    Ok(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ELF file with the sections (name, kind, flags, size), without their contents.
    fn elf(sections: &[(&str, u32, u32, u32)]) -> Vec<u8> {
        let mut names = Vec::new();
        let mut table = Vec::new();
        for &(name, kind, flags, size) in sections {
            table.extend([names.len() as u32, kind, flags, 0, 52, size, 0, 0, 0, 0]);
            names.extend(name.bytes().chain([0]));
        }
        let n = sections.len() as u32;
        table.extend([0, 3, 0, 0, 52, names.len() as u32, 0, 0, 0, 0]);
        let mut file = b"\x7FELF\x01\x01".to_vec();
        file.resize(52, 0);
        file[32..36].copy_from_slice(&(52 + names.len() as u32).to_le_bytes());
        file[46] = 40;
        file[48..52].copy_from_slice(&((n << 16) | (n + 1)).to_le_bytes());
        file.extend(names);
        file.extend(table.iter().flat_map(|word| word.to_le_bytes()));
        file
    }

    #[test]
    fn flash_has_what_is_loaded_and_ram_the_statics() {
        let file = elf(&[
            (".text", 1, 6, 1000),
            (".data", 1, 3, 100),
            (".bss", 8, 3, 10),
            (".stack", 8, 3, 50_000),
            (".debug_info", 1, 0, 70_000),
        ]);
        assert_eq!(Footprint::of_bytes(&file).unwrap(), Footprint { flash: 1100, ram: 110 });
        assert!(Footprint::of_bytes(&file[..100]).is_err());
        assert!(Footprint::of_bytes(b"MZ").is_err());
    }
}
