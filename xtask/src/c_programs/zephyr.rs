//! The Zephyr module and its sample, with CMake functions that stand in for those of Zephyr.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{cmake, library};
use crate::board::Board;
use crate::c_programs::Compiler;
use crate::{emulator, process, workspace};

/// The options of the library's parts.
const OPTIONS: &str = "capi/cmake/Kconfig.parts";
const SAMPLE: &str = "firmware-examples/zephyr-shell";
/// What stands in for Zephyr.
const STAND_IN: &str = "capi/tests/zephyr";
/// What reads options, as Zephyr's own copy of it does. It is a tool as the compiler is: nothing is linked with it.
const KCONFIGLIB: &str = "kconfiglib==14.1.0";
/// The stand-in has the options of this board.
const BOARD: Board = Board::CORTEX_M4F;
/// What the sample's shell says.
const SAID: &str = "$ complete see you at the s\nsame\nstart\nschool\n$ next i am going to\nsay\nbe\ngo\n";

/// Options that Zephyr has for a core, and what CMake says then.
const CORES: [(&[&str], &str); 6] = [
    (&["CPU_CORTEX_M0PLUS"], "embedded-gpt: thumbv6m-none-eabi,"),
    (&["CPU_CORTEX_M4"], "embedded-gpt: thumbv7em-none-eabi,"),
    (&["CPU_CORTEX_M33", "FP_HARDABI", "ARMV8_M_DSP"], "embedded-gpt: thumbv8m.main-none-eabihf (cortex-m33),"),
    (
        &["CPU_CORTEX_M55", "FP_HARDABI", "ARMV8_M_DSP", "ARMV8_1_M_MVEI", "ARMV8_1_M_MVEF"],
        "embedded-gpt: thumbv8m.main-none-eabihf (cortex-m55),",
    ),
    (
        &["RISCV_ISA_RV32I", "RISCV_ISA_EXT_M", "RISCV_ISA_EXT_A", "RISCV_ISA_EXT_C"],
        "embedded-gpt: riscv32imac-unknown-none-elf,",
    ),
    (&["CPU_CORTEX_M23"], "no library for this core"),
];

/// The sample builds with a library that cargo builds and with one that is there, and says words; each part of the
/// library has an option.
pub fn check() -> Result<String> {
    let compiler = Compiler::of(BOARD);
    let reader = match compiler.find().and_then(|_| cmake::find()).and_then(|()| find_kconfiglib()) {
        Ok(reader) => reader,
        Err(reason) => return Ok(format!("SKIPPED: {reason:#}")),
    };
    emulator::find(BOARD)?;
    let out = workspace::target().join("c-zephyr");
    fs::create_dir_all(&out)?;
    let sample = Sample { reader, out };
    let settings = fs::read_to_string(workspace::root().join(SAMPLE).join("prj.conf"))?;
    let by_cargo = sample.said("by-cargo", &settings)?;
    ensure!(by_cargo.starts_with(SAID), "the sample said\n{by_cargo}");
    let archive = library(BOARD, Some(""))?.join("egpt/lib/libembedded_gpt.a");
    let there = format!("{settings}CONFIG_EMBEDDED_GPT_LIBRARY=\"{}\"\n", archive.display());
    ensure!(sample.said("there", &there)? == by_cargo, "with a library that is there the sample says something else");
    let nowhere = format!("{settings}CONFIG_EMBEDDED_GPT_LIBRARY=\"/nowhere.a\"\n");
    let refused = sample.configured("nowhere", &nowhere).map_err(|error| format!("{error:#}"));
    let is_named = refused.as_ref().is_err_and(|error| error.contains("there is no /nowhere.a"));
    ensure!(is_named, "a library that is not there gave {refused:?}");
    sample.check_cores()?;
    let parts = parts()?;
    let option = |part: &String| format!("CONFIG_EMBEDDED_GPT_{}=y\n", part.to_uppercase().replace('-', "_"));
    let all: String = parts.iter().map(option).collect();
    let (_, configured) = sample.configured("all-parts", &(settings + &all))?;
    let right = format!("parts: {}\n", parts.join(","));
    ensure!(configured.contains(&right), "not all parts of capi/Cargo.toml are in {OPTIONS} and embedded-gpt.cmake");
    Ok(format!("with stand-ins for Zephyr's functions; {} cores, {} parts", CORES.len(), parts.len()))
}

