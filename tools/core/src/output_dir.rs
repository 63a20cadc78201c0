//! A directory that one command writes into: no other does so meanwhile, and nothing changes before all is checked.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process;

use anyhow::{Context, Result, bail};

use crate::lock_file::LockFile;

const LOCK: &str = ".egpt-lock";
/// Where new files wait until they can take their places.
const STAGING: &str = ".egpt-new";
/// What makes a directory a model's: it comes after what else belongs to the model.
const LAST: &str = "config.json";

/// A directory to write into, locked until this is dropped.
///
/// What a process left that was killed is removed when the directory is locked again.
#[derive(Debug)]
pub struct OutputDir {
    path: PathBuf,
    staging: PathBuf,
    lock: Option<LockFile>,
    /// Whether there was none before.
    is_new: bool,
}

impl OutputDir {
    /// Locks a directory, creating it if need be.
    ///
    /// # Errors
    /// If it cannot be written to, or another process has it.
    pub fn lock(path: &Path) -> Result<Self> {
        let is_new = !path.exists();
        fs::create_dir_all(path).with_context(|| format!("cannot create {}", path.display()))?;
        let unwritable = || format!("cannot write to {}", path.display());
        let Some(lock) = LockFile::acquire(&path.join(LOCK)).with_context(unwritable)? else {
            bail!("another command is writing to {}: wait for it, or choose another --out", path.display());
        };
        let staging = path.join(staging_name(lock.is_exclusive()));
        let _ = fs::remove_dir_all(&staging);
        fs::create_dir(&staging).with_context(unwritable)?;
        Ok(Self { path: path.to_owned(), staging, lock: Some(lock), is_new })
    }

    /// An empty directory for what is to go into this one.
    pub fn staging(&self) -> PathBuf {
        self.staging.clone()
    }

    /// Moves what is in [`staging`](Self::staging) to its place; files of the same names are replaced.
    ///
    /// # Errors
    /// If a file cannot be moved.
    pub fn commit(&self) -> Result<()> {
        let names = fs::read_dir(self.staging())?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<_>>();
        let mut names: Vec<OsString> = names?;
        names.sort_by_key(|name| name == LAST);
        for name in names {
            let place = self.path.join(&name);
            fs::rename(self.staging().join(&name), &place)
                .with_context(|| format!("cannot write {}", place.display()))?;
        }
        Ok(())
    }
}

/// Where another process may be at work, its files are left alone.
fn staging_name(is_exclusive: bool) -> String {
    if is_exclusive { STAGING.to_owned() } else { format!("{STAGING}-{}", process::id()) }
}

impl Drop for OutputDir {
    fn drop(&mut self) {
        // What cannot be removed is in nobody's way.
        let _ = fs::remove_dir_all(self.staging());
        self.lock = None;
        if self.is_new {
            let _ = fs::remove_dir(&self.path); // if it is empty
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn one_command_at_a_time_writes_into_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("new");
        let first = OutputDir::lock(&out).unwrap();
        let error = OutputDir::lock(&out).unwrap_err().to_string();
        assert!(error.contains("another command is writing to") && error.contains("choose another --out"), "{error}");
        drop(first);
        assert!(!out.exists(), "nothing was written");
        OutputDir::lock(&out).unwrap();
    }

    #[test]
    fn files_come_to_their_places_together_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("words.txt"), "old").unwrap();
        let write = |out: &OutputDir| {
            for name in ["words.txt", "config.json"] {
                fs::write(out.staging().join(name), "new").unwrap();
            }
        };
        let refused = OutputDir::lock(dir.path()).unwrap();
        write(&refused);
        drop(refused);
        assert_eq!(names(dir.path()), ["words.txt"]);
        assert_eq!(fs::read(dir.path().join("words.txt")).unwrap(), b"old");

        let out = OutputDir::lock(dir.path()).unwrap();
        write(&out);
        out.commit().unwrap();
        drop(out);
        assert_eq!(names(dir.path()), ["config.json", "words.txt"]);
        assert_eq!(fs::read(dir.path().join("words.txt")).unwrap(), b"new");
    }

    #[test]
    fn what_a_killed_process_left_is_in_nobodys_way() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(LOCK), "").unwrap();
        fs::create_dir(dir.path().join(STAGING)).unwrap();
        fs::write(dir.path().join(STAGING).join("words.txt"), "half").unwrap();
        let out = OutputDir::lock(dir.path()).unwrap();
        out.commit().unwrap();
        drop(out);
        assert_eq!(names(dir.path()), Vec::<String>::new());
    }

    #[test]
    fn files_of_another_command_stay_where_there_are_no_locks() {
        assert_eq!(staging_name(true), STAGING);
        assert_ne!(staging_name(false), STAGING);
    }
}
