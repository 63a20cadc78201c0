//! Which module of a crate imports which, and circles among them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::code::Code;

/// The names of a module and those it is in: `["suggest", "tree"]`; none for the crate itself.
type Module = Vec<String>;

/// The modules of one crate.
#[derive(Debug, Default)]
pub struct Crate {
    files: BTreeMap<Module, (PathBuf, Code)>,
}

/// That a module imports from its neighbour in the same room, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    pub from: String,
    pub to: String,
    /// File and line.
    pub place: String,
}

impl Crate {
    /// Reads every file of a directory with a `lib.rs` or `main.rs`.
    pub fn read(directory: &Path) -> Result<Self> {
        let mut new = Self::default();
        new.read_files(directory, &[])?;
        new.leave_out_tests();
        Ok(new)
    }

    fn read_files(&mut self, directory: &Path, module: &[String]) -> Result<()> {
        let entries = directory.read_dir().with_context(|| format!("cannot read {}", directory.display()))?;
        let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        paths.sort();
        for path in paths {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            if name == "tests" || name.ends_with("_tests") {
                continue;
            }
            if path.is_dir() {
                self.read_files(&path, &[module, &[name]].concat())?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let is_room = matches!(name.as_str(), "mod" | "lib" | "main");
                let module = if is_room { module.to_vec() } else { [module, &[name]].concat() };
                let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                self.add(module, path, &text);
            }
        }
        Ok(())
    }

    /// A crate may have a library and a program side by side: their own files count as one module.
    fn add(&mut self, module: Module, path: PathBuf, text: &str) {
        let code = Code::read(text);
        let (_, known) = self.files.entry(module).or_insert_with(|| (path, Code::default()));
        known.paths.extend(code.paths);
        known.test_modules.extend(code.test_modules);
    }

    fn leave_out_tests(&mut self) {
        let tests: BTreeSet<Module> = self
            .files
            .iter()
            .flat_map(|(module, (_, code))| {
                code.test_modules.iter().map(|name| [&module[..], std::slice::from_ref(name)].concat())
            })
            .collect();
        self.files.retain(|module, _| (1..=module.len()).all(|n| !tests.contains(&module[..n])));
    }

    fn is_module(&self, module: &[String]) -> bool {
        module.is_empty() || self.files.keys().any(|known| known.starts_with(module))
    }

    /// The module that a path leads to: that of the item, behind all `use`s that pass it on.
    fn resolve(&self, from: &[String], path: &[String], depth: usize) -> Option<Module> {
        let mut at = match path.first()?.as_str() {
            "crate" => Vec::new(),
            "super" => from.split_last()?.1.to_vec(),
            "self" => from.to_vec(),
            child if self.is_module(&[from, &[child.to_owned()]].concat()) => [from, &[child.to_owned()]].concat(),
            _ => return None,
        };
        for (i, name) in path.iter().enumerate().skip(1) {
            let child = [&at[..], std::slice::from_ref(name)].concat();
            if name == "super" {
                at.pop();
            } else if self.is_module(&child) {
                at = child;
            } else {
                return self.passed_on(&at, name, &path[i + 1..], depth).or(Some(at));
            }
        }
        Some(at)
    }

    /// Where a `use` of a module has a name from.
    fn passed_on(&self, module: &[String], name: &str, rest: &[String], depth: usize) -> Option<Module> {
        let (_, code) = self.files.get(module)?;
        let import = code.paths.iter().find(|import| import.name.as_deref() == Some(name) && depth > 0)?;
        self.resolve(module, &[&import.segments, rest].concat(), depth - 1)
    }

    /// The imports between neighbours in each room. What a room and the modules in it have of each other is no matter:
    /// the room's own file speaks for all of them.
    pub fn edges(&self) -> BTreeMap<Module, Vec<Edge>> {
        let mut rooms = BTreeMap::<Module, Vec<Edge>>::new();
        for (from, (path, code)) in &self.files {
            for import in &code.paths {
                let Some(to) = self.resolve(from, &import.segments, 8) else { continue };
                let n = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                let (Some(a), Some(b)) = (from.get(n), to.get(n)) else { continue };
                let edges = rooms.entry(from[..n].to_vec()).or_default();
                if !edges.iter().any(|edge| edge.from == *a && edge.to == *b) {
                    let place = format!("{}:{}", path.display(), import.line);
                    edges.push(Edge { from: a.clone(), to: b.clone(), place });
                }
            }
        }
        rooms
    }

