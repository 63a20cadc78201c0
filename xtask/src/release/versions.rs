//! Versions, and the places where they stand.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::workspace;

/// Sections of Cargo.toml in which the version stands.
const SECTIONS: [&str; 2] = ["[workspace.package]", "[workspace.dependencies]"];

/// A version of three numbers.
pub fn parse(version: &str) -> Result<[u32; 3]> {
    let parts: Option<Vec<u32>> = version.split('.').map(number).collect();
    let parts = parts.and_then(|parts| parts.try_into().ok());
    parts.with_context(|| format!("`{version}` is no version; write three numbers, such as 0.2.0"))
}

fn number(part: &str) -> Option<u32> {
    let is_plain = part == "0" || !part.starts_with(['0', '+']);
    is_plain.then(|| part.parse().ok()).flatten()
}

/// The version that all packages of the workspace at `root` have, and their names.
///
/// # Errors
/// When they differ, or one asks for another version of a package than there is.
pub fn current(root: &Path) -> Result<(String, Vec<String>)> {
    let packages = workspace::packages_of(root)?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let version = packages.first().map(|package| text(&package["version"])).context("the workspace has no packages")?;
    for package in &packages {
        let name = text(&package["name"]);
        ensure!(text(&package["version"]) == version, "{name} has another version than {version}");
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let (req, needed) = (text(&dependency["req"]), text(&dependency["name"]));
            let is_right = dependency["path"].is_null() || req == "*" || req == format!("^{version}");
            ensure!(is_right, "{name} asks for {needed} {req}, which is {version}");
        }
    }
    Ok((version, packages.iter().map(|package| text(&package["name"])).collect()))
}

/// Cargo.toml of the workspace with another version.
pub fn manifest(text: &str, old: &str, new: &str) -> String {
    let mut is_inside = false;
    let change = |line: &str| {
        if line.starts_with('[') {
            is_inside = SECTIONS.contains(&line);
        }
        let version = |version: &str| format!("version = \"{version}\"");
        if is_inside { line.replace(&version(old), &version(new)) } else { line.to_owned() }
    };
    text.lines().map(change).flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// A Cargo.lock in which the packages `names` have another version.
pub fn lock(text: &str, names: &[String], old: &str, new: &str) -> String {
    let change = |entry: &str| {
        // What comes from a registry says so.
        let is_ours = !entry.contains("\nsource = ")
            && names.iter().any(|name| entry.starts_with(&format!("\nname = \"{name}\"\n")));
        let version = |version: &str| format!("\nversion = \"{version}\"\n");
        if is_ours { entry.replacen(&version(old), &version(new), 1) } else { entry.to_owned() }
    };
    text.split("[[package]]").map(change).collect::<Vec<_>>().join("[[package]]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_three_numbers_are_a_version() {
        assert_eq!(parse("0.12.3").unwrap(), [0, 12, 3]);
        for wrong in ["", "1", "1.2", "1.2.3.4", "v1.2.3", "1.02.3", "1.2.+3", "1.2.x"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn versions_of_others_stay() {
        let manifest_of = |version: &str| {
            format!(
                "[workspace.package]\nversion = \"{version}\"\n[workspace.dependencies]\na = {{ path = \"a\", version = \
                 \"{version}\" }}\n[dependencies]\nb = {{ version = \"0.1.0\" }}\n"
            )
        };
        assert_eq!(manifest(&manifest_of("0.1.0"), "0.1.0", "0.2.0"), manifest_of("0.2.0"));
        let lock_of = |version: &str| {
            format!(
                "# made\n[[package]]\nname = \"a\"\nversion = \"{version}\"\n\n[[package]]\nname = \"a\"\nversion = \
                 \"0.1.0\"\nsource = \"registry\"\n\n[[package]]\nname = \"b\"\nversion = \"0.1.0\"\n"
            )
        };
        assert_eq!(lock(&lock_of("0.1.0"), &["a".to_owned()], "0.1.0", "0.2.0"), lock_of("0.2.0"));
    }
}
