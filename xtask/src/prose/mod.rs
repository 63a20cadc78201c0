//! The rules of prose: how wide a line is, how long a sentence, and where a doc comment begins.
//!
//! Markdown and doc comments go through the same reader, since a doc comment is Markdown. Code, tables, headings and
//! addresses have no sentences. Links between the pages have to lead somewhere. Reports of experiments (`docs/lab`) are
//! kept as they were written: only their links are checked.

mod links;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::{console, workspace};

/// Columns of a line.
const MAX_COLUMNS: usize = 120;

/// Words of a sentence.
const MAX_WORDS: usize = 40;

/// Beginnings that say nothing without the comment before them.
const LEANING: &[&str] =
    &["The same", "As above", "They", "It is", "It has", "Its", "Those", "Also", "So that", "Ditto"];

/// What has Markdown in it, from the repository's top directory.
const MARKDOWN: &[&str] = &["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "models", "firmware-examples", "docs"];

/// What has doc comments in it.
const RUST: &[&str] = &["build.rs", "src", "capi", "tools", "xtask", "tests", "benches", "firmware-examples"];

/// Reports of experiments.
const REPORTS: &str = "docs/lab";

/// Directories that are not read: what programs build and fetch.
const SKIPPED: &[&str] = &["target", "node_modules"];

/// A rule that a text breaks, and where.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    line: usize,
    what: String,
}

/// Reads all prose of the repository and prints each place where it breaks a rule, as `file:line: what`.
///
/// # Errors
/// When there is such a place, or a file cannot be read.
pub fn check() -> Result<String> {
    let mut n_file = 0;
    let mut n_finding = 0;
    for (roots, extension, rules) in [(MARKDOWN, "md", page as fn(&str, &Path) -> _), (RUST, "rs", rust_file)] {
        for path in files(roots, extension)? {
            let text = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            let name = path.strip_prefix(workspace::root()).unwrap_or(&path);
            for Finding { line, what } in rules(&text, &path) {
                console::line(&format!("{}:{line}: {what}", name.display()));
                n_finding += 1;
            }
            n_file += 1;
        }
    }
    ensure!(n_finding == 0, "{n_finding} places break the rules of prose");
    Ok(format!("{n_file} files"))
}

/// The files below `roots` whose names have the extension, sorted.
fn files(roots: &[&str], extension: &str) -> Result<Vec<PathBuf>> {
    let mut waiting: Vec<PathBuf> = roots.iter().map(|root| workspace::root().join(root)).collect();
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        let is_skipped = path.file_name().is_some_and(|name| SKIPPED.iter().any(|skipped| name == *skipped));
        if path.is_dir() && !is_skipped {
            let entries = fs::read_dir(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            for entry in entries {
                waiting.push(entry?.path());
            }
        } else if path.is_file() && path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// What is wrong in a page: its links and, unless it is a report, its prose.
fn page(text: &str, path: &Path) -> Vec<Finding> {
    let mut findings = if path.starts_with(workspace::root().join(REPORTS)) { Vec::new() } else { markdown(text) };
    findings.extend(links::broken(text, path));
    findings
}

/// What is wrong in a Rust file.
fn rust_file(text: &str, _: &Path) -> Vec<Finding> {
    rust(text)
}

/// What is wrong in the prose of a Markdown file.
fn markdown(text: &str) -> Vec<Finding> {
    let lines: Vec<(usize, &str)> = text.lines().enumerate().map(|(i, line)| (i + 1, line)).collect();
    let wide = lines.iter().filter(|(_, line)| is_too_wide(line));
    let mut findings: Vec<Finding> = wide.map(|&(line, text)| too_wide(line, text)).collect();
    findings.extend(long_sentences(&lines));
    findings.sort_by_key(|finding| finding.line);
    findings
}

/// What is wrong in the comments of a Rust file.
fn rust(text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut block = Vec::new();
    for (line, text) in (1..).zip(text.lines().chain([""])) {
        let code = text.trim_start();
        if code.starts_with("//") && is_too_wide(text) {
            findings.push(too_wide(line, text));
        }
        let doc = code.strip_prefix("///").or_else(|| code.strip_prefix("//!"));
        if let Some(content) = doc.filter(|content| !content.starts_with('/')) {
            block.push((line, content.strip_prefix(' ').unwrap_or(content)));
        } else if !block.is_empty() {
            findings.extend(leaning(&block));
            findings.extend(long_sentences(&block));
            block.clear();
        }
    }
    findings.sort_by_key(|finding| finding.line);
    findings
}

/// A line of one word, such as an address, cannot be wrapped.
fn is_too_wide(line: &str) -> bool {
    line.chars().count() > MAX_COLUMNS && line.split_whitespace().filter(|word| word.len() > 3).count() > 1
}

fn too_wide(line: usize, text: &str) -> Finding {
    Finding { line, what: format!("{} columns", text.chars().count()) }
}

/// The doc comment, if it begins with words that need the comment before it.
fn leaning(block: &[(usize, &str)]) -> Option<Finding> {
    let &(line, text) = block.iter().find(|(_, text)| !text.trim().is_empty())?;
    let is_word = |beginning: &&&str| {
        let rest = text.strip_prefix(**beginning);
        rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || next == '\''))
    };
    let beginning = LEANING.iter().find(is_word)?;
    Some(Finding { line, what: format!("\"{beginning}\" needs the comment before it: {text}") })
}

