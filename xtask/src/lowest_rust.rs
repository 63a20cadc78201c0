//! The step of `cargo xtask test` that compiles with the lowest version of Rust that the manifests state.

use std::process::Command;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use crate::board::Board;
use crate::{process, toolchain, workspace};

const LIBRARY_FOR_C: &str = "embedded-gpt-capi";
/// All that the library for C has in firmware. Feature `std` is for hosts.
const IN_FIRMWARE: [&str; 2] = ["--features", "panic-handler"];
/// A compiler is some 100 MB to download.
const RUSTUP_LIMIT: Duration = Duration::from_secs(5 * 60);

/// The runtime with all features, and the library for C, compile with that version and no newer one, for this computer
/// and for a Cortex-M4F. So does on this computer what else in the workspace states it.
///
/// # Errors
/// When something does not compile, or the runtime states no version.
pub fn check() -> Result<String> {
    let (version, toolchain) = (workspace::lowest_rust()?, toolchain()?);
    let target = Board::CORTEX_M4F.target;
    let has_core = || toolchain::core_of(toolchain::of("rustc", &toolchain), target);
    if !has_core() {
        // Says why if it cannot.
        let installed = install(&toolchain, target);
        if let (Err(reason), false) = (&installed, has_core()) {
            return Ok(format!("SKIPPED, since rustup does not give Rust {toolchain}: {reason:#}"));
        }
    }
    let packages = workspace::packages()?;
    let stating = stating(&packages, &version);
    let of_runtime = ["--lib", "--all-features", "--package", workspace::RUNTIME];
    let for_c = ["--lib", "--package", LIBRARY_FOR_C];
    let for_target = ["--target", target];
    cargo_check(&toolchain, &of_runtime, &[])?;
    cargo_check(&toolchain, &of_runtime, &for_target)?;
    cargo_check(&toolchain, &[&for_c[..], &IN_FIRMWARE].concat(), &for_target)?;
    let each: Vec<&str> = stating.iter().flat_map(|&name| ["--package", name]).collect();
    cargo_check(&toolchain, &each, &[])?;
    Ok(format!("Rust {toolchain}: {}", stating.join(", ")))
}

/// rustup's name of that version.
///
/// # Errors
/// When the runtime states none.
pub fn toolchain() -> Result<String> {
    Ok(toolchain_of(&workspace::lowest_rust()?))
}

/// The packages that state `version`.
fn stating<'p>(packages: &'p [Value], version: &str) -> Vec<&'p str> {
    let stating = packages.iter().filter(|package| package["rust_version"] == version);
    stating.filter_map(|package| package["name"].as_str()).collect()
}

/// The first release of a version, whose bugs are those that a person with it has.
fn toolchain_of(version: &str) -> String {
    if version.split('.').count() < 3 { format!("{version}.0") } else { version.to_owned() }
}

fn install(toolchain: &str, target: &str) -> Result<String> {
    let mut rustup = Command::new("rustup");
    rustup.args(["toolchain", "install", toolchain, "--profile", "minimal", "--no-self-update", "--target", target]);
    process::quiet_within(RUSTUP_LIMIT, &format!("installing Rust {toolchain}"), rustup)
}

fn cargo_check(toolchain: &str, packages: &[&str], target: &[&str]) -> Result<()> {
    let mut cargo = toolchain::of("cargo", toolchain);
    cargo.args(["check", "--locked"]).args(packages).args(target);
    // Beside what the compiler in use has compiled, which this one would do anew.
    cargo.env("CARGO_TARGET_DIR", workspace::target().join("lowest-rust"));
    process::quiet(&format!("cargo check with Rust {toolchain}"), cargo)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_release_of_a_version_is_meant() {
        assert_eq!((toolchain_of("1.88"), toolchain_of("1.88.1")), ("1.88.0".to_owned(), "1.88.1".to_owned()));
    }

    #[test]
    fn runtime_and_library_for_c_state_the_lowest_version() {
        let packages = workspace::packages().unwrap();
        let stating = stating(&packages, &workspace::lowest_rust().unwrap());
        let readme = std::fs::read_to_string(workspace::root().join("README.md")).unwrap();
        assert!(readme.contains(&format!("Rust {} or later", workspace::lowest_rust().unwrap())));
        assert!([workspace::RUNTIME, LIBRARY_FOR_C].iter().all(|name| stating.contains(name)), "{stating:?}");
    }
}