    /// The modules of the crate itself.
    pub fn rooms(&self) -> BTreeSet<&str> {
        self.files.keys().filter_map(|module| Some(module.first()?.as_str())).collect()
    }
}

/// Circles among imports, the shortest first; no two have an import in common.
pub fn circles(mut edges: Vec<Edge>) -> Vec<Vec<Edge>> {
    let mut circles = Vec::new();
    while let Some(shortest) = edges.iter().filter_map(|edge| way(&edges, edge)).min_by_key(Vec::len) {
        let circle: Vec<Edge> = shortest.into_iter().cloned().collect();
        edges.retain(|edge| !circle.contains(edge));
        circles.push(circle);
    }
    circles
}

/// The shortest way from an edge back to its start.
fn way<'e>(edges: &'e [Edge], first: &'e Edge) -> Option<Vec<&'e Edge>> {
    let mut ways = vec![vec![first]];
    let mut seen = BTreeSet::from([&first.to]);
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let end = way[way.len() - 1];
            if end.to == first.from {
                return Some(way);
            }
            for next in edges.iter().filter(|next| next.from == end.to) {
                if seen.insert(&next.to) {
                    longer.push([&way[..], &[next]].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A crate of files with their texts.
    fn of(files: &[(&str, &str)]) -> Crate {
        let mut new = Crate::default();
        for (module, text) in files {
            let module: Module = module.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
            new.add(module, PathBuf::from("src/x.rs"), text);
        }
        new.leave_out_tests();
        new
    }

    fn edges(files: &[(&str, &str)], room: &str) -> Vec<String> {
        let room: Module = room.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let edges = of(files).edges().remove(&room).unwrap_or_default();
        edges.iter().map(|edge| format!("{} {}", edge.from, edge.to)).collect()
    }

    #[test]
    fn an_import_is_of_the_module_that_has_the_item() {
        let files = [
            ("", "mod a; mod b;\npub use a::deep::Thing;\npub struct Own;"),
            ("a", "mod deep;"),
            ("a::deep", ""),
            ("b", "use crate::Thing;\nuse crate::Own;"),
        ];
        assert_eq!(edges(&files, ""), ["b a"]);
    }

    #[test]
    fn neighbours_of_each_room_are_told_apart() {
        let files = [
            ("", ""),
            ("a", "mod x; mod y;\npub(super) use x::Thing;\npub struct Own;"),
            ("a::x", "use super::Own;\nuse super::y::f;"),
            ("a::y", "use super::Thing;\nuse crate::b;"),
            ("b", ""),
        ];
        assert_eq!(edges(&files, "a"), ["x y", "y x"]);
        assert_eq!(edges(&files, ""), ["a b"]);
    }

    #[test]
    fn tests_do_not_count() {
        let files =
            [("", ""), ("a", "#[cfg(test)]\nmod checks;"), ("a::checks", "use crate::b::f;"), ("b", "use crate::a;")];
        assert_eq!(edges(&files, ""), ["b a"]);
    }

    #[test]
    fn circles_are_found_the_shortest_first() {
        let edge = |from: &str, to: &str| Edge { from: from.into(), to: to.into(), place: String::new() };
        let mut edges = vec![edge("a", "b"), edge("b", "c"), edge("c", "d"), edge("x", "a")];
        assert!(circles(edges.clone()).is_empty());
        edges.push(edge("d", "a"));
        assert_eq!(circles(edges.clone()), [edges.iter().filter(|edge| edge.from != "x").cloned().collect::<Vec<_>>()]);
        edges.push(edge("c", "b"));
        assert_eq!(circles(edges), [[edge("b", "c"), edge("c", "b")]]);
    }
}
