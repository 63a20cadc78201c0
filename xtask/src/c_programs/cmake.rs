//! CMake: finds or installs it, configures and builds for a board.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{packages, process, workspace};

/// Finds CMake, or installs it.
///
/// # Errors
/// When there is none and it cannot be installed.
pub fn find() -> Result<()> {
    if workspace::find_program("cmake").is_none() {
        packages::install(&["cmake", "make"], "building C with CMake")?;
    }
    Ok(())
}

/// Configures a directory anew; gives what CMake says.
///
/// # Errors
/// When CMake refuses it.
pub fn configure(sources: &Path, to: &Path, compiler: &str, settings: &[(&str, &Path)]) -> Result<String> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("cannot remove {}", to.display()))?;
    }
    let mut cmake = Command::new("cmake");
    cmake.args([
        "-G",
        "Unix Makefiles",
        "-DCMAKE_SYSTEM_NAME=Generic",
        "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY",
    ]);
    cmake.arg(format!("-DCMAKE_C_COMPILER={compiler}")).arg("-S").arg(sources).arg("-B").arg(to);
    cmake.args(settings.iter().map(|(name, path)| format!("-D{name}={}", path.display())));
    process::quiet(&format!("configuring {}", sources.display()), cmake)
}

/// Builds what was configured.
///
/// # Errors
/// When it does not compile or link.
pub fn build(directory: &Path) -> Result<String> {
    let mut cmake = Command::new("cmake");
    cmake.arg("--build").arg(directory);
    process::quiet(&format!("building {}", directory.display()), cmake)
}
