//! Where the flash and the stack of a firmware go: `firmware-size ELF SOURCES MODEL_BYTES N`.
//!
//! N functions and frames are listed. SOURCES is the directory of the runtime's sources: code counts for its room
//! there that was inlined deepest. The ELF file needs debugging information, and for frames what `-Z
//! emit-stack-sizes` adds.

mod frames;
mod rooms;

use std::env;
use std::fs;

use anyhow::{Context, Result, bail};
use object::read::elf::ElfFile32;

use crate::rooms::Rooms;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [elf, sources, model_bytes, n_listed] = arguments.as_slice() else {
        bail!("usage: firmware-size ELF SOURCES MODEL_BYTES N")
    };
    let bytes = fs::read(elf).with_context(|| format!("{elf} cannot be read"))?;
    let elf: ElfFile32<'_> = ElfFile32::parse(&*bytes).with_context(|| format!("{elf} is not a 32-bit ELF file"))?;
    let model_bytes = model_bytes.parse().context("MODEL_BYTES is not a number")?;
    let n_listed = n_listed.parse().context("N is not a number")?;
    let rooms = Rooms::of(&elf, sources, model_bytes)?;
    println!("{:<24} {:>7} {:>9} {:>7}", "room", "code", "constants", "bytes");
    for (name, size) in rooms.sorted() {
        println!("{name:<24} {:>7} {:>9} {:>7}", size.code, size.constants, size.code + size.constants);
    }
    let all = rooms.total();
    println!("{:<24} {:>7} {:>9} {:>7}", "all", all.code, all.constants, all.code + all.constants);
    println!("\nlargest functions, without those of the runtime that are inlined into them");
    rooms.functions().into_iter().take(n_listed).for_each(|(size, name)| println!("{size:>7} {name}"));
    println!("\nlargest stack frames");
    frames::sorted(&elf)?.into_iter().take(n_listed).for_each(|(size, name)| println!("{size:>7} {name}"));
    Ok(())
}
