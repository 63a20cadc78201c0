//! `cargo xtask api`: what the runtime offers to other crates, and the file in docs that lists it.

mod listing;
mod source;

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};

use source::Source;

use crate::{process, workspace};

/// The list.
const LIST: &str = "docs/api.txt";

/// Writes the list anew.
///
/// # Errors
/// When the runtime does not compile, or rustdoc describes it in another way than before.
pub fn run() -> Result<()> {
    let path = workspace::root().join(LIST);
    let (before, now) = (fs::read_to_string(&path).unwrap_or_default(), list()?);
    changes(&before, &now).iter().for_each(|change| println!("{change}"));
    fs::write(&path, now).with_context(|| format!("cannot write {LIST}"))
}

/// The list is that of the code: what other crates see changes on purpose only.
pub fn check() -> Result<String> {
    let before = fs::read_to_string(workspace::root().join(LIST)).with_context(|| format!("cannot read {LIST}"))?;
    let now = list()?;
    let changes = changes(&before, &now);
    ensure!(
        before == now,
        "{LIST} does not list what there is; if that is meant, `cargo xtask api` updates it:\n{}",
        changes.join("\n")
    );
    Ok(format!("{} lines", now.lines().count()))
}

/// Of the runtime with its default features, as a host sees it.
fn list() -> Result<String> {
    let target = workspace::target().join("api");
    let mut cargo = workspace::cargo();
    cargo.args(["rustdoc", "--package", "embedded-gpt", "--lib", "--target-dir"]).arg(&target);
    cargo.args(["--", "-Z", "unstable-options", "--output-format", "json"]);
    // The compiler that is there can do it, but calls it unstable.
    cargo.env("RUSTC_BOOTSTRAP", "1");
    process::quiet("cargo rustdoc", cargo)?;
    let path = target.join("doc/embedded_gpt.json");
    let json = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    listing::of(&serde_json::from_slice(&json)?, &Source::new(workspace::root()))
}

/// What only one of two lists has, below which path.
fn changes(before: &str, now: &str) -> Vec<String> {
    let (before, now) = (with_paths(before), with_paths(now));
    before
        .symmetric_difference(&now)
        .map(|line| format!("{} {line}", if now.contains(line) { '+' } else { '-' }))
        .collect()
}

/// The lines of a list, each with the path above it.
fn with_paths(list: &str) -> BTreeSet<String> {
    let mut path = "";
    let mut lines = BTreeSet::new();
    for line in list.lines() {
        match line.strip_prefix("    ") {
            Some(line) => _ = lines.insert(format!("{path}: {line}")),
            None => path = line,
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_have_the_path_and_no_neighbours() {
        let before = "a\n    pub x: u8\n    pub y: u8\n\na::b\n    pub x: u8\n";
        let now = "a\n    pub w: u8\n    pub x: u8\n    pub y: u8\n\na::b\n";
        assert_eq!(changes(before, now), ["+ a: pub w: u8", "- a::b: pub x: u8"]);
        assert_eq!(changes(now, now), Vec::<String>::new());
    }
}
