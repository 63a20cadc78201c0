//! Stack frames, from the section that `-Z emit-stack-sizes` makes.

use anyhow::{Context, Result};
use object::read::elf::ElfFile32;
use object::{Object, ObjectSection};

use crate::rooms::functions;

/// Bytes of stack and name of each function compiled with the option, largest first.
pub fn sorted(elf: &ElfFile32<'_>) -> Result<Vec<(u64, String)>> {
    let Some(section) = elf.section_by_name(".stack_sizes") else { return Ok(Vec::new()) };
    let frames = parse(section.data()?).context("the section .stack_sizes ends early")?;
    let functions = functions(elf);
    let name_of = |address| {
        let found = functions.iter().find(|function| function.address == address);
        found.map_or_else(|| format!("{address:#x}"), |function| function.name.clone())
    };
    let mut named: Vec<_> = frames.into_iter().map(|(address, size)| (size, name_of(address))).collect();
    named.sort_by(|a, b| b.cmp(a));
    Ok(named)
}

/// Address, with the bit of Thumb code cleared, and size; `None` if the bytes end within an entry.
fn parse(mut bytes: &[u8]) -> Option<Vec<(u64, u64)>> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let (address, rest) = bytes.split_first_chunk()?;
        bytes = rest;
        let (mut size, mut shift) = (0, 0);
        loop {
            let (&byte, rest) = bytes.split_first()?;
            bytes = rest;
            size |= u64::from(byte & 0x7F).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        frames.push((u64::from(u32::from_le_bytes(*address) & !1), size));
    }
    Some(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_one_and_two_bytes_are_read() {
        let bytes = [0x01, 0x10, 0, 0, 0x20, 0x44, 0x20, 0, 0, 0xB4, 0x02];
        assert_eq!(parse(&bytes), Some(vec![(0x1000, 0x20), (0x2044, 0x134)]));
        assert_eq!(parse(&bytes[..10]), None);
        assert_eq!(parse(&[0x01, 0x10]), None);
    }
}
