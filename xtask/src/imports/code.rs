//! A file of Rust as what matters for imports: paths that start at a module, with their lines, and modules that are
//! declared. It reads the text with care instead of parsing the language.

use std::collections::HashSet;

/// What a file imports.
#[derive(Debug, Default, PartialEq)]
pub struct Code {
    /// Every path that starts with `crate`, `super` or `self`, and every path of a `use`.
    pub paths: Vec<Import>,
    /// Modules in files of their own that are for tests alone.
    pub test_modules: HashSet<String>,
}

/// A path, and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    pub line: usize,
    /// `["crate", "part", "head"]`; the last one may be `*`.
    pub segments: Vec<String>,
    /// The name that a `use` gives it in the file's module.
    pub name: Option<String>,
}

impl Code {
    /// Reads a file without its tests.
    pub fn read(text: &str) -> Self {
        let text = without_comments_and_strings(text);
        let (text, test_modules) = without_tests(&text);
        let inline = inline_modules(&text);
        let mut paths = Vec::new();
        let mut at = 0;
        while let Some((start, end)) = next_word(&text, at) {
            let word = &text[start..end];
            at = end;
            let is_use = word == "use";
            let starts_path = matches!(word, "crate" | "super" | "self") && text[end..].starts_with("::");
            if !is_use && !starts_path || text[..start].ends_with("::") {
                continue;
            }
            let mut tree = Tree { text: &text, at: if is_use { end } else { start }, found: Vec::new() };
            tree.read(&[], is_use);
            at = tree.at.max(end);
            let n_inline = inline.iter().filter(|span| span.contains(&start)).count();
            let line = 1 + text[..start].matches('\n').count();
            for (segments, name) in tree.found {
                // A name in a module within the file is none of the file's module.
                let name = name.filter(|_| is_use && n_inline == 0);
                paths.push(Import { line, segments: from_file(segments, n_inline), name });
            }
        }
        Self { paths, test_modules }
    }
}

/// A path in `n_inline` modules within a file, seen from the file's module.
fn from_file(mut segments: Vec<String>, n_inline: usize) -> Vec<String> {
    let n_up = segments.iter().take_while(|segment| *segment == "super").count().min(n_inline);
    if n_up > 0 {
        segments.splice(..n_up, ["self".to_owned()]);
        if segments.get(1).is_some_and(|segment| segment == "super") {
            segments.remove(0);
        }
    }
    segments
}

/// Reads the tree of paths after `use`, or one path.
struct Tree<'t> {
    text: &'t str,
    at: usize,
    found: Vec<(Vec<String>, Option<String>)>,
}

impl Tree<'_> {
    fn read(&mut self, before: &[String], may_branch: bool) {
        let mut segments = before.to_vec();
        loop {
            self.skip_space();
            let rest = &self.text[self.at..];
            if rest.starts_with('{') && may_branch {
                self.at += 1;
                return self.read_branches(&segments);
            }
            let len = rest.find(|c: char| !is_in_word(c)).unwrap_or(rest.len());
            let len = if rest.starts_with('*') { 1 } else { len };
            if len == 0 {
                break;
            }
            segments.push(rest[..len].to_owned());
            self.at += len;
            if !self.text[self.at..].starts_with("::") {
                break;
            }
            self.at += 2;
        }
        self.skip_space();
        let mut name = segments.last().cloned();
        if segments.len() > 1 && name.as_deref() == Some("self") {
            segments.pop();
            name = segments.last().cloned();
        }
        if may_branch && let Some(renamed) = self.text[self.at..].strip_prefix("as ") {
            let len = renamed.find(|c: char| !is_in_word(c)).unwrap_or(renamed.len());
            name = Some(renamed[..len].to_owned());
            self.at += "as ".len() + len;
        }
        if !segments.is_empty() {
            self.found.push((segments, name));
        }
    }

    fn read_branches(&mut self, segments: &[String]) {
        loop {
            self.skip_space();
            match self.text[self.at..].chars().next() {
                Some(',') => self.at += 1,
                Some(c) if c == '{' || c == '*' || is_in_word(c) => self.read(segments, true),
                Some('}') => {
                    self.at += 1;
                    return;
                }
                _ => return,
            }
        }
    }

    fn skip_space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }
}

fn is_in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The next identifier or keyword from a place on.
fn next_word(text: &str, from: usize) -> Option<(usize, usize)> {
    let start = from + text[from..].find(is_in_word)?;
    let len = text[start..].find(|c| !is_in_word(c)).unwrap_or(text.len() - start);
    Some((start, start + len))
}

/// Where the bodies of `mod name { … }` are.
fn inline_modules(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some((start, end)) = next_word(text, at) {
        at = end;
        if &text[start..end] == "mod"
            && let Some((_, name_end)) = next_word(text, end)
            && text[name_end..].trim_start().starts_with('{')
        {
            let open = name_end + text[name_end..].find('{').unwrap_or_default();
            spans.push(open..closing(text, open));
        }
    }
    spans
}

