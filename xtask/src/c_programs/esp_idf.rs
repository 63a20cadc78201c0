//! The ESP-IDF component and a project with it, with CMake functions that stand in for those of ESP-IDF.

use anyhow::{Result, ensure};

use super::cmake;
use crate::board::Board;
use crate::c_programs::Compiler;
use crate::{emulator, workspace};

const SAMPLE: &str = "firmware-examples/c-esp-idf";
/// What stands in for ESP-IDF.
const STAND_IN: &str = "capi/tests/esp-idf";
/// The stand-in links for this board.
const BOARD: Board = Board::RV32IMC;

/// The project builds the library and says words; chips that there is no library for are refused.
pub fn check() -> Result<String> {
    let compiler = Compiler::of(BOARD);
    if let Err(reason) = compiler.find().and_then(|_| cmake::find()) {
        return Ok(format!("SKIPPED: {reason:#}"));
    }
    emulator::find(BOARD)?;
    let (root, out) = (workspace::root(), workspace::target().join("c-esp-idf"));
    let project = |chip: &str| cmake::Project {
        sources: root.join(SAMPLE),
        compiler: compiler.program,
        settings: vec![("IDF_TARGET", chip.to_owned())],
        environment: vec![("IDF_PATH", root.join(STAND_IN))],
    };
    let refused = project("esp32s3").configure(&out).map_err(|error| format!("{error:#}"));
    let is_named = refused.as_ref().is_err_and(|error| error.contains("no library for the esp32s3"));
    ensure!(is_named, "an ESP32-S3 gave {refused:?}");
    let atomic = project("esp32c6").configure(&out)?;
    ensure!(atomic.contains("riscv32imac-unknown-none-elf"), "for an ESP32-C6 CMake said\n{atomic}");
    project("esp32c3").configure(&out)?;
    cmake::build(&out)?;
    let said = emulator::run_quiet(BOARD, &out.join("words"))?;
    ensure!(said.contains("> same | start | school"), "the project said\n{said}");
    Ok("with stand-ins for the functions of ESP-IDF".to_owned())
}
