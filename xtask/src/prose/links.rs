//! Links between the pages: the file is there, and has the heading.

use std::fs;
use std::path::Path;

use super::Finding;

/// The links of a page that lead nowhere. Addresses of other sites are not looked up.
pub fn broken(text: &str, page: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (line, target) in links(text) {
        if target.contains("://") {
            continue;
        }
        let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
        let path = if file.is_empty() { page.to_owned() } else { page.with_file_name(file) };
        let is_found = if heading.is_empty() {
            path.exists()
        } else {
            fs::read_to_string(&path).is_ok_and(|text| anchors(&text).any(|anchor| anchor == heading))
        };
        if !is_found {
            findings.push(Finding { line, what: format!("the link {target} leads nowhere") });
        }
    }
    findings
}

/// The targets of all links outside of code, with their lines.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    let mut is_code = false;
    for (line, text) in (1..).zip(text.lines()) {
        is_code ^= text.trim_start().starts_with("```");
        let prose = text.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        links.extend(targets.filter(|_| !is_code).map(|(target, _)| (line, target.to_owned())));
    }
    links
}

/// What the headings of a page are linked by: small letters, hyphens for spaces, no signs.
fn anchors(text: &str) -> impl Iterator<Item = String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|heading| {
        let letters = heading.trim_start_matches('#').trim().chars();
        let kept = letters.filter(|&c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
        kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_outside_of_code() {
        let text = "See [a](a.md) and [`b`](b.md#c).\n```text\n[c](c.md)\n```\n`[d](d.md)` ![e](e.svg)\n";
        let expected = [(1, "a.md"), (1, "b.md#c"), (5, "e.svg")].map(|(line, target)| (line, target.to_owned()));
        assert_eq!(links(text), expected);
    }

    #[test]
    fn anchors_are_those_of_the_web() {
        let text = "# The runtime, `src/`\ntext\n## Which words are shown\n### `q8` and `q4`\n";
        let expected = ["the-runtime-src", "which-words-are-shown", "q8-and-q4"];
        assert_eq!(anchors(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_link_leads_to_a_file_and_a_heading() {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
        let text = "[a](docs/format.md) [b](docs/format.md#header) [c](#none) [d](https://example.org/none)\n\
                    [e](docs/none.md)\n[f](docs/format.md#none)\n";
        let wrong: Vec<usize> = broken(text, &page).into_iter().map(|finding| finding.line).collect();
        assert_eq!(wrong, [1, 2, 3]);
    }
}
