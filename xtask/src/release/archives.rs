//! An archive for each core with the library for C, its header, and what build systems find it by.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::board::Board;
use crate::{console, process, workspace};

/// Files of the repository that go into each archive.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// Writes an archive per core to the directory `out`.
///
/// # Errors
/// When a library cannot be built, or an archive not be written.
pub fn write(out: &Path, version: &str) -> Result<()> {
    fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let staging = workspace::target().join("release");
    // The Cortex-M7 runs the library of the Cortex-M4F.
    for board in Board::ALL.iter().filter(|board| **board != Board::CORTEX_M7) {
        let name = format!("embedded-gpt-{version}-{}", board.target_name());
        let directory = staging.join(&name);
        // By cargo, since this program may be of the version before.
        let mut capi = workspace::cargo();
        capi.args(["xtask", "capi", "--target", board.target, "--out"]).arg(&directory);
        capi.args(board.target_cpu.iter().flat_map(|cpu| ["--target-cpu", cpu]));
        process::quiet(&format!("building the library for the {}", board.core), capi)?;
        for licence in LICENCES {
            crate::files::copy(&workspace::root().join(licence), &directory.join(licence))?;
        }
        let archive = out.join(format!("{name}.tar.gz"));
        let mut tar = Command::new("tar");
        tar.arg("-czf").arg(&archive).arg("-C").arg(&staging).arg(&name);
        process::quiet("tar", tar)?;
        console::line(&archive.display().to_string());
    }
    Ok(())
}
