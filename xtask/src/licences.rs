//! The step of `cargo xtask test` that looks at the licence of every dependency.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::{process, workspace};

/// Licences that ask for no more than a notice, by their SPDX names.
const ALLOWED: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "NCSA",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Every package that is compiled may be used under an allowed licence.
pub fn check() -> Result<String> {
    let mut licences = BTreeMap::new();
    for workspace in workspace::checked()? {
        licences.extend(licences_in(&workspace)?);
    }
    let refused: Vec<String> = licences
        .iter()
        .filter(|(_, licence)| !is_allowed(licence))
        .map(|(package, licence)| format!("{package} ({licence})"))
        .collect();
    ensure!(refused.is_empty(), "not under an allowed licence: {}", refused.join(", "));
    Ok(format!("{} packages", licences.len()))
}

/// The licence of each package of a workspace, by name and version.
fn licences_in(workspace: &Path) -> Result<Vec<(String, String)>> {
    let mut cargo = workspace::cargo();
    cargo.current_dir(workspace);
    cargo.args(["metadata", "--format-version", "1", "--locked"]);
    let output = process::quiet("cargo metadata", cargo).with_context(|| format!("in {}", workspace.display()))?;
    // Between messages about what has to be downloaded.
    let json = output.lines().find(|line| line.starts_with('{')).context("cargo metadata printed no JSON")?;
    let metadata: Value = serde_json::from_str(json)?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let text = |package: &Value, key: &str| package[key].as_str().unwrap_or("none").to_owned();
    let of = |package| (text(package, "name") + " " + &text(package, "version"), text(package, "license"));
    Ok(packages.iter().map(of).collect())
}

/// Whether an SPDX expression offers a choice of which all parts are allowed.
fn is_allowed(expression: &str) -> bool {
    // The older way to write a choice.
    let expression = expression.replace('/', " OR ");
    let expression = expression.trim();
    if let Some(parts) = split(expression, " OR ") {
        return parts.iter().any(|part| is_allowed(part));
    }
    if let Some(parts) = split(expression, " AND ") {
        return parts.iter().all(|part| is_allowed(part));
    }
    match expression.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => is_allowed(inner),
        None => ALLOWED.contains(&expression),
    }
}

/// The parts between `word`, where that stands outside of brackets; `None` if it does not.
fn split<'e>(expression: &'e str, word: &str) -> Option<Vec<&'e str>> {
    let depth = |at: usize| {
        let before = &expression[..at];
        before.matches('(').count() - before.matches(')').count()
    };
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in expression.match_indices(word).filter(|&(at, _)| depth(at) == 0) {
        parts.push(expression[start..at].trim());
        start = at + word.len();
    }
    parts.push(expression[start..].trim());
    (parts.len() > 1).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_read_as_spdx_means_them() {
        for allowed in ["MIT", "MIT/GPL-3.0", "GPL-2.0 OR (MIT AND Zlib)", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
            assert!(is_allowed(allowed), "{allowed}");
        }
        for refused in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR Apache-2.0) AND LGPL-2.1", "", "mit"] {
            assert!(!is_allowed(refused), "{refused}");
        }
    }
}
