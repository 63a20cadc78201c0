//! The steps of `cargo xtask test` that compile programs in C, and run them here and on emulated boards.

pub mod arduino;
mod cmake;
mod compiler;
pub mod esp_idf;
pub mod host;
pub mod zephyr;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::bench::{Footprint, code_bytes_of};
use crate::board::Board;
use crate::capi::{Build, HEADER};
use crate::golden::Golden;
use crate::{console, emulator, process, workspace};
pub use compiler::Compiler;

/// What the program in C that suggests may take more than the one in Rust, in bytes of flash.
const MAX_MORE: u64 = 1_024;
/// A program in C says on a board what the golden values have, with each libc that there is.
pub fn on_board(board: Board) -> Result<String> {
    let compiler = Compiler::of(board);
    if let Err(reason) = compiler.find() {
        return Ok(format!("SKIPPED: {reason:#}"));
    }
    emulator::find(board)?;
    let out = library(board, None)?;
    let mut libcs = compiler.libcs();
    libcs.iter().try_for_each(|libc| beside(libc, board, &out))?;
    libcs.push("none");
    for libc in &libcs {
        let program = make(board, &out, "said", libc, "models/demo.egpt")?;
        for golden in Golden::all()? {
            golden.check_said(&emulator::run_quiet_with(board, &program, &golden.model)?)?;
        }
        let main = make(board, &out, "main", libc, "models/keyboard.egpt")?;
        let said = emulator::run_quiet(board, &main)?;
        ensure!(said.contains("> same |"), "main.c said\n{said}");
    }
    Ok(format!("all golden values, with {}", libcs.join(", ")))
}

/// Library and libc have functions of the same names, but go together, whichever is linked first.
fn beside(libc: &str, board: Board, out: &Path) -> Result<()> {
    let library = out.join("egpt/lib/libembedded_gpt.a").display().to_string();
    let whole = format!("-Wl,--whole-archive {library} -Wl,--no-whole-archive");
    let model = "models/demo.egpt";
    let bytes = fs::metadata(workspace::root().join(model))?.len();
    for (at, libraries) in [format!("{library} -lc"), format!("-lc {library}"), whole].iter().enumerate() {
        let directory = out.join(libc).join(at.to_string());
        let mut make = make_command(board, &directory, &out.join("egpt"), model)?;
        make.args(["PROGRAM=libc".to_owned(), format!("LIBC={libc}"), format!("LIBRARIES={libraries}")]);
        process::quiet(&format!("linking beside {libc}"), make)?;
        let said = emulator::run_quiet(board, &directory.join("libc.elf"))?;
        let right = format!("v{}, {bytes} bytes, done", env!("CARGO_PKG_VERSION"));
        ensure!(said.trim() == right, "libc.c said {said}, not {right}");
    }
    Ok(())
}

/// A program in C that only suggests takes hardly more flash than the one in Rust.
pub fn size() -> Result<String> {
    let board = Board::CORTEX_M4F;
    if let Err(reason) = Compiler::of(board).find() {
        return Ok(format!("SKIPPED: {reason:#}"));
    }
    let model = fs::metadata(workspace::root().join("models/demo.egpt"))?.len();
    let rust = code_bytes_of(board, "suggest")?;
    let c_bytes = |features| -> Result<u64> {
        let out = library(board, features)?;
        let [all, nothing] =
            ["suggest", "nothing"].map(|program| make(board, &out, program, "newlib", "models/demo.egpt"));
        Ok((Footprint::of(&all?)?.flash - Footprint::of(&nothing?)?.flash).saturating_sub(model))
    };
    let (smallest, whole) = (c_bytes(Some(""))?, c_bytes(None)?);
    ensure!(smallest <= rust + MAX_MORE, "in C {smallest} bytes, in Rust {rust}");
    let [smallest, whole, rust] = [smallest, whole, rust].map(console::thousands);
    Ok(format!("{smallest} bytes in C, {whole} with the whole library, {rust} in Rust"))
}

/// A program that uses every function has no code that may panic, and needs nothing that is not in the library.
pub fn no_panic(board: Board) -> Result<String> {
    let compiler = Compiler::of(board);
    if let Err(reason) = compiler.find() {
        return Ok(format!("SKIPPED: {reason:#}"));
    }
    let out = library(board, None)?;
    let program = out.join("everything.elf");
    let header = fs::read_to_string(workspace::root().join(HEADER))?;
    let functions = functions(&header);
    let mut linker = Command::new(compiler.linker);
    linker.args(["--gc-sections", "--entry=0", "-o"]).arg(&program);
    linker.args(functions.iter().map(|name| format!("--undefined={name}")));
    linker.arg(out.join("egpt/lib/libembedded_gpt.a"));
    process::quiet("linking every function", linker)?;
    let elf = fs::read(&program)?;
    let has = |text: &str| elf.windows(text.len()).any(|window| window == text.as_bytes());
    ensure!(functions.iter().all(|name| has(name)), "some functions were not linked");
    ensure!(!has("panicking"), "code that may panic is left: see the symbols of {}", program.display());
    Ok(format!("{} functions", functions.len()))
}

/// The functions that a header declares.
fn functions(header: &str) -> Vec<&str> {
    let code = header.lines().filter(|line| !line.trim_start().starts_with(['*', '/', '#']));
    let before_brackets = code.flat_map(|line| line.split_inclusive('(').filter_map(|part| part.strip_suffix('(')));
    let names = before_brackets.filter_map(|before| before.rsplit([' ', '*']).next());
    names.filter(|name| name.starts_with("egpt_")).collect()
}

/// Builds the library for a board; gives its directory.
fn library(board: Board, features: Option<&str>) -> Result<PathBuf> {
    let parts = if features.is_some() { "least" } else { "whole" };
    let out = workspace::target().join("c-firmware").join(board.name).join(parts);
    Build { target: Some(board.target), target_cpu: board.target_cpu, features }.write(&out.join("egpt"))?;
    Ok(out)
}

/// Builds a program with make; gives the ELF file.
fn make(board: Board, out: &Path, program: &str, libc: &str, model: &str) -> Result<PathBuf> {
    let (out, egpt) = (out.join(libc), out.join("egpt"));
    let mut make = make_command(board, &out, &egpt, model)?;
    make.args([format!("PROGRAM={program}"), format!("LIBC={libc}")]);
    process::quiet(&format!("compiling {program}.c for the {} with {libc}", board.core), make)?;
    Ok(out.join(program).with_extension("elf"))
}

/// Make, told where things are.
fn make_command(board: Board, out: &Path, egpt: &Path, model: &str) -> Result<Command> {
    fs::create_dir_all(out)?;
    let mut make = Command::new("make");
    make.current_dir(workspace::root().join(Compiler::of(board).programs))
        .args(["--silent", &format!("BOARD={}", board.name)]);
    let assign = |name: &str, path: &Path| format!("{name}={}", path.display());
    make.args([assign("OUT", out), assign("EGPT", egpt), assign("MODEL", &workspace::root().join(model))]);
    Ok(make)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_in_the_header() {
        let header =
            "#define EGPT_TEXT(a) b\n/**\n * calls egpt_a(1)\n */\nconst char *egpt_b(void);\nint egpt_c(int a,\n";
        assert_eq!(functions(header), ["egpt_b", "egpt_c"]);
        let header = fs::read_to_string(workspace::root().join(HEADER)).unwrap();
        assert!(functions(&header).contains(&"egpt_suggester_poll"));
    }
}
