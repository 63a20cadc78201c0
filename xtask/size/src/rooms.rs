//! Code and constants by the room of the sources that they come from.

use std::collections::BTreeMap;

use addr2line::gimli::{Dwarf, EndianSlice, LittleEndian};
use anyhow::{Result, ensure};
use object::read::elf::ElfFile32;
use object::{Object, ObjectSection, ObjectSymbol, SectionKind, SymbolKind};
use rustc_demangle::demangle;

/// Bytes of flash.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    pub code: u64,
    pub constants: u64,
}

/// A function, or a constant with a name.
#[derive(Clone, Debug)]
pub struct Symbol {
    pub address: u64,
    pub size: u64,
    pub name: String,
}

/// Bytes of each room.
#[derive(Debug, Default)]
pub struct Rooms {
    by_name: BTreeMap<String, Size>,
    /// Bytes of code by room and function.
    functions: BTreeMap<String, u64>,
}

const CODE: [SectionKind; 1] = [SectionKind::Text];
/// Linkers mark a section in which every part may be merged as one of texts.
const CONSTANTS: [SectionKind; 2] = [SectionKind::ReadOnlyData, SectionKind::ReadOnlyString];

/// Code of the library that is not inlined into a room, and its constants.
const CORE: &str = "core, heapless";
/// What the compiler calls by itself: copying of memory, shifts and divisions of 64 bits.
const BUILTINS: &str = "compiler_builtins";
/// The firmware's own code: start-up, interrupt table, `main`.
const PROGRAM: &str = "(the program)";
/// Constants without a symbol: texts and tables that the compiler made.
const NAMELESS: &str = "nameless constants";

impl Rooms {
    /// Counts everything in flash but the model, which has `model_bytes`.
    pub fn of(elf: &ElfFile32<'_>, sources: &str, model_bytes: u64) -> Result<Self> {
        let mut rooms = Self::default();
        let lines = Lines::of(elf)?;
        let code: u64 = sections(elf, &CODE).map(|section| section.size()).sum();
        let mut named = 0;
        for function in functions(elf) {
            named += function.size;
            // Thumb and compressed instructions are at even addresses.
            for address in (function.address..function.address + function.size).step_by(2) {
                let size = 2.min(function.address + function.size - address);
                let (room, name) = lines.origin(address, sources, &function.name);
                rooms.at(&room).code += size;
                *rooms.functions.entry(format!("{room:<10} {name}")).or_default() += size;
            }
        }
        rooms.at(PROGRAM).code += code.saturating_sub(named);
        let mut nameless: u64 = sections(elf, &CONSTANTS).map(|section| section.size()).sum();
        for constant in constants(elf, model_bytes) {
            nameless = nameless.saturating_sub(constant.size);
            rooms.at(&room_of_name(&constant.name)).constants += constant.size;
        }
        rooms.at(NAMELESS).constants += nameless.saturating_sub(model_bytes);
        ensure!(rooms.by_name.len() > 4, "the ELF file has no debugging information");
        Ok(rooms)
    }

    fn at(&mut self, room: &str) -> &mut Size {
        self.by_name.entry(room.to_owned()).or_default()
    }

    /// Names and sizes, largest first.
    pub fn sorted(&self) -> Vec<(&str, Size)> {
        let mut rooms: Vec<_> = self.by_name.iter().map(|(name, &size)| (name.as_str(), size)).collect();
        rooms.sort_by_key(|(_, size)| u64::MAX - size.code - size.constants);
        rooms
    }

    /// Bytes, room and name of each function, largest first. The library's code that is inlined into it counts, that of
    /// other functions of the runtime does not.
    pub fn functions(&self) -> Vec<(u64, &str)> {
        let mut functions: Vec<_> = self.functions.iter().map(|(name, &size)| (size, name.as_str())).collect();
        functions.sort_by(|a, b| b.cmp(a));
        functions
    }

    pub fn total(&self) -> Size {
        let add = |a: Size, b: &Size| Size { code: a.code + b.code, constants: a.constants + b.constants };
        self.by_name.values().fold(Size::default(), add)
    }
}

/// Functions by address, each once: linkers may give several names to one.
pub fn functions(elf: &ElfFile32<'_>) -> Vec<Symbol> {
    let mut functions: Vec<_> = symbols(elf, &CODE).filter(|symbol| symbol.size > 0).collect();
    functions.sort_by_key(|function| function.address);
    functions.dedup_by_key(|function| function.address);
    functions
}

fn constants(elf: &ElfFile32<'_>, model_bytes: u64) -> Vec<Symbol> {
    let mut constants: Vec<_> = symbols(elf, &CONSTANTS).collect();
    constants.retain(|symbol| symbol.size > 0 && symbol.size != model_bytes && !symbol.name.starts_with(".L"));
    constants.sort_by_key(|constant| constant.address);
    constants.dedup_by_key(|constant| constant.address);
    constants
}

