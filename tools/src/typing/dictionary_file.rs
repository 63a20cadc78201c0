//! The words that a person types, kept in a file from one time to the next.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use egpt_core::lock_file::LockFile;
use egpt_core::replace_file::replace_file;
use embedded_gpt::UserDictionary;

/// Bytes of learned words, and where they are kept.
#[derive(Debug)]
pub struct DictionaryFile {
    bytes: Vec<u8>,
    /// Where they are kept, and the lock on that: on a file beside, since each save makes a new file.
    kept: Option<(PathBuf, LockFile)>,
}

impl DictionaryFile {
    /// What a file holds; it is made with nothing learned in `n_bytes` if there is none yet. Nothing is kept without a
    /// path.
    ///
    /// # Errors
    /// If the file cannot be read or made, holds something else or is in use, or the memory is too small.
    pub fn open(path: Option<&Path>, n_bytes: usize) -> Result<Self> {
        let Some(path) = path else { return Ok(Self { bytes: nothing_learned(n_bytes)?, kept: None }) };
        let lock = LockFile::acquire(&beside(path)).with_context(|| format!("cannot write {}", path.display()))?;
        let lock = lock.with_context(|| {
            format!("another command is learning into {}: end it, or name another file", path.display())
        })?;
        if !path.exists() {
            write(path, &nothing_learned(n_bytes)?)?;
        }
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let is_sound = UserDictionary::restore(&mut bytes.clone()).is_ok();
        ensure!(is_sound, "{} holds no user dictionary, or a damaged one: name another file", path.display());
        Ok(Self { bytes, kept: Some((path.to_owned(), lock)) })
    }

    /// The words, to be used and learned in place.
    pub fn dictionary(&mut self) -> Option<UserDictionary<'_>> {
        UserDictionary::restore(&mut self.bytes).ok()
    }

    /// Takes what has been learned.
    pub fn set(&mut self, bytes: Vec<u8>) {
        self.bytes = bytes;
    }

    /// Writes the file, if there is to be one.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn save(&self) -> Result<()> {
        self.kept.as_ref().map_or(Ok(()), |(path, _)| write(path, &self.bytes))
    }
}

/// The name of the lock on a file.
fn beside(path: &Path) -> PathBuf {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.egpt-lock"))
}

fn nothing_learned(n_bytes: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; n_bytes];
    let least = UserDictionary::MIN_BYTES;
    UserDictionary::new(&mut bytes)
        .ok()
        .with_context(|| format!("a user dictionary needs at least {least} bytes"))?
        .save();
    Ok(bytes)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    replace_file(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::*;

    #[test]
    fn words_come_back_from_their_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("me.words");
        let mut memory = DictionaryFile::open(Some(&path), 1024).unwrap();
        let error = DictionaryFile::open(Some(&path), 1024).unwrap_err().to_string();
        assert!(error.contains("another command is learning"), "{error}");
        let mut bytes = memory.bytes.clone();
        let mut dictionary = UserDictionary::restore(&mut bytes).unwrap();
        dictionary.add("Kirchplatz");
        memory.set(dictionary.save().to_vec());
        memory.save().unwrap();
        let error = DictionaryFile::open(Some(&path), 1024).unwrap_err().to_string();
        assert!(error.contains("another command is learning"), "after a save, too: {error}");
        drop(memory);
        let mut again = DictionaryFile::open(Some(&path), 4096).unwrap();
        assert_eq!(again.dictionary().unwrap().words().next(), Some("Kirchplatz"));
        assert_eq!(again.bytes.len(), 1024, "the file's own size");
    }

    #[test]
    fn of_first_starts_at_the_same_time_one_learns() {
        for _ in 0..50 {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("me.words");
            let barrier = Barrier::new(2);
            let open = || {
                barrier.wait();
                let opened = DictionaryFile::open(Some(&path), 1024);
                barrier.wait();
                opened.is_ok()
            };
            let [one, other] =
                thread::scope(|scope| [scope.spawn(open), scope.spawn(open)].map(|it| it.join().unwrap()));
            assert!(one != other, "{one}, {other}");
        }
    }

    #[test]
    fn other_files_and_too_little_memory_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notes.txt");
        fs::write(&path, "not words").unwrap();
        let error = DictionaryFile::open(Some(&path), 4096).unwrap_err().to_string();
        assert!(error.contains("notes.txt holds no user dictionary"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"not words");
        let nowhere = dir.path().join("missing/me.words");
        assert!(DictionaryFile::open(Some(&nowhere), 4096).unwrap_err().to_string().contains("cannot write"));
        assert!(DictionaryFile::open(None, 100).unwrap_err().to_string().contains("256"));
    }
}
