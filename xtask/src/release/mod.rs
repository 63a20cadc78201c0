//! `cargo xtask release`: the versions of a release, its notes, the commit, the tag, and the libraries for C.

mod archives;
mod changelog;
mod versions;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};

use changelog::Changelog;

use crate::{console, files, process};

/// `cargo xtask release`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The version, such as 0.2.0
    version: String,
    /// Write the versions, commit them and set the tag; without it only show what would be done
    #[arg(long)]
    commit: bool,
    /// Directory for an archive per core with the library for C; made before the commit
    #[arg(long, requires = "commit")]
    archives: Option<PathBuf>,
}

/// A page that shows the version a program prints.
const PAGE: &str = "docs/integrate-c.md";

/// What a release changes in the repository at `root`.
#[derive(Debug)]
struct Release<'a> {
    root: &'a Path,
    version: &'a str,
    notes: String,
    changes: Vec<Change>,
}

/// A file of the repository, as it is and as it will be.
#[derive(Debug)]
struct Change {
    path: String,
    before: String,
    after: String,
}

/// `cargo xtask release`
pub fn run(args: &Args) -> Result<()> {
    let root = crate::workspace::root();
    let mut date = Command::new("date");
    date.args(["-u", "+%Y-%m-%d"]);
    let date = process::quiet("date", date)?;
    let release = Release::plan(&root, &args.version, date.trim())?;
    console::heading("Changes");
    print!("{}", release.diff()?);
    console::heading(&format!("Notes of {}", args.version));
    println!("{}", release.notes);
    if !args.commit {
        console::line("nothing is written; with --commit it is, and the tag is set");
        return Ok(());
    }
    release.commit(|| args.archives.iter().try_for_each(|out| archives::write(out, &args.version)))?;
    console::line(&format!("committed, with the tag {0}; `git push --follow-tags` publishes both", release.tag()));
    console::line(&format!("then, in this order: cargo publish -p {}", crate::package::PUBLISHED.join(" -p ")));
    Ok(())
}

impl<'a> Release<'a> {
    /// Checks that there can be such a release, and finds what it changes. Writes nothing.
    fn plan(root: &'a Path, version: &'a str, date: &str) -> Result<Self> {
        let new = versions::parse(version)?;
        let open = git(root, &["status", "--porcelain"])?;
        ensure!(
            open.is_empty(),
            "commit or remove these first, so that the release has all of it:\n{}",
            open.trim_end()
        );
        let (old, names) = versions::current(root)?;
        let tags = git(root, &["tag", "--list"])?;
        let is_released = |version: &str| tags.lines().any(|tag| tag == format!("v{version}"));
        ensure!(!is_released(version), "{version} is released: there is a tag v{version}");
        ensure!(versions::parse(&old)? <= new, "{version} is lower than {old}, which the manifests have");
        let read = |path: &str| fs::read_to_string(root.join(path)).with_context(|| format!("cannot read {path}"));
        let changelog = Changelog::of(&read("CHANGELOG.md")?, version, date)?;
        let mut changes = Vec::new();
        let mut change = |path: &str, before: String, after: String| {
            if before != after {
                changes.push(Change { path: path.to_owned(), before, after });
            }
        };
        change("CHANGELOG.md", read("CHANGELOG.md")?, changelog.text);
        let manifest = read("Cargo.toml")?;
        let new_manifest = versions::manifest(&manifest, &old, version);
        change("Cargo.toml", manifest, new_manifest);
        for path in git(root, &["ls-files", "Cargo.lock", "*/Cargo.lock"])?.lines() {
            let lock = read(path)?;
            let new_lock = versions::lock(&lock, &names, &old, version);
            change(path, lock, new_lock);
        }
        let page = read(PAGE)?;
        let new_page = page.replace(&format!("embedded-gpt {old}\n"), &format!("embedded-gpt {version}\n"));
        change(PAGE, page, new_page);
        Ok(Self { root, version, notes: changelog.notes, changes })
    }

    fn tag(&self) -> String {
        format!("v{}", self.version)
    }

    /// The changes as git shows them.
    fn diff(&self) -> Result<String> {
        let directory = env::temp_dir().join(format!("embedded-gpt-release-{}", std::process::id()));
        for Change { path, before, after } in &self.changes {
            files::write(&directory.join("a").join(path), before)?;
            files::write(&directory.join("b").join(path), after)?;
        }
        let mut git = Command::new("git");
        // It fails where files differ.
        let output = git.args(["diff", "--no-index", "--no-prefix", "a", "b"]).current_dir(&directory).output();
        fs::remove_dir_all(&directory)?;
        Ok(String::from_utf8_lossy(&output.context("git cannot be started")?.stdout).into_owned())
    }

    /// Writes the changes, does `before_commit`, commits and sets the tag. If something fails the files are as before.
    fn commit(&self, before_commit: impl FnOnce() -> Result<()>) -> Result<()> {
        let done = self.write().and_then(|()| self.check_written()).and_then(|()| before_commit());
        if let Err(error) = done.and_then(|()| self.record()) {
            for Change { path, before, .. } in &self.changes {
                replace(&self.root.join(path), before)?;
            }
            bail!("nothing is released, and the files are as before: {error:#}");
        }
        let notes = format!("{}\n\n{}", self.version, self.notes);
        // Headings are no comments.
        git(self.root, &["tag", "--annotate", "--cleanup=whitespace", "--message", &notes, &self.tag()])?;
        Ok(())
    }

    fn write(&self) -> Result<()> {
        self.changes.iter().try_for_each(|change| replace(&self.root.join(&change.path), &change.after))
    }

    /// Manifests and Cargo.lock fit each other.
    fn check_written(&self) -> Result<()> {
        let (version, _) = versions::current(self.root)?;
        ensure!(version == self.version, "the manifests have {version}");
        let mut cargo = crate::workspace::cargo();
        cargo.current_dir(self.root).args(["metadata", "--format-version", "1", "--locked"]);
        process::quiet("cargo metadata", cargo)?;
        Ok(())
    }

    fn record(&self) -> Result<()> {
        if self.changes.is_empty() {
            return Ok(());
        }
        let message = format!("Release {}", self.version);
        let mut arguments = vec!["commit", "--message", &message, "--"];
        arguments.extend(self.changes.iter().map(|change| change.path.as_str()));
        git(self.root, &arguments)?;
        Ok(())
    }
}

/// Puts a text in the place of a file, whole or not at all.
fn replace(path: &Path, text: &str) -> Result<()> {
    let new = path.with_extension("new");
    files::write(&new, text)?;
    fs::rename(&new, path).with_context(|| format!("cannot write {}", path.display()))
}

fn git(root: &Path, arguments: &[&str]) -> Result<String> {
    let mut git = Command::new("git");
    git.args(arguments).current_dir(root);
    process::quiet(&format!("git {}", arguments[0]), git)
}

#[cfg(test)]
mod tests;
