//! From rustdoc's description of a crate to a list of what is public: each type with all that belongs to it.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use anyhow::{Context, Result};
use serde_json::Value;

use super::source::Source;

/// Traits that a type has by itself, and that a change of its fields can take away.
const AUTO_TRAITS: [&str; 2] = ["Send", "Sync"];
/// Comes with every derived `PartialEq`.
const COMPARES_BITS: &str = "StructuralPartialEq";

/// The list: paths in their order, below each its lines in theirs.
///
/// # Errors
/// When the description lacks what rustdoc wrote so far.
pub fn of(description: &Value, source: &Source) -> Result<String> {
    let mut listing = Listing { index: &description["index"], source, lines: BTreeMap::new() };
    let root = listing.item(&description["root"]).context("there is no root")?;
    let mut modules = VecDeque::from([(listing.name(root)?, root)]);
    // Modules nearer to the root come first, so that what has several paths is listed at the shortest one.
    let mut seen = HashSet::new();
    while let Some((path, module)) = modules.pop_front() {
        listing.lines.entry(path.clone()).or_default();
        for item in listing.items([&module["inner"]["module"]["items"]]) {
            let (name, item) = listing.resolve(item)?;
            let path_of_item = format!("{path}::{name}");
            let Some(item) = item.filter(|item| seen.insert(item["id"].to_string())) else {
                listing.add(&path, Rank::Part, format!("pub use {name}"));
                continue;
            };
            if item["inner"].get("module").is_some() {
                modules.push_back((path_of_item, item));
            } else {
                listing.add_item(&path, &path_of_item, item)?;
            }
        }
    }
    let sections = listing.lines.into_iter().map(|(path, lines)| {
        let lines: String = lines.into_iter().map(|(_, line)| format!("    {line}\n")).collect();
        format!("{path}\n{lines}")
    });
    Ok(sections.collect::<Vec<_>>().join("\n"))
}

/// The order of the lines below a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Declaration,
    Part,
    Method,
    Trait,
}

struct Listing<'d> {
    index: &'d Value,
    source: &'d Source,
    lines: BTreeMap<String, BTreeSet<(Rank, String)>>,
}

impl<'d> Listing<'d> {
    fn item(&self, id: &Value) -> Option<&'d Value> {
        self.index.get(id.to_string())
    }

    /// The items of some lists that are of this crate.
    fn items<const N: usize>(&self, lists: [&'d Value; N]) -> impl Iterator<Item = &'d Value> + use<'d, N> {
        let index = self.index;
        lists.into_iter().flat_map(ids).filter_map(|id| index.get(id.to_string()))
    }

    fn name(&self, item: &Value) -> Result<String> {
        Ok(item["name"].as_str().context("an item without a name")?.to_owned())
    }

    /// The name of an item in its module, and what it stands for if that is of this crate.
    fn resolve(&self, item: &'d Value) -> Result<(String, Option<&'d Value>)> {
        let Some(used) = item["inner"].get("use") else { return Ok((self.name(item)?, Some(item))) };
        Ok((self.name(used)?, self.item(&used["id"])))
    }

    fn add(&mut self, path: &str, rank: Rank, line: String) {
        self.lines.entry(path.to_owned()).or_default().insert((rank, line));
    }

    /// A type has a path of its own, anything else is a line of its module.
    fn add_item(&mut self, module: &str, path: &str, item: &'d Value) -> Result<()> {
        let (kind, inner) = kind(item)?;
        let name = path.rsplit("::").next().unwrap_or(path);
        match kind {
            "struct" | "enum" | "union" | "trait" => {
                let (line, plain) = (self.declaration(item)?, &inner["kind"]["plain"]);
                self.add(path, Rank::Declaration, line);
                let fields = [&inner["fields"], &plain["fields"], &inner["kind"]["tuple"]];
                for part in self.items(fields).chain(self.items([&inner["variants"], &inner["items"]])) {
                    let line = self.declaration(part)?;
                    self.add(path, Rank::Part, line);
                }
                return self.add_impls(path, inner);
            }
            "macro" => self.add(module, Rank::Part, format!("macro_rules! {name}")),
            _ if item["name"] == name => {
                let line = self.declaration(item)?;
                self.add(module, Rank::Part, line);
            }
            _ => {
                let line = self.declaration(item)? + ", as " + name;
                self.add(module, Rank::Part, line);
            }
        }
        Ok(())
    }

    /// What a type can do: methods, constants, and the traits that it has of its own accord.
    fn add_impls(&mut self, path: &str, inner: &'d Value) -> Result<()> {
        for implementation in self.items([&inner["impls"]]) {
            let about = &implementation["inner"]["impl"];
            let is_auto = about["is_synthetic"] == true;
            let name = about["trait"]["path"].as_str().map(|path| path.rsplit("::").next().unwrap_or(path));
            let is_left_out = |name| if is_auto { !AUTO_TRAITS.contains(&name) } else { name == COMPARES_BITS };
            if !about["blanket_impl"].is_null() || name.is_some_and(is_left_out) {
                continue;
            }
            let Some(name) = name else {
                for part in self.items([&about["items"]]) {
                    let line = self.declaration(part)?;
                    self.add(path, Rank::Method, line);
                }
                continue;
            };
            let line = if is_auto || has_attribute(implementation, "automatically_derived") {
                let sign = if about["is_negative"] == true { "!" } else { "" };
                format!("impl {sign}{name}")
            } else {
                self.declaration(implementation)?
            };
            self.add(path, Rank::Trait, line);
        }
        Ok(())
    }

    /// A declaration as it is written, with what the source says elsewhere.
    fn declaration(&self, item: &Value) -> Result<String> {
        let (kind, inner) = kind(item)?;
        let ends: &[char] = match kind {
            "struct" | "enum" | "union" | "trait" => &['{', '(', ';'],
            "function" | "impl" => &['{'],
            _ => &[],
        };
        let mut line = self.source.declaration(item, ends).with_context(|| format!("of {}", item["name"]))?;
        if has_attribute(item, "non_exhaustive") {
            line.insert_str(0, "#[non_exhaustive] ");
        }
        let tuple = inner["kind"]["tuple"].as_array();
        if inner["kind"]["plain"]["has_stripped_fields"] == true
            || tuple.is_some_and(|fields| fields.contains(&Value::Null))
        {
            line += " { .. }";
        }
        Ok(line)
    }
}