fn symbols<'e>(elf: &'e ElfFile32<'_>, kinds: &'static [SectionKind]) -> impl Iterator<Item = Symbol> + 'e {
    let sections: Vec<_> = sections(elf, kinds).map(|section| section.index()).collect();
    let here = move |symbol: &object::read::elf::ElfSymbol32<'_, '_>| {
        let is_in_section = symbol.section_index().is_some_and(|section| sections.contains(&section));
        is_in_section && !matches!(symbol.kind(), SymbolKind::Section | SymbolKind::File)
    };
    elf.symbols().filter(here).map(|symbol| Symbol {
        address: symbol.address() & !1,
        size: symbol.size(),
        name: format!("{:#}", demangle(symbol.name().unwrap_or_default())),
    })
}

fn sections<'e, 'd>(
    elf: &'e ElfFile32<'d>,
    kinds: &'static [SectionKind],
) -> impl Iterator<Item = object::read::elf::ElfSection32<'d, 'e>> {
    elf.sections().filter(|section| kinds.contains(&section.kind()))
}

/// The room in the name of a function or constant.
fn room_of_name(name: &str) -> String {
    let path = name.split("embedded_gpt::").nth(1);
    match path {
        Some(path) => path.split([':', '>', '<', ' ']).next().unwrap_or_default().to_owned(),
        None if name.starts_with("egpt_") => "kernel".to_owned(),
        None if ["core::", "<core::", "heapless::"].iter().any(|start| name.contains(start)) => CORE.to_owned(),
        None if name.contains("compiler_builtins") || name.starts_with("__aeabi") || name.starts_with("mem") => {
            BUILTINS.to_owned()
        }
        None => PROGRAM.to_owned(),
    }
}

/// The debugging information that knows which source an instruction comes from.
struct Lines<'d> {
    context: addr2line::Context<EndianSlice<'d, LittleEndian>>,
}

impl<'d> Lines<'d> {
    fn of(elf: &ElfFile32<'d>) -> Result<Self> {
        let section = |id: addr2line::gimli::SectionId| {
            let data = elf.section_by_name(id.name()).map_or(Ok(&[][..]), |section| section.data())?;
            Ok::<_, anyhow::Error>(EndianSlice::new(data, LittleEndian))
        };
        Ok(Self { context: addr2line::Context::from_dwarf(Dwarf::load(section)?)? })
    }

    /// The room and the function that an instruction comes from: of several that are inlined into each other the
    /// innermost that is in `sources`. `symbol` is the name of the outermost.
    fn origin(&self, address: u64, sources: &str, symbol: &str) -> (String, String) {
        let mut library = None;
        if let Ok(mut frames) = self.context.find_frames(address).skip_all_loads() {
            while let Ok(Some(frame)) = frames.next() {
                let Some(file) = frame.location.and_then(|location| location.file) else { continue };
                if let Some(path) = file.strip_prefix(sources) {
                    let name = frame.function.and_then(|function| Some(function.raw_name().ok()?.into_owned()));
                    return (room_of_path(path), short(&name.unwrap_or_default()));
                }
                library = Some(library_of_path(file).to_owned());
            }
        }
        (library.unwrap_or_else(|| room_of_name(symbol)), short(symbol))
    }
}

/// The name of a function without the crate's.
fn short(name: &str) -> String {
    format!("{:#}", demangle(name)).replace("embedded_gpt::", "")
}

/// `suggest` for `/suggest/tree.rs`, `blob` for `/blob.rs`.
fn room_of_path(path: &str) -> String {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    first.strip_suffix(".rs").unwrap_or(first).to_owned()
}

/// The outermost frame's library.
fn library_of_path(path: &str) -> &'static str {
    if path.contains("compiler_builtins") || path.contains("compiler-builtins") {
        BUILTINS
    } else if path.contains("/library/core/") || path.contains("/heapless-") || path.contains("/bytemuck-") {
        CORE
    } else {
        PROGRAM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_found_by_name_and_path() {
        for (name, room) in [
            ("embedded_gpt::vocab::char_class::RUNS", "vocab"),
            ("<embedded_gpt::suggest::Suggester>::poll", "suggest"),
            ("egpt_sums_q8", "kernel"),
            ("core::str::converts::from_utf8", CORE),
            ("__aeabi_memclr", BUILTINS),
            ("Reset", PROGRAM),
        ] {
            assert_eq!(room_of_name(name), room);
        }
        assert_eq!((room_of_path("/suggest/tree.rs"), room_of_path("/model.rs")), ("suggest".into(), "model".into()));
        assert_eq!(library_of_path("/rustc/0/library/core/src/str/mod.rs"), CORE);
    }
}
