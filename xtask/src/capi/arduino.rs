//! `cargo xtask capi --arduino`: a library for the Arduino IDE, with an archive for each core.
//!
//! The [library specification](https://arduino.github.io/arduino-cli/latest/library-specification/) says where the IDE
//! looks for archives: `src/{build.mcu}/{-mfpu}-{-mfloat-abi}`, then `src/{build.mcu}`.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::{Build, HEADER, LIBRARY};
use crate::{files, workspace};

/// The sketch, and what it includes.
const SKETCH: &str = "examples/Suggest/Suggest.ino";
const MODEL: &str = "models/demo.egpt";
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// An archive: what Arduino's cores call the processor, and what it is built for.
struct Archive {
    /// The directory below src, which begins with `build.mcu`.
    directory: &'static str,
    target: &'static str,
    target_cpu: Option<&'static str>,
}

const fn archive(directory: &'static str, target: &'static str) -> Archive {
    Archive { directory, target, target_cpu: None }
}

/// For a core with an FPU the directory without one has functions that take floats in integer registers: they serve
/// `-mfloat-abi=softfp`, too.
const ARCHIVES: [Archive; 15] = [
    archive("cortex-m0", "thumbv6m-none-eabi"),
    archive("cortex-m0plus", "thumbv6m-none-eabi"),
    archive("cortex-m3", "thumbv7m-none-eabi"),
    archive("cortex-m4", "thumbv7em-none-eabi"),
    archive("cortex-m4/fpv4-sp-d16-hard", "thumbv7em-none-eabihf"),
    archive("cortex-m7", "thumbv7em-none-eabi"),
    archive("cortex-m7/fpv4-sp-d16-hard", "thumbv7em-none-eabihf"),
    archive("cortex-m7/fpv5-sp-d16-hard", "thumbv7em-none-eabihf"),
    archive("cortex-m7/fpv5-d16-hard", "thumbv7em-none-eabihf"),
    // Teensy 4
    archive("imxrt1062/fpv5-d16-hard", "thumbv7em-none-eabihf"),
    Archive { target_cpu: Some("cortex-m33"), ..archive("cortex-m33", "thumbv8m.main-none-eabi") },
    Archive { target_cpu: Some("cortex-m33"), ..archive("cortex-m33/fpv5-sp-d16-hard", "thumbv8m.main-none-eabihf") },
    archive("esp32c3", "riscv32imc-unknown-none-elf"),
    archive("esp32c6", "riscv32imac-unknown-none-elf"),
    archive("esp32h2", "riscv32imac-unknown-none-elf"),
];

impl Archive {
    fn mcu(&self) -> &'static str {
        self.directory.split('/').next().unwrap_or(self.directory)
    }
}

/// Writes the library for one processor, as Arduino's cores call it, or for `all`.
///
/// # Errors
/// When there is none for it, or it cannot be built or written.
pub fn write(mcu: &str, features: Option<&str>, out: &Path) -> Result<()> {
    let chosen: Vec<&Archive> = ARCHIVES.iter().filter(|archive| mcu == "all" || archive.mcu() == mcu).collect();
    if chosen.is_empty() {
        let mut known: Vec<&str> = ARCHIVES.iter().map(Archive::mcu).collect();
        known.dedup();
        bail!("no library for {mcu}: build.mcu of the board has to be one of {}, or give `all`", known.join(", "));
    }
    for Archive { directory, target, target_cpu } in chosen {
        let library = Build { target: Some(target), target_cpu: *target_cpu, features }.library()?;
        files::copy(&library, &out.join("src").join(directory).join(LIBRARY))?;
    }
    let root = workspace::root();
    files::copy(&root.join(HEADER), &out.join("src/embedded_gpt.h"))?;
    files::copy(&root.join("capi/arduino").join(SKETCH), &out.join(SKETCH))?;
    let blob = fs::read(root.join(MODEL)).with_context(|| format!("cannot read {MODEL}"))?;
    files::write(&out.join(SKETCH).with_file_name("model.h"), &model_header(&blob))?;
    for licence in LICENCES {
        files::copy(&root.join(licence), &out.join(licence))?;
    }
    files::write(&out.join("library.properties"), &properties(env!("CARGO_PKG_VERSION")))
}

/// What tells the Arduino IDE about the library.
fn properties(version: &str) -> String {
    format!(
        "name=EmbeddedGpt\nversion={version}\nauthor=The authors of embedded-gpt\nmaintainer=The authors of \
         embedded-gpt\nsentence=Autocomplete and text generation inside microcontroller firmware.\nparagraph=Runs a \
         small quantized GPT from flash, without a heap.\ncategory=Data Processing\n\
         url=https://github.com/embedded-gpt/embedded-gpt\narchitectures=*\nincludes=embedded_gpt.h\n\
         precompiled=true\nldflags=-lembedded_gpt\n"
    )
}

/// A model as an array in flash, at a multiple of 16 as `egpt_model_load` asks for.
fn model_header(blob: &[u8]) -> String {
    let mut text = format!("// {MODEL}\n#pragma once\n\nalignas(16) static const unsigned char model_blob[] = {{\n");
    for line in blob.chunks(32) {
        for byte in line {
            // A text takes all that is written to it.
            let _ = write!(text, "{byte},");
        }
        text.push('\n');
    }
    text + "};\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_becomes_an_array() {
        let header = model_header(&[1, 255, 0]);
        assert!(header.contains("alignas(16)") && header.ends_with("= {\n1,255,0,\n};\n"), "{header}");
    }

    #[test]
    fn processors_that_nobody_knows_are_refused_with_those_that_are_known() {
        let error = write("atmega328p", None, Path::new("nowhere")).unwrap_err().to_string();
        assert!(error.contains("atmega328p") && error.contains("cortex-m0, cortex-m0plus, cortex-m3"), "{error}");
    }

    #[test]
    fn every_hard_float_archive_is_in_a_directory_of_its_own() {
        for archive in &ARCHIVES {
            assert_eq!(archive.target.ends_with("hf"), archive.directory.ends_with("-hard"), "{}", archive.directory);
        }
    }
}
