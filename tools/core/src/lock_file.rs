//! A file that one process at a time has, for what others must leave alone meanwhile.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use same_file::Handle;

/// A file that is locked, and removed when this is dropped.
///
/// The system takes the lock from a process that ends, however it does; a file that is left then is in nobody's way.
#[derive(Debug)]
pub struct LockFile {
    path: PathBuf,
    file: File,
    is_exclusive: bool,
}

impl LockFile {
    /// Makes a file and locks it, unless another process has it.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn acquire(path: &Path) -> io::Result<Option<Self>> {
        loop {
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
            let is_exclusive = match file.try_lock() {
                Ok(()) => true,
                Err(TryLockError::WouldBlock) => return Ok(None),
                // Not every file system has locks.
                Err(TryLockError::Error(_)) => false,
            };
            let lock = Self { path: path.to_owned(), file, is_exclusive };
            if !is_exclusive || lock.is_in_place()? {
                return Ok(Some(lock));
            }
        }
    }

    /// Whether no other process can have it, which is not known where the file system has no locks.
    pub fn is_exclusive(&self) -> bool {
        self.is_exclusive
    }

    /// Whether this is the file that others find: who had it before may have removed it after it was opened here.
    fn is_in_place(&self) -> io::Result<bool> {
        let own = Handle::from_file(self.file.try_clone()?)?;
        Ok(Handle::from_path(&self.path).is_ok_and(|found| found == own))
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Another's file stays.
        if self.is_in_place().unwrap_or(false) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn one_at_a_time_has_it_however_often_it_goes_and_comes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let is_taken = AtomicBool::new(false);
        let take = || {
            let Some(_lock) = LockFile::acquire(&path).unwrap() else { return };
            assert!(!is_taken.swap(true, Ordering::SeqCst), "two have it");
            std::thread::yield_now();
            is_taken.store(false, Ordering::SeqCst);
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..3000).for_each(|_| take()));
            }
        });
        assert!(!path.exists());
    }

    #[test]
    fn a_file_that_was_removed_meanwhile_is_not_the_lock() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let lock = LockFile::acquire(&path).unwrap().unwrap();
        assert!(lock.is_in_place().unwrap() && LockFile::acquire(&path).unwrap().is_none());
        fs::remove_file(&path).unwrap();
        assert!(!lock.is_in_place().unwrap());
        let other = LockFile::acquire(&path).unwrap().unwrap();
        drop(lock);
        assert!(path.exists() && other.is_in_place().unwrap());
    }
}
