//! The words that a person types, kept in a file from one time to the next.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use egpt_core::replace_file::replace_file;
use embedded_gpt::UserDictionary;

/// Bytes of learned words, and where they are kept.
#[derive(Clone, Debug)]
pub struct DictionaryFile {
    bytes: Vec<u8>,
    path: Option<PathBuf>,
}

impl DictionaryFile {
    /// What a file holds, or nothing learned in a memory of `n_bytes` if there is no file yet. Nothing is kept without
    /// a path.
    ///
    /// # Errors
    /// If the file cannot be read or holds something else, or the memory is too small.
    pub fn open(path: Option<&Path>, n_bytes: usize) -> Result<Self> {
        let path = path.map(Path::to_owned);
        if let Some(path) = path.as_deref().filter(|path| path.exists()) {
            let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
            let is_sound = UserDictionary::restore(&mut bytes.clone()).is_ok();
            ensure!(is_sound, "{} holds no user dictionary, or a damaged one: name another file", path.display());
            return Ok(Self { bytes, path: Some(path.to_owned()) });
        }
        let mut bytes = vec![0; n_bytes];
        let least = UserDictionary::MIN_BYTES;
        UserDictionary::new(&mut bytes)
            .ok()
            .with_context(|| format!("a user dictionary needs at least {least} bytes"))?
            .save();
        Ok(Self { bytes, path })
    }

    /// The words, to be used and learned in place.
    pub fn dictionary(&mut self) -> Option<UserDictionary<'_>> {
        UserDictionary::restore(&mut self.bytes).ok()
    }

    /// Takes what has been learned.
    pub fn set(&mut self, bytes: Vec<u8>) {
        self.bytes = bytes;
    }

    /// Whether words are kept in a file.
    pub fn is_kept(&self) -> bool {
        self.path.is_some()
    }

    /// Writes the file, if there is to be one.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn save(&self) -> Result<()> {
        let Some(path) = &self.path else { return Ok(()) };
        replace_file(path, &self.bytes).with_context(|| format!("cannot write {}", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_from_their_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("me.words");
        let mut memory = DictionaryFile::open(Some(&path), 1024).unwrap();
        assert!(!path.exists());
        let mut bytes = memory.bytes.clone();
        let mut dictionary = UserDictionary::restore(&mut bytes).unwrap();
        dictionary.learn("Kirchplatz", |_| false);
        memory.set(dictionary.save().to_vec());
        memory.save().unwrap();
        let mut again = DictionaryFile::open(Some(&path), 4096).unwrap();
        assert_eq!(again.dictionary().unwrap().words().next(), Some("Kirchplatz"));
        assert_eq!(again.bytes.len(), 1024, "the file's own size");
    }

    #[test]
    fn other_files_and_too_little_memory_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notes.txt");
        fs::write(&path, "not words").unwrap();
        let error = DictionaryFile::open(Some(&path), 4096).unwrap_err().to_string();
        assert!(error.contains("notes.txt holds no user dictionary"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), b"not words");
        assert!(DictionaryFile::open(None, 100).unwrap_err().to_string().contains("256"));
    }
}