/// The sentences of more than [`MAX_WORDS`] words, by where they begin.
fn long_sentences(lines: &[(usize, &str)]) -> Vec<Finding> {
    let sentences = paragraphs(lines).into_iter().flat_map(|paragraph| sentences(&paragraph));
    let counted =
        sentences.map(|words| (words.iter().filter(|(_, word)| word.contains(char::is_alphanumeric)).count(), words));
    let long = counted.filter(|(n_word, _)| *n_word > MAX_WORDS);
    long.map(|(n_word, words)| Finding { line: words[0].0, what: format!("{n_word} words: {}", joined(&words)) })
        .collect()
}

fn joined(words: &[(usize, String)]) -> String {
    words.iter().map(|(_, word)| word.as_str()).collect::<Vec<_>>().join(" ")
}

/// Runs of lines that belong together. Code, tables, headings and HTML comments are left out.
fn paragraphs<'a>(lines: &[(usize, &'a str)]) -> Vec<Vec<(usize, &'a str)>> {
    let mut paragraphs: Vec<Vec<(usize, &str)>> = vec![Vec::new()];
    let mut is_code = false;
    for &(line, text) in lines {
        let trimmed = text.trim_start();
        if trimmed.starts_with("```") {
            is_code = !is_code;
        }
        let is_prose = !is_code && !trimmed.is_empty() && !trimmed.starts_with(['|', '#', '`', '<']);
        let is_prose = is_prose || (!is_code && trimmed.starts_with('`') && !trimmed.starts_with("```"));
        if !is_prose || is_item(trimmed) {
            paragraphs.push(Vec::new());
        }
        if let (true, Some(paragraph)) = (is_prose, paragraphs.last_mut()) {
            paragraph.push((line, text));
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

/// Whether a line begins an item of a list.
fn is_item(line: &str) -> bool {
    let number = line.trim_start_matches(|digit: char| digit.is_ascii_digit());
    line.starts_with("- ") || line.starts_with("* ") || (number.len() < line.len() && number.starts_with(". "))
}

/// The sentences of a paragraph, as words with the lines they are in.
fn sentences(paragraph: &[(usize, &str)]) -> Vec<Vec<(usize, String)>> {
    let words = words(paragraph);
    let mut sentences = vec![Vec::new()];
    for (i, word) in words.iter().enumerate() {
        if let Some(sentence) = sentences.last_mut() {
            sentence.push(word.clone());
        }
        if words.get(i + 1).is_some_and(|next| is_end(&word.1, &next.1)) {
            sentences.push(Vec::new());
        }
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// Whether a sentence ends between two words.
fn is_end(word: &str, next: &str) -> bool {
    let closed = word.trim_end_matches([')', '"', '*', '_', '”']);
    let opened = next.trim_start_matches(['(', '"', '*', '_', '“', '[']);
    let is_abbreviation = matches!(closed, "al." | "e.g." | "i.e." | "vs.");
    closed.ends_with(['.', '!', '?']) && !is_abbreviation && !opened.starts_with(char::is_lowercase)
}

/// The words of a paragraph. Code between backticks is one word, whatever is in it.
fn words(paragraph: &[(usize, &str)]) -> Vec<(usize, String)> {
    let mut words = vec![(0, String::new())];
    let mut is_code = false;
    for &(line, text) in paragraph {
        for letter in text.chars().chain([' ']) {
            is_code ^= letter == '`';
            match words.last_mut() {
                Some(word) if !letter.is_whitespace() || (is_code && !word.1.ends_with(' ')) => {
                    if word.1.is_empty() {
                        word.0 = line;
                    }
                    word.1.push(if letter.is_whitespace() { ' ' } else { letter });
                }
                _ if is_code => {}
                _ => words.push((line, String::new())),
            }
        }
    }
    words.retain(|(_, word)| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` words that make one sentence.
    fn sentence(n: usize) -> String {
        format!("W{}.", " w".repeat(n - 1))
    }

    fn lines_of(findings: &[Finding]) -> Vec<usize> {
        findings.iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_sentence_has_forty_words_at_most() {
        assert_eq!(markdown(&sentence(40)), []);
        let findings = markdown(&format!("Short.\n{}", sentence(41)));
        assert_eq!(lines_of(&findings), [2], "{findings:?}");
        assert!(findings[0].what.starts_with("41 words: W w"), "{findings:?}");
    }

    #[test]
    fn a_sentence_is_counted_across_lines_and_begins_where_its_first_word_is() {
        let text = format!("Short. {}\n{}", "W".to_owned() + &" w".repeat(20), sentence(20).to_lowercase());
        assert_eq!(lines_of(&markdown(&text)), [1]);
    }

    #[test]
    fn a_full_stop_ends_a_sentence_unless_a_small_letter_follows() {
        let half = "w ".repeat(30);
        assert_eq!(markdown(&format!("{half}\nend. Then {half}\nend.")), []);
        assert_eq!(markdown(&format!("{half}\nend (again.) `code` {half}\nend.")), []);
        assert_eq!(markdown(&format!("{half}\ne.g. then {half}\nend.")).len(), 1);
        assert_eq!(markdown(&format!("{half}\nfile.txt Then {half}\nend.")).len(), 1);
    }

    #[test]
    fn paragraphs_and_items_end_sentences() {
        let half = "word ".repeat(22);
        assert_eq!(markdown(&format!("{half}\n\n{half}\n")), []);
        assert_eq!(markdown(&format!("{half}\n- {half}\n- {half}\n1. {half}\n")), []);
        assert_eq!(markdown(&format!("{half}\n{half}\n")).len(), 1);
    }

    #[test]
    fn code_and_tables_have_no_sentences() {
        let long = "word ".repeat(23) + "\n" + &"word ".repeat(23);
        assert_eq!(markdown(&format!("```text\n{long}\n```\n")), []);
        assert_eq!(markdown(&format!("| {} |\n", "a ".repeat(50))), []);
        assert_eq!(markdown(&format!("Type `{}`, `{}`\nand wait.", "a ".repeat(50), "b ".repeat(5))), []);
        assert_eq!(markdown(&format!("```text\n```\n{long}")).len(), 1);
    }

    #[test]
    fn lines_have_a_hundred_and_twenty_columns_at_most_tables_and_code_included() {
        let wide = format!("{}x", "äbcd ".repeat(24));
        assert_eq!(lines_of(&markdown(&format!("| {wide} |"))), [1]);
        assert_eq!(lines_of(&markdown(&format!("```text\n{wide}\n```\n"))), [2]);
        assert_eq!(markdown(wide[..wide.len() - 1].trim_end()), []);
        assert_eq!(markdown(&format!("- https://example.org/{}", "a".repeat(120))), []);
    }

    #[test]
    fn comments_are_read_and_code_is_not() {
        let wide = "wide ".repeat(30);
        assert_eq!(rust(&format!("let a = \"{wide}\";\n")), []);
        assert_eq!(lines_of(&rust(&format!("fn f() {{\n    // {wide}\n}}\n"))), [2]);
        let long = format!("    /// Short.\n    /// W {}\n    /// {}\n    a: u8,\n", "w ".repeat(20), "w ".repeat(21));
        assert_eq!(lines_of(&rust(&long)), [2]);
    }

    #[test]
    fn a_doc_comment_does_not_lean_on_its_neighbour() {
        for text in ["/// The same for bytes.\nfn f() {}", "//! Its name.\n", "    /// They are not.\n    a: u8,"] {
            assert_eq!(lines_of(&rust(text)), [1], "{text}");
        }
        assert_eq!(lines_of(&rust("/// A name.\nfn f() {}\n\n/// Also a name.\nfn g() {}\n")), [4]);
        for text in ["/// Items of it.\n", "/// A name.\n/// It is short.\n", "/// Theysaurus.\n", "// The same.\n"] {
            assert_eq!(rust(text), [], "{text}");
        }
    }
}
