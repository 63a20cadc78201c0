//! CMake: finds or installs it, configures and builds for a board.

use std::fs;
use std::path::{Path, PathBuf};
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

/// A project for a microcontroller.
#[derive(Debug)]
pub struct Project<'a> {
    /// The directory of its CMakeLists.txt.
    pub sources: PathBuf,
    /// The compiler of C.
    pub compiler: &'a str,
    /// What it is told on the command line.
    pub settings: Vec<(&'a str, String)>,
    /// What it is told by environment variables.
    pub environment: Vec<(&'a str, PathBuf)>,
}

impl Project<'_> {
    /// Configures a directory anew; gives what CMake says.
    ///
    /// # Errors
    /// When CMake refuses it.
    pub fn configure(&self, to: &Path) -> Result<String> {
        if to.exists() {
            fs::remove_dir_all(to).with_context(|| format!("cannot remove {}", to.display()))?;
        }
        let mut cmake = Command::new("cmake");
        cmake.args(["-G", "Unix Makefiles", "-DCMAKE_SYSTEM_NAME=Generic"]);
        // Its tests of a compiler need no start-up code then.
        cmake.arg("-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY");
        cmake.arg(format!("-DCMAKE_C_COMPILER={}", self.compiler)).arg("-S").arg(&self.sources).arg("-B").arg(to);
        cmake.args(self.settings.iter().map(|(name, value)| format!("-D{name}={value}")));
        cmake.envs(self.environment.iter().map(|(name, path)| (*name, path)));
        process::quiet(&format!("configuring {}", self.sources.display()), cmake)
    }
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
