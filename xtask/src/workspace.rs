//! Where things are in the repository.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Stand-alone packages: they are outside the Cargo workspace.
pub const FIRMWARE_PACKAGES: &[&str] = &["firmware-examples/cortex-m-qemu", "firmware-examples/riscv-qemu"];

/// The repository's top directory.
pub fn root() -> PathBuf {
    // Cargo sets it when it runs xtask; the compile-time value serves a copied binary.
    let package =
        env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or_else(|| package.clone(), Path::to_path_buf)
}

/// Cargo, the one that runs xtask, started in the repository's top directory.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// The program `name` in the `PATH`.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(name)).find(|program| program.is_file())
}
