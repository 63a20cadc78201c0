//! `cargo xtask capi`: the library for programs in C, with its header and what build systems find it by.

pub mod arduino;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{console, files, process, toolchain, workspace};

/// `cargo xtask capi`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The Rust target, such as thumbv7em-none-eabihf; that of this computer if not given
    #[arg(long)]
    target: Option<String>,
    /// The core to compile for, where a target covers several: cortex-m33, cortex-m55
    #[arg(long)]
    target_cpu: Option<String>,
    /// Parts of the library, with commas: keys, shell, pieces, caret, correction, dictionary, phrase, next-letters,
    /// generator, classifier, inspect; all of them if not given. With less a program is smaller
    #[arg(long)]
    features: Option<String>,
    /// Write a library for the Arduino IDE instead, for all processors that there is one for, or for that of a board:
    /// cortex-m4 (`build.mcu` of boards.txt)
    #[arg(long, value_name = "all|MCU", conflicts_with_all = ["target", "target_cpu"])]
    arduino: Option<String>,
    /// Directory that is written: lib, include
    #[arg(long)]
    out: PathBuf,
}

/// What a library is built for, and with which parts.
#[derive(Clone, Copy, Debug)]
pub struct Build<'a> {
    /// The Rust target; `None` is this computer.
    pub target: Option<&'a str>,
    /// The core, where a target covers several.
    pub target_cpu: Option<&'a str>,
    /// Parts, with commas; `None` is all of them.
    pub features: Option<&'a str>,
}

/// The header, which is made by `cargo xtask header`.
pub const HEADER: &str = "capi/include/embedded_gpt.h";
/// What the CMake package has beside its configuration: a function that puts a model into flash.
const CMAKE_FILES: [&str; 2] = ["embedded-gpt-model.cmake", "model.S"];
const PACKAGE: &str = "embedded-gpt-capi";
const LIBRARY: &str = "libembedded_gpt.a";
/// No names of functions that are not exported, and a stack as large as a microcontroller may have one.
const WASM_FLAGS: [&str; 2] = ["-Cstrip=symbols", "-Clink-arg=-zstack-size=65536"];

/// `cargo xtask capi`
pub fn run(args: &Args) -> Result<()> {
    let Args { target, target_cpu, features, arduino, out } = args;
    if let Some(mcu) = arduino {
        arduino::write(mcu, features.as_deref(), out)?;
        console::line(&format!("the library for the Arduino IDE is in {}", out.display()));
        return Ok(());
    }
    let build = Build { target: target.as_deref(), target_cpu: target_cpu.as_deref(), features: features.as_deref() };
    build.write(out)?;
    if build.is_slow_armv8m() {
        console::line(
            "built for cores without DSP instructions; --target-cpu cortex-m33 or cortex-m55 is faster there",
        );
    }
    console::line(&format!(
        "{LIBRARY}, embedded_gpt.h, embedded-gpt.pc and the CMake package are in {}",
        out.display()
    ));
    Ok(())
}

impl Build<'_> {
    /// Builds the library, and writes it to a directory with all that belongs to it.
    ///
    /// # Errors
    /// When it cannot be built or written.
    pub fn write(&self, out: &Path) -> Result<()> {
        let library = self.library()?;
        let version = env!("CARGO_PKG_VERSION");
        // On computers the standard library is in it, which needs these.
        let needs = if self.target.is_none() { "-lm -lpthread -ldl" } else { "" };
        files::copy(&library, &out.join("lib").join(LIBRARY))?;
        files::copy(&workspace::root().join(HEADER), &out.join("include/embedded_gpt.h"))?;
        files::write(&out.join("lib/pkgconfig/embedded-gpt.pc"), &pkg_config(version, needs))?;
        let cmake = out.join("lib/cmake/embedded-gpt");
        for file in CMAKE_FILES {
            files::copy(&workspace::root().join("capi/cmake").join(file), &cmake.join(file))?;
        }
        files::write(&cmake.join("embedded-gpt-config.cmake"), &cmake_config(needs))?;
        files::write(&cmake.join("embedded-gpt-config-version.cmake"), &cmake_version(version))
    }

    /// Whether the target has cores with better kernels, and none of them is named.
    fn is_slow_armv8m(&self) -> bool {
        self.target_cpu.is_none() && self.target.is_some_and(|target| target.starts_with("thumbv8m.main"))
    }

    /// Builds the library; gives its path.
    fn library(&self) -> Result<PathBuf> {
        self.build("staticlib", "libembedded_gpt_capi.a")
    }

    /// Builds a module of WebAssembly with the functions of the library.
    ///
    /// # Errors
    /// When it cannot be built or read.
    pub fn module(&self) -> Result<Vec<u8>> {
        let path = self.build("cdylib", "embedded_gpt_capi.wasm")?;
        fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Builds the library as a type of crate; gives the path of the file.
    fn build(&self, crate_type: &str, file: &str) -> Result<PathBuf> {
        if let Some(target) = self.target
            && !toolchain::has(target)
        {
            bail!("this compiler has no core for {target}; `rustup target list` shows those that there are");
        }
        // What is compiled for one core of a target must not replace what is compiled for another.
        let outputs = workspace::target().join("capi").join(self.target_cpu.unwrap_or_default());
        let mut cargo = workspace::cargo();
        cargo.args(["rustc", "--package", PACKAGE, "--lib", "--crate-type", crate_type, "--profile", "firmware"]);
        cargo.arg("--target-dir").arg(&outputs).arg("--features").arg(self.all_features());
        if self.features.is_some() {
            cargo.arg("--no-default-features");
        }
        let mut built = outputs;
        if let Some(target) = self.target {
            cargo.args(["--target", target]);
            built.push(target);
            let mut flags: Vec<String> = self.target_cpu.iter().map(|cpu| format!("-Ctarget-cpu={cpu}")).collect();
            if target.starts_with("wasm32") {
                flags.extend(WASM_FLAGS.map(str::to_owned));
            }
            cargo.args(["--config", &format!("target.{target}.rustflags={flags:?}")]);
            // They would replace it.
            cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        }
        let target = self.target.unwrap_or("this computer");
        process::quiet(&format!("building the C interface for {target}"), cargo)?;
        Ok(built.join("firmware").join(file))
    }

    fn all_features(&self) -> String {
        let handler = if self.target.is_none() { "std" } else { "panic-handler" };
        self.features.map_or_else(|| handler.to_owned(), |features| format!("{handler},{features}"))
    }
}

