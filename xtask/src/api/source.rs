//! Declarations as the source files have them, on one line each.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::rc::Rc;

use anyhow::{Context, Result};
use serde_json::Value;

/// The files below a directory, each read once.
#[derive(Debug)]
pub struct Source {
    root: PathBuf,
    files: RefCell<HashMap<String, Rc<str>>>,
}

impl Source {
    /// The files below `root`.
    pub fn new(root: PathBuf) -> Self {
        Self { root, files: RefCell::default() }
    }

    /// A single file.
    #[cfg(test)]
    pub fn of_file(name: &str, text: &str) -> Self {
        Self { root: PathBuf::new(), files: RefCell::new(HashMap::from([(name.to_owned(), text.into())])) }
    }

    /// What an item's span covers, up to the first of some characters.
    ///
    /// # Errors
    /// When the span or its file is not as rustdoc writes it.
    pub fn declaration(&self, item: &Value, ends: &[char]) -> Result<String> {
        let span = &item["span"];
        let file = self.file(span["filename"].as_str().context("an item without a file")?)?;
        let place = |key: &str| {
            let number = |i: usize| span[key][i].as_u64().map(|number| number as usize - 1);
            Some((number(0)?, number(1)?))
        };
        let (begin, end) = (place("begin").context("a span without a begin")?, place("end").context("and an end")?);
        Ok(one_line(&between(&file, begin, end), ends))
    }

    fn file(&self, name: &str) -> Result<Rc<str>> {
        if let Some(file) = self.files.borrow().get(name) {
            return Ok(file.clone());
        }
        let text = fs::read_to_string(self.root.join(name)).with_context(|| format!("cannot read {name}"))?;
        let text: Rc<str> = text.into();
        self.files.borrow_mut().insert(name.to_owned(), text.clone());
        Ok(text)
    }
}

/// The text between two places, each a line and a character of it.
fn between(text: &str, begin: (usize, usize), end: (usize, usize)) -> String {
    let lines = text.lines().enumerate().take(end.0 + 1).skip(begin.0);
    let cut = |(i, line): (usize, &str)| -> String {
        let to = if i == end.0 { end.1 } else { usize::MAX };
        line.chars().take(to).skip(if i == begin.0 { begin.1 } else { 0 }).collect()
    };
    lines.map(cut).collect::<Vec<_>>().join("\n")
}

/// Without comments, each space a single one, as if rustfmt had room for all of it.
fn one_line(text: &str, ends: &[char]) -> String {
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code = code.collect::<Vec<_>>().join(" ");
    let code = code.split(ends).next().unwrap_or_default();
    let words = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.replace("( ", "(").replace(", )", ")");
    words.trim_end_matches([' ', ',', ';']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_is_one_line_without_its_body() {
        let text = "/// Docs.\npub fn learn(\n    &mut self, // me\n    is_known: impl Fn(&str) -> bool,\n) -> u8 {\n    7\n}\n";
        let whole = between(text, (1, 0), (6, 1));
        assert_eq!(one_line(&whole, &['{']), "pub fn learn(&mut self, is_known: impl Fn(&str) -> bool) -> u8");
        assert_eq!(between(text, (1, 4), (1, 12)), "fn learn");
        assert_eq!(one_line("pub const N: usize = 4;", &[]), "pub const N: usize = 4");
    }
}
