//! Imports run one way: in the runtime from later rooms of the table in docs/architecture.md to earlier ones, and
//! nowhere in a circle.

mod code;
mod graph;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::workspace;
use graph::{Crate, circles};

/// Where the rooms of the runtime are listed, those at the bottom first.
const DOCUMENT: &str = "docs/architecture.md";
const HEADING: &str = "## The runtime, `src/`";

/// Checks every crate of the repository; tells how many.
///
/// # Errors
/// When an import of the runtime runs upward, or imports run in a circle; names the lines.
pub fn check() -> Result<String> {
    let root = workspace::root();
    let (mut wrong, mut n) = (Vec::new(), 0);
    for directory in crates(&root)? {
        let crate_ = Crate::read(&directory)?;
        for (room, edges) in crate_.edges() {
            let room = room.iter().fold(directory.clone(), |path, name| path.join(name));
            for circle in circles(edges) {
                let lines = circle.iter().map(|edge| format!("\n  {} uses {}: {}", edge.from, edge.to, edge.place));
                wrong.push(format!("a circle in {}{}", room.display(), lines.collect::<String>()));
            }
        }
        if directory == root.join("src") {
            wrong.extend(upward(&crate_)?);
        }
        n += 1;
    }
    let prefix = format!("{}/", root.display());
    ensure!(wrong.is_empty(), "{}", wrong.join("\n").replace(&prefix, ""));
    Ok(format!("{n} crates"))
}

/// What runs upward in the runtime, by the table of rooms.
fn upward(runtime: &Crate) -> Result<Vec<String>> {
    let document = fs::read_to_string(workspace::root().join(DOCUMENT)).context(DOCUMENT)?;
    let order = order(&document)?;
    let mut wrong = Vec::new();
    for room in runtime.rooms() {
        if !order.contains_key(room) {
            wrong.push(format!("{DOCUMENT} does not list {room}"));
        }
    }
    for edge in runtime.edges().remove(&Vec::new()).unwrap_or_default() {
        if order.get(&edge.from) < order.get(&edge.to) {
            wrong.push(format!("{} is below {}, but uses it: {}", edge.from, edge.to, edge.place));
        }
    }
    Ok(wrong)
}

/// The places of the rooms in the first table below the heading: what its first column has between backticks.
fn order(document: &str) -> Result<BTreeMap<String, usize>> {
    let (_, below) = document.split_once(HEADING).with_context(|| format!("{DOCUMENT} has no heading {HEADING}"))?;
    let rows = below.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let first_columns = rows.skip(2).filter_map(|row| row.split('|').nth(1));
    let names = first_columns.flat_map(|column| column.split('`').skip(1).step_by(2));
    let order: BTreeMap<String, usize> =
        names.enumerate().map(|(at, name)| (name.trim_end_matches('/').to_owned(), at)).collect();
    if order.is_empty() {
        bail!("{DOCUMENT} has no table below {HEADING}");
    }
    Ok(order)
}

/// The directories with a `lib.rs` or `main.rs`.
fn crates(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if ["lib.rs", "main.rs"].iter().any(|file| directory.join(file).is_file()) {
        found.push(directory.to_owned());
        return Ok(found);
    }
    for entry in directory.read_dir().with_context(|| format!("cannot read {}", directory.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let is_source = name != "target" && !name.to_string_lossy().starts_with('.');
        if is_source && entry.file_type()?.is_dir() {
            found.extend(crates(&entry.path())?);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_gives_the_order() {
        let table = format!(
            "# A\n{HEADING}\n\nText.\n\n| room | what |\n|---|---|\n| `part` | `x` |\n| `a/`, `b` | |\n\n| `c` | |\n"
        );
        let order = order(&table).unwrap();
        let mut names: Vec<_> = order.iter().collect();
        names.sort_by_key(|(_, at)| **at);
        assert_eq!(names.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["part", "a", "b"]);
        assert!(super::order("# A").is_err());
    }
}