/// Where the brace that opens at a place closes.
fn closing(text: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return at + 1,
            b'}' => depth -= 1,
            _ => {}
        }
    }
    text.len()
}

/// Blanks what is compiled for tests alone; the modules in other files among it.
fn without_tests(text: &str) -> (String, HashSet<String>) {
    let (mut left, mut modules) = (text.to_owned(), HashSet::new());
    for attribute in ["#[cfg(test)]", "#[cfg(all(test"] {
        while let Some(start) = left.find(attribute) {
            let after = start + left[start..].find(']').unwrap_or_default() + 1;
            let end = left[after..].find(['{', ';']).map_or(left.len(), |n| after + n);
            let is_body = left[end..].starts_with('{');
            let stop = if is_body { closing(&left, end) } else { left.len().min(end + 1) };
            if !is_body && let Some(name) = left[after..end].split_whitespace().skip_while(|word| *word != "mod").nth(1)
            {
                modules.insert(name.to_owned());
            }
            blank(&mut left, start, stop);
        }
    }
    (left, modules)
}

/// Puts spaces in place of a part; what comes after stays where it is.
fn blank(text: &mut String, start: usize, end: usize) {
    let spaces = spaces_for(&text[start..end]);
    text.replace_range(start..end, &spaces);
}

fn spaces_for(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

/// Blanks comments and the contents of strings and characters.
fn without_comments_and_strings(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let len = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment_len(rest),
            '"' => string_len(rest),
            'r' if !left.ends_with(|c| is_in_word(c) && c != 'b') => raw_string_len(rest),
            '\'' => character_len(rest),
            _ => 0,
        };
        left += &spaces_for(&rest[..len]);
        rest = &rest[len..];
        if len == 0 {
            left.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    left
}

/// Comments may have comments in them.
fn comment_len(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let pair = text.as_bytes().get(at..at + 2).unwrap_or_default();
        depth += i32::from(pair == b"/*") - i32::from(pair == b"*/");
        at += if matches!(pair, b"/*" | b"*/") { 2 } else { 1 };
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_len(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        if byte == b'"' && !is_escaped {
            return at + 1;
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    text.len()
}

/// 0 if it is none, but a word that starts with `r`.
fn raw_string_len(text: &str) -> usize {
    let hashes: String = text[1..].chars().take_while(|&c| c == '#').collect();
    let start = 1 + hashes.len();
    if !text[start..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{hashes}");
    text[start + 1..].find(&end).map_or(text.len(), |len| start + 1 + len + end.len())
}

/// 0 if it is none, but a lifetime.
fn character_len(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let after = at + escaped.len_utf8();
            text[after..].find('\'').map_or(0, |len| after + len + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        Code::read(text).paths.iter().map(|import| import.segments.join("::")).collect()
    }

    #[test]
    fn paths_of_uses_and_of_expressions_are_found() {
        assert_eq!(
            paths("use crate::a::{b, c::{self, D as E}, F};"),
            ["crate::a::b", "crate::a::c", "crate::a::c::D", "crate::a::F"]
        );
        assert_eq!(paths("pub(super) use super::*;\nuse child::Thing;"), ["super::*", "child::Thing"]);
        assert_eq!(
            paths("let x = crate::part::head(super::super::N, self::f::<crate::A>());").join(" "),
            "crate::part::head super::super::N self::f crate::A"
        );
        assert_eq!(paths("use {\n    crate::a,\n    std::fmt,\n};"), ["crate::a", "std::fmt"]);
        assert_eq!(paths("let selfish = my::crate_name::x; self.crate_x"), Vec::<String>::new());
    }

    #[test]
    fn lines_and_names_are_told() {
        let code = Code::read("// one\nuse crate::a::B as C;\n\nfn f() {\n    crate::d::e();\n}\n");
        let found: Vec<_> = code.paths.iter().map(|import| (import.line, import.name.as_deref())).collect();
        assert_eq!(found, [(2, Some("C")), (5, None)]);
    }

    #[test]
    fn comments_strings_and_tests_import_nothing() {
        assert_eq!(paths("/// use crate::a;\n/* crate::b /* crate::c */ crate::d */\n"), Vec::<String>::new());
        assert_eq!(
            paths(r##"let s = ("crate::a\" crate::b", r#"crate::c" crate::d"#, b'"', '"', crate::e);"##),
            ["crate::e"]
        );
        assert_eq!(paths("fn f<'a>(x: &'a crate::X<'a>) { let c = '\\''; crate::y }"), ["crate::X", "crate::y"]);
        let with_tests = "use crate::a;\n#[cfg(test)]\nuse crate::b::{c, d};\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n#[cfg(test)]\nmod more;\nuse crate::e;";
        assert_eq!(paths(with_tests), ["crate::a", "crate::e"]);
        assert!(Code::read(with_tests).test_modules.contains("more"));
    }

    #[test]
    fn modules_within_a_file_are_the_file() {
        assert_eq!(
            paths("mod timer {\n    use super::A;\n    use super::super::B;\n    use crate::C;\n}"),
            ["self::A", "super::B", "crate::C"]
        );
    }
}
