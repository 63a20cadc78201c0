//! `cargo xtask golden`: what the models of the repository compute and say, and the files in tests/golden that say it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::{console, process, same_run, workspace};

/// Where the values are, and models that are there for them alone.
const VALUES: &str = "tests/golden";
const MODELS: [&str; 2] = ["models", VALUES];

/// `cargo xtask golden`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Write the values as they are now, and show what changed
    #[arg(long)]
    overwrite: bool,
}

/// A model and the file with its values.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Golden {
    /// The blob.
    pub model: PathBuf,
    values: PathBuf,
}

/// `cargo xtask golden`
pub fn run(args: &Args) -> Result<()> {
    let device_run = workspace::built("device-run")?;
    let mut n_changed = 0;
    for golden in Golden::all()? {
        let output = golden.on_host(&device_run)?;
        let now = output.lines().filter(|line| !line.starts_with(same_run::HOST_KERNELS));
        let now: String = now.flat_map(|line| [line, "\n"]).collect();
        let changes = changes(&fs::read_to_string(&golden.values).unwrap_or_default(), &now);
        n_changed += changes.len();
        console::line(&format!("{}: {} lines differ", golden.name(), changes.len()));
        changes.iter().for_each(|change| println!("{change}"));
        if args.overwrite {
            fs::write(&golden.values, now).with_context(|| format!("cannot write {}", golden.values.display()))?;
        }
    }
    if n_changed > 0 && !args.overwrite {
        bail!("{n_changed} lines are not as in {VALUES}; if that is meant, cargo xtask golden --overwrite");
    }
    Ok(())
}

impl Golden {
    /// Every blob of the repository, in the order of their names.
    pub fn all() -> Result<Vec<Self>> {
        let mut all = Vec::new();
        for directory in MODELS {
            let directory = workspace::root().join(directory);
            for entry in directory.read_dir().with_context(|| format!("cannot read {}", directory.display()))? {
                let model = entry?.path();
                if model.extension().is_some_and(|extension| extension == "egpt") {
                    let name = model.with_extension("txt");
                    let values = workspace::root().join(VALUES).join(name.file_name().unwrap_or_default());
                    all.push(Self { model, values });
                }
            }
        }
        all.sort();
        Ok(all)
    }

    /// What the model is called.
    pub fn name(&self) -> String {
        self.model.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// What the host's program prints.
    pub fn on_host(&self, device_run: &Path) -> Result<String> {
        let mut host = Command::new(device_run);
        host.arg("bit_identity").arg(&self.model);
        process::quiet("running on the host", host)
    }

    /// Checks what a program printed that does a part of the run only.
    ///
    /// # Errors
    /// Names the first line that is not among the values.
    pub fn check_part(&self, printed: &str) -> Result<()> {
        let printed = printed.lines().skip_while(|line| !line.starts_with("first ")).collect::<Vec<_>>().join("\n");
        ensure!(printed.lines().count() > 3, "the program printed too little:\n{printed}");
        same_run::expect(&printed, &self.expected()?).with_context(|| format!("{} is not as in {VALUES}", self.name()))
    }

    /// Checks what a program printed for the model, here or on a device.
    ///
    /// # Errors
    /// Names the first line that is missing.
    pub fn check(&self, printed: &str) -> Result<()> {
        same_run::expect(&self.expected()?, printed).with_context(|| format!("{} is not as in {VALUES}", self.name()))
    }

    /// Checks what a program printed that computes no logits: all texts, suggestions, phrases and labels.
    ///
    /// # Errors
    /// Names the first line that is missing.
    pub fn check_said(&self, printed: &str) -> Result<()> {
        let expected = self.expected()?;
        let said = expected.find("greedy text").and_then(|at| expected.get(at..)).context("no text is expected")?;
        same_run::expect(said, printed).with_context(|| format!("{} is not as in {VALUES}", self.name()))
    }

    /// The values as they should be.
    fn expected(&self) -> Result<String> {
        read(&self.values)
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}; cargo xtask golden --overwrite", path.display()))
}

/// The lines that are not the same, each as it was and as it is.
fn changes(before: &str, now: &str) -> Vec<String> {
    let (mut before, mut now) = (before.lines(), now.lines());
    let mut changes = Vec::new();
    for number in 1.. {
        match (before.next(), now.next()) {
            (None, None) => break,
            (was, is) if was == is => {}
            (was, is) => {
                let line = |sign, line: Option<&str>| line.map(|line| format!("{number:>4} {sign} {line}"));
                changes.extend([line('-', was), line('+', is)].into_iter().flatten().reduce(|a, b| a + "\n" + &b));
            }
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changed_lines_are_shown_with_their_numbers() {
        assert_eq!(changes("a\nb\n", "a\nb\n"), Vec::<String>::new());
        assert_eq!(changes("a\nb\n", "a\nc\nd\n"), ["   2 - b\n   2 + c", "   3 + d"]);
        assert_eq!(changes("a\nb\n", "a\n"), ["   2 - b"]);
    }

    #[test]
    fn every_model_of_the_repository_has_values() {
        let all = Golden::all().unwrap();
        assert!(all.iter().any(|golden| golden.name() == "keyboard"));
        for golden in all {
            assert!(golden.expected().unwrap().contains("logits 0x"), "{}", golden.name());
        }
    }
}
