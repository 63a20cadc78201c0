//! Debian's compilers of C for microcontrollers.

use std::process::Command;

use anyhow::{Context, Result};

use crate::board::Board;
use crate::{packages, workspace};

/// A compiler of C, and what belongs to it.
#[derive(Debug, PartialEq)]
pub struct Compiler {
    /// The directory with programs for its boards.
    pub programs: &'static str,
    /// The linker.
    pub linker: &'static str,
    /// The compiler itself.
    pub program: &'static str,
    packages: &'static [&'static str],
    /// What a Makefile calls each libc, and the file by which GCC knows it. The first one is among the packages.
    libcs: &'static [(&'static str, &'static str)],
}

const ARM: Compiler = Compiler {
    programs: "firmware-examples/c-cortex-m",
    linker: "arm-none-eabi-ld",
    program: "arm-none-eabi-gcc",
    packages: &["gcc-arm-none-eabi", "libnewlib-arm-none-eabi"],
    libcs: &[("newlib", "nano.specs"), ("picolibc", "picolibc.specs")],
};

const RISC_V: Compiler = Compiler {
    programs: "firmware-examples/c-riscv",
    linker: "riscv64-unknown-elf-ld",
    program: "riscv64-unknown-elf-gcc",
    packages: &["gcc-riscv64-unknown-elf", "picolibc-riscv64-unknown-elf"],
    libcs: &[("picolibc", "picolibc.specs")],
};

impl Compiler {
    /// The one for a board.
    pub fn of(board: Board) -> &'static Self {
        if board.target.starts_with("riscv") { &RISC_V } else { &ARM }
    }

    /// Finds it with its libc, or installs both; gives its version.
    ///
    /// # Errors
    /// When there is none and it cannot be installed.
    pub fn find(&self) -> Result<String> {
        if workspace::find_program(self.program).is_none() || self.libcs().is_empty() {
            packages::install(self.packages, "compiling C for microcontrollers")?;
        }
        let output = Command::new(self.program).arg("--version").output();
        let output = output.with_context(|| format!("{} does not start", self.program))?;
        Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or(self.program).to_owned())
    }

    /// The libcs that there are, by the names that a Makefile knows.
    pub fn libcs(&self) -> Vec<&'static str> {
        self.libcs.iter().filter(|(_, specs)| self.has(specs)).map(|(name, _)| *name).collect()
    }

    fn has(&self, file: &str) -> bool {
        let found = Command::new(self.program).arg(format!("-print-file-name={file}")).output();
        // Only a name that was found is a path.
        found.is_ok_and(|output| output.stdout.contains(&b'/'))
    }
}
