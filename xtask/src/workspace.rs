//! Where things are in the repository.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process;

/// The crate for firmware.
pub const RUNTIME: &str = "embedded-gpt";

/// The directory of the packages for boards, which are outside the Cargo workspace.
pub const EXAMPLES: &str = "firmware-examples";
/// The programs for all emulated boards.
pub const FIRMWARE: &str = "firmware-examples/qemu";

/// The Cargo workspaces that a check compiles: the main one, the fuzzer's, those of the boards. Each has a lock file.
///
/// # Errors
/// When the directory of the boards cannot be read.
pub fn checked() -> Result<Vec<PathBuf>> {
    let examples = root().join(EXAMPLES).read_dir().with_context(|| format!("cannot read {EXAMPLES}"))?;
    let examples = examples.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let mut all: Vec<PathBuf> = examples.into_iter().filter(|path| path.join("Cargo.lock").is_file()).collect();
    all.extend([root(), root().join("fuzz")]);
    all.sort();
    Ok(all)
}

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

/// Where cargo puts what it builds and we put what belongs beside that: `target`, unless the person chose otherwise.
pub fn target() -> PathBuf {
    static TARGET: OnceLock<PathBuf> = OnceLock::new();
    TARGET.get_or_init(|| told_target().unwrap_or_else(|| root().join("target"))).clone()
}

fn told_target() -> Option<PathBuf> {
    Some(metadata(&root()).ok()?["target_directory"].as_str()?.into())
}

/// The packages of the workspace, as cargo describes them.
///
/// # Errors
/// When cargo cannot read them.
pub fn packages() -> Result<Vec<Value>> {
    packages_of(&root())
}

/// The packages of the workspace at `root`, which may be a copy of this one.
///
/// # Errors
/// When cargo cannot read them.
pub fn packages_of(root: &Path) -> Result<Vec<Value>> {
    let packages = metadata(root)?["packages"].take();
    packages.as_array().cloned().context("cargo metadata names no packages")
}

/// The lowest version of Rust that the runtime compiles with, as its manifest says.
///
/// # Errors
/// When it says none.
pub fn lowest_rust() -> Result<String> {
    let packages = packages()?;
    let runtime = packages.iter().find(|package| package["name"] == RUNTIME);
    let version = runtime.and_then(|runtime| runtime["rust_version"].as_str());
    Ok(version.with_context(|| format!("{RUNTIME} states no rust-version"))?.to_owned())
}

fn metadata(root: &Path) -> Result<Value> {
    let output = cargo().current_dir(root).args(["metadata", "--format-version", "1", "--no-deps"]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Builds a program of the workspace; gives its path.
///
/// # Errors
/// When it does not compile.
pub fn built(package: &str) -> Result<PathBuf> {
    let mut cargo = cargo();
    // Not the package alone: its dependencies would have fewer features, and most be compiled a second time.
    cargo.args(["build", "--workspace", "--bin", package]);
    build(&format!("building {package}"), cargo, package)
}

/// Runs a `cargo build`; gives the path of one of the programs that it builds.
///
/// # Errors
/// When it does not compile, or the program is not among them.
pub fn build(label: &str, mut cargo: Command, program: &str) -> Result<PathBuf> {
    cargo.arg("--message-format=json-render-diagnostics");
    let output = process::quiet(label, cargo)?;
    executable(&output, program).with_context(|| format!("cargo did not say where {program} is"))
}

/// Where a program is, of the messages that cargo printed.
fn executable(messages: &str, program: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let of_program = messages.filter(|message| message["target"]["name"] == program);
    of_program.filter_map(|message| message["executable"].as_str().map(PathBuf::from)).next_back()
}

/// The program `name` in the `PATH`.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|directory| directory.join(name)).find(|program| program.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_says_where_a_program_is() {
        let messages = r#"warning: something
{"reason":"compiler-artifact","target":{"kind":["lib"],"name":"egpt"},"executable":null}
{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"egpt"},"executable":"/elsewhere/debug/egpt"}
{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"other"},"executable":"/elsewhere/debug/other"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(messages, "egpt"), Some("/elsewhere/debug/egpt".into()));
        assert_eq!(executable(messages, "tool"), None);
    }
}