/// What pkg-config reads.
fn pkg_config(version: &str, needs: &str) -> String {
    format!(
        "prefix=${{pcfiledir}}/../..\n\nName: embedded-gpt\nDescription: Autocomplete and text generation inside \
         microcontroller firmware\nVersion: {version}\nCflags: -I${{prefix}}/include\nLibs: -L${{prefix}}/lib \
         -lembedded_gpt {needs}\n"
    )
    .replace(" \n", "\n")
}

/// What CMake's `find_package(embedded-gpt)` reads.
fn cmake_config(needs: &str) -> String {
    let needs = needs.replace("-l", "").replace(' ', ";");
    let needs = if needs.is_empty() { needs } else { format!("\n        INTERFACE_LINK_LIBRARIES \"{needs}\"") };
    format!(
        r#"# The target embedded-gpt::embedded-gpt: the library and its header; the function embedded_gpt_add_model.
include("${{CMAKE_CURRENT_LIST_DIR}}/embedded-gpt-model.cmake")
get_filename_component(_embedded_gpt_prefix "${{CMAKE_CURRENT_LIST_DIR}}/../../.." ABSOLUTE)
if(NOT TARGET embedded-gpt::embedded-gpt)
    add_library(embedded-gpt::embedded-gpt STATIC IMPORTED)
    set_target_properties(embedded-gpt::embedded-gpt PROPERTIES
        IMPORTED_LOCATION "${{_embedded_gpt_prefix}}/lib/{LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${{_embedded_gpt_prefix}}/include"{needs})
endif()
unset(_embedded_gpt_prefix)
"#
    )
}

/// What CMake compares a wanted version with. Before 1.0 each minor version is another interface.
fn cmake_version(version: &str) -> String {
    let minor = version.rsplit_once('.').map_or(version, |(minor, _)| minor);
    format!(
        r#"set(PACKAGE_VERSION "{version}")
if(PACKAGE_FIND_VERSION VERSION_EQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
endif()
if(PACKAGE_FIND_VERSION VERSION_GREATER_EQUAL "{minor}" AND PACKAGE_FIND_VERSION VERSION_LESS_EQUAL PACKAGE_VERSION)
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_systems_are_told_what_a_computer_needs() {
        assert!(pkg_config("1.2.3", "-lm -ldl").ends_with("-lembedded_gpt -lm -ldl\n"));
        assert!(pkg_config("1.2.3", "").ends_with("-lembedded_gpt\n"));
        assert!(cmake_config("-lm -ldl").contains("INTERFACE_LINK_LIBRARIES \"m;dl\")"));
        assert!(!cmake_config("").contains("LINK_LIBRARIES"));
    }

    #[test]
    fn a_cortex_m33_without_its_name_is_noticed() {
        let is_slow = |target, target_cpu| Build { target, target_cpu, features: None }.is_slow_armv8m();
        assert!(is_slow(Some("thumbv8m.main-none-eabihf"), None));
        assert!(!is_slow(Some("thumbv8m.main-none-eabihf"), Some("cortex-m33")));
        assert!(!is_slow(Some("thumbv7em-none-eabihf"), None) && !is_slow(None, None));
    }

    #[test]
    fn versions_of_a_minor_release_are_compatible() {
        let version = cmake_version("0.1.2");
        assert!(version.contains("GREATER_EQUAL \"0.1\"") && version.contains("PACKAGE_VERSION \"0.1.2\""));
    }
}