/// The sample, and where it is built.
struct Sample {
    /// The directory of kconfiglib.
    reader: PathBuf,
    out: PathBuf,
}

impl Sample {
    /// What the sample prints, built with options.
    fn said(&self, name: &str, settings: &str) -> Result<String> {
        let (directory, _) = self.configured(name, settings)?;
        cmake::build(&directory)?;
        emulator::run_quiet(BOARD, &directory.join("zephyr"))
    }

    /// Configures the sample with options; gives its directory, and what CMake says.
    fn configured(&self, name: &str, settings: &str) -> Result<(PathBuf, String)> {
        let (root, directory) = (workspace::root(), self.out.join(name));
        let settings_path = self.out.join(format!("{name}.conf"));
        let options = self.out.join(format!("{name}.config"));
        fs::write(&settings_path, settings)?;
        let mut python = Command::new("python3");
        python.env("PYTHONPATH", &self.reader).env("EMBEDDED_GPT", &root).arg(root.join(STAND_IN).join("options.py"));
        python.arg(root.join(STAND_IN).join("Kconfig")).arg(&settings_path).arg(&options);
        process::quiet("reading the options of the sample", python)?;
        let said = project(&options).configure(&directory)?;
        Ok((directory, said))
    }

    /// Each core gets the library for it, and those are refused that there is none for.
    fn check_cores(&self) -> Result<()> {
        for (options, right) in CORES {
            let path = self.out.join("core.config");
            let lines: String = options.iter().map(|option| format!("CONFIG_{option}=y\n")).collect();
            fs::write(&path, format!("CONFIG_EMBEDDED_GPT=y\n{lines}"))?;
            let said = project(&path).configure(&self.out.join("core")).unwrap_or_else(|error| format!("{error:#}"));
            ensure!(said.contains(right), "for {options:?} CMake said\n{said}");
        }
        Ok(())
    }
}

/// The sample with a file of options that have been read.
fn project(options: &Path) -> cmake::Project<'static> {
    let root = workspace::root();
    let settings = [("Zephyr_DIR", root.join(STAND_IN)), ("CONFIG_FILE", options.to_owned())];
    cmake::Project {
        sources: root.join(SAMPLE),
        compiler: Compiler::of(BOARD).program,
        settings: settings.map(|(name, path)| (name, path.display().to_string())).into(),
        environment: Vec::new(),
    }
}

/// What the library can be built with, as capi/Cargo.toml lists it.
fn parts() -> Result<Vec<String>> {
    let packages = workspace::packages()?;
    let package = packages.iter().find(|package| package["name"] == "embedded-gpt-capi");
    let parts = package.and_then(|package| package["features"]["default"].as_array());
    let parts = parts.context("embedded-gpt-capi has no default features")?;
    Ok(parts.iter().filter_map(|part| part.as_str().map(str::to_owned)).collect())
}

/// Finds kconfiglib below `target`, or installs it there; gives its directory.
fn find_kconfiglib() -> Result<PathBuf> {
    let directory = workspace::target().join("tools/kconfiglib");
    if !directory.join("kconfiglib.py").is_file() {
        install(&directory).context("kconfiglib is not there, and pip cannot install it")?;
    }
    Ok(directory)
}

fn install(directory: &Path) -> Result<()> {
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target"]);
    pip.arg(directory).arg(KCONFIGLIB);
    process::quiet("installing kconfiglib", pip)?;
    Ok(())
}
