//! The sections of CHANGELOG.md.

use anyhow::{Result, ensure};

/// What is not released yet stands below this.
const UNRELEASED: &str = "## Unreleased";

/// CHANGELOG.md of a release, and the notes for it.
#[derive(Debug, PartialEq)]
pub struct Changelog {
    /// The file.
    pub text: String,
    /// What changed in this version.
    pub notes: String,
}

impl Changelog {
    /// Gives what is not released yet the heading of `version`, unless there is a section for it already.
    ///
    /// # Errors
    /// When there is nothing to tell about the version.
    pub fn of(text: &str, version: &str, date: &str) -> Result<Self> {
        let own = format!("## {version}");
        let (text, notes) = match (section(text, &own), section(text, UNRELEASED)) {
            (Some(notes), _) => (text.to_owned(), notes),
            (None, Some(notes)) => {
                let headings = format!("\n{UNRELEASED}\n\n{own} - {date}\n");
                (text.replacen(&format!("\n{UNRELEASED}\n"), &headings, 1), notes)
            }
            (None, None) => (text.to_owned(), ""),
        };
        ensure!(
            !notes.is_empty(),
            "CHANGELOG.md has nothing below `{own}` or `{UNRELEASED}`: write there what users will notice"
        );
        Ok(Self { text, notes: notes.to_owned() })
    }
}

/// What stands below a heading; a date may follow the heading's words.
fn section<'t>(text: &'t str, heading: &str) -> Option<&'t str> {
    let is_heading =
        |line: &str| line == heading || line.strip_prefix(heading).is_some_and(|rest| rest.starts_with(" - "));
    let start = text.lines().find(|line| is_heading(line))?;
    let (_, rest) = text.split_once(&format!("{start}\n"))?;
    Some(rest.split("\n## ").next().unwrap_or_default().trim_start_matches("## ").trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "# Changelog\n\nPage.\n\n## Unreleased\n\n### Added\n\n- b\n\n## 0.1.0 - 2026-01-01\n\n- a\n";

    #[test]
    fn what_is_not_released_gets_the_version() {
        let new = Changelog::of(OLD, "0.2.0", "2026-02-03").unwrap();
        assert_eq!(new.notes, "### Added\n\n- b");
        let headings = "Page.\n\n## Unreleased\n\n## 0.2.0 - 2026-02-03\n\n### Added\n\n- b\n\n## 0.1.0 - 2026-01-01\n";
        assert!(new.text.contains(headings), "{}", new.text);
    }

    #[test]
    fn a_section_of_the_version_stays() {
        let same = Changelog::of(OLD, "0.1.0", "2026-02-03").unwrap();
        assert_eq!(same, Changelog { text: OLD.to_owned(), notes: "- a".to_owned() });
    }

    #[test]
    fn a_release_without_changes_is_refused() {
        let empty = OLD.replace("### Added\n\n- b\n\n", "");
        let error = Changelog::of(&empty, "0.2.0", "2026-02-03").unwrap_err();
        assert!(error.to_string().contains("CHANGELOG.md"), "{error}");
        assert!(Changelog::of("# Changelog\n", "0.2.0", "2026-02-03").is_err());
    }
}