/// What an item is, and what rustdoc says of such.
fn kind(item: &Value) -> Result<(&str, &Value)> {
    let (kind, inner) =
        item["inner"].as_object().and_then(|inner| inner.iter().next()).context("an item of no kind")?;
    Ok((kind, inner))
}

fn ids(list: &Value) -> impl Iterator<Item = &Value> {
    // A field that is not public is null.
    list.as_array().into_iter().flatten().filter(|id| !id.is_null())
}

fn has_attribute(item: &Value, name: &str) -> bool {
    item["attrs"].as_array().is_some_and(|attributes| attributes.iter().any(|attribute| attribute == name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A type with a field of each kind, a method and traits; the crate names it twice.
    #[test]
    fn a_type_is_listed_once_with_all_that_is_public() {
        let declared = "pub struct Word<'a> {\n    pub text: &'a str,\n    code: u8,\n}\nimpl Word<'_> {\n    pub fn len(\n        &self,\n    ) -> usize {\n        0\n    }\n}\n";
        let span = |begin: [u32; 2], end: [u32; 2]| json!({"filename": "lib.rs", "begin": begin, "end": end});
        let item = |id: u32, name: &str, span: Value, attributes: Value, inner: Value| json!({"id": id, "name": name, "span": span, "attrs": attributes, "inner": inner});
        let of_trait = |name: &str, is_auto: bool, blanket: Value| json!({"impl": {"trait": {"path": name}, "is_synthetic": is_auto, "blanket_impl": blanket, "items": []}});
        let none = Value::Null;
        let kind = json!({"plain": {"fields": [2, null], "has_stripped_fields": true}});
        let index = json!({
            "0": item(0, "words", none.clone(), json!([]), json!({"module": {"items": [9, 1]}})),
            "1": item(1, "Word", span([1, 1], [4, 2]), json!(["non_exhaustive"]),
                json!({"struct": {"kind": kind, "impls": [3, 4, 5, 6, 7]}})),
            "2": item(2, "text", span([2, 5], [2, 23]), json!([]), json!({"struct_field": {}})),
            "3": item(3, "", span([5, 1], [11, 2]), json!([]),
                json!({"impl": {"trait": null, "blanket_impl": null, "items": [8]}})),
            "4": item(4, "", none.clone(), json!(["automatically_derived"]), of_trait("$crate::Copy", false, none.clone())),
            "5": item(5, "", none.clone(), json!([]), of_trait("Send", true, none.clone())),
            "6": item(6, "", none.clone(), json!([]), of_trait("Unpin", true, none.clone())),
            "7": item(7, "", none.clone(), json!([]), of_trait("Into", false, json!({"generic": "T"}))),
            "8": item(8, "len", span([6, 5], [10, 6]), json!([]), json!({"function": {}})),
            "9": item(9, "", none, json!([]), json!({"use": {"name": "Word", "id": 1}})),
        });
        let listed = of(&json!({"root": 0, "index": index}), &Source::of_file("lib.rs", declared)).unwrap();
        let lines = [
            "words",
            "    pub use Word",
            "",
            "words::Word",
            "    #[non_exhaustive] pub struct Word<'a> { .. }",
            "    pub text: &'a str",
            "    pub fn len(&self) -> usize",
            "    impl Copy",
            "    impl Send",
            "",
        ];
        assert_eq!(listed, lines.join("\n"));
    }
}
