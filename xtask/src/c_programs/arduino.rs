//! The library for the Arduino IDE and its sketch, with a core that stands in for Arduino's.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::board::Board;
use crate::c_programs::Compiler;
use crate::capi::arduino;
use crate::{emulator, process, workspace};

/// What stands in for Arduino's core.
const STAND_IN: &str = "capi/tests/arduino";
const EXAMPLES: &str = "firmware-examples";
/// A Cortex-M4F, whose functions take floats in registers.
const BOARD: Board = Board::CORTEX_M4F;
const MCU: &str = "cortex-m4";
/// Arduino's flags for it, and the directory that they lead to.
const CORE: [&str; 4] = ["-mthumb", "-mcpu=cortex-m4", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"];
const ARCHIVES: &str = "src/cortex-m4/fpv4-sp-d16-hard";

/// The sketch compiles as C++, links with the archive that Arduino's tools choose, and says words.
pub fn check() -> Result<String> {
    let compiler = Compiler::of(BOARD);
    if let Err(reason) = compiler.find() {
        return Ok(format!("SKIPPED: {reason:#}"));
    }
    emulator::find(BOARD)?;
    let (root, out) = (workspace::root(), workspace::target().join("c-arduino"));
    let library = out.join("EmbeddedGpt");
    arduino::write(MCU, None, &library)?;
    let (stand_in, examples, program) = (root.join(STAND_IN), root.join(EXAMPLES), out.join("sketch.elf"));
    let objects = [
        (stand_in.join("core.cpp"), "c++"),
        (library.join("examples/Suggest/Suggest.ino"), "c++"),
        (examples.join("c-programs/print.c"), "c"),
        (examples.join("c-cortex-m/startup.c"), "c"),
        (examples.join("c-cortex-m/semihosting.c"), "c"),
    ];
    // The sketch needs nothing of C++'s standard library, which comes in a package of its own.
    let mut linker = Command::new(compiler.program);
    linker.args(CORE).args(["--specs=nano.specs", "-nostartfiles", "-Wl,--gc-sections", "-Wl,-z,noexecstack"]);
    for (source, language) in objects {
        let object = out.join(source.file_name().unwrap_or_default()).with_extension("o");
        let mut compiler = Command::new(compiler.program);
        compiler.args(CORE).args(["-Os", "-Wall", "-Wextra", "-Werror", "-ffunction-sections", "-fdata-sections"]);
        compiler.arg("-I").arg(library.join("src")).arg("-I").arg(&stand_in);
        compiler.arg("-I").arg(examples.join("c-programs"));
        if language == "c++" {
            // Arduino's tools put this include before a sketch.
            compiler.args(["-std=gnu++11", "-fno-exceptions", "-fno-rtti", "-include", "Arduino.h"]);
        }
        compiler.args(["-x", language, "-c"]).arg(&source).arg("-o").arg(&object);
        process::quiet(&format!("compiling {}", source.display()), compiler)?;
        linker.arg(object);
    }
    linker.arg("-L").arg(library.join(ARCHIVES)).arg("-lembedded_gpt");
    linker.arg("-T").arg(examples.join("c-cortex-m/mps2.ld")).arg("-T").arg(examples.join("c-programs/link.ld"));
    linker.arg("-o").arg(&program);
    process::quiet("linking the sketch", linker)?;
    let said = emulator::run_quiet(BOARD, &program)?;
    ensure!(said.contains("see you tom > tomorrow"), "the sketch said\n{said}");
    Ok("with a stand-in for Arduino's core".to_owned())
}
