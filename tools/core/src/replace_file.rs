//! Writing a file so that a reader sees the old content or the new, never a part.

use std::fs::{self, DirEntry, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// What the names of temporary files begin and end with.
const TEMPORARY: (&str, &str) = (".egpt-", ".tmp");

/// Writes `bytes` to a temporary name in the directory of `path`, then renames it to `path`.
///
/// A symbolic link stays, and the file that it leads to is replaced. What is no regular file,
/// such as `/dev/stdout` or a pipe, is written to instead.
///
/// # Errors
/// Whatever the file system reports; a regular file at `path` is then as it was.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => rename_over(&fs::canonicalize(path)?, bytes),
        Ok(_) => OpenOptions::new().write(true).open(path)?.write_all(bytes),
        Err(_) => rename_over(path, bytes),
    }
}

/// Checks that [`replace_file`] can begin, for those who compute for long before they write.
///
/// # Errors
/// Whatever the file system reports.
pub fn check_replaceable(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(metadata) if metadata.is_file() => temporary_beside(&fs::canonicalize(path)?).map(drop),
        Ok(_) => Ok(()),
        Err(_) => temporary_beside(path).map(drop),
    }
}

fn rename_over(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = temporary_beside(path)?;
    let mut file = temporary.as_file();
    file.write_all(bytes)?;
    file.sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A new file in the directory of `path`, which goes if nothing comes of it.
fn temporary_beside(path: &Path) -> io::Result<NamedTempFile> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    fs::metadata(dir)?; // says why a directory is no use better than the error below
    remove_leftovers(dir);
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY.0).suffix(TEMPORARY.1);
    if let Some(permissions) = ordinary_permissions() {
        builder.permissions(permissions);
    }
    // The crate's own messages name the temporary file, which nobody asked for; those of the
    // file inside do not.
    let temporary = builder.tempfile_in(dir).map_err(|error| io::Error::from(error.kind()))?;
    // Shows others that it is no leftover, where the file system has locks.
    let _ = temporary.as_file().lock();
    if temporary.path().exists() { Ok(temporary) } else { temporary_beside(path) }
}

/// Removes the temporary files of processes that were killed: nobody holds their locks any more.
fn remove_leftovers(dir: &Path) {
    let is_temporary = |entry: &DirEntry| {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        let is_named_so = name.starts_with(TEMPORARY.0.as_bytes()) && name.ends_with(TEMPORARY.1.as_bytes());
        is_named_so && entry.file_type().is_ok_and(|kind| kind.is_file())
    };
    for entry in fs::read_dir(dir).into_iter().flatten().flatten().filter(is_temporary) {
        if let Ok(file) = OpenOptions::new().write(true).open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Copies a file the way [`replace_file`] writes one.
///
/// # Errors
/// Whatever the file system reports.
pub fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    replace_file(to, &fs::read(from)?)
}

/// What a plain `File::create` would give, before the umask; a temporary file is private otherwise.
fn ordinary_permissions() -> Option<Permissions> {
    #[cfg(unix)]
    return Some(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    #[cfg(not(unix))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_and_leaves_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        replace_file(&path, b"old").unwrap();
        replace_file(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(replace_file(&dir.path().join("missing/a.json"), b"x").is_err());
    }

    #[test]
    fn what_cannot_be_replaced_is_known_before() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        for _ in 0..2 {
            check_replaceable(&path).unwrap();
            fs::write(&path, "old").unwrap();
        }
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        for wrong in [dir.path(), &dir.path().join("missing/a.json"), &path.join("b.json")] {
            assert!(check_replaceable(wrong).is_err(), "{}", wrong.display());
        }
    }

    #[test]
    fn leftovers_of_killed_processes_go_and_files_being_written_stay() {
        let dir = tempfile::tempdir().unwrap();
        let [left, written, other] = [".egpt-a.tmp", ".egpt-b.tmp", ".egpt-c"].map(|name| dir.path().join(name));
        for path in [&left, &written, &other] {
            fs::write(path, "half").unwrap();
        }
        let writer = fs::File::open(&written).unwrap();
        writer.lock().unwrap();
        replace_file(&dir.path().join("a.json"), b"new").unwrap();
        assert_eq!([left, written, other].map(|path| path.exists()), [false, true, true]);
    }

    #[test]
    fn writers_in_one_directory_do_not_take_each_others_files_for_leftovers() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for name in ["a", "b", "c", "d", "e", "f", "g", "h"] {
                let path = dir.path().join(name);
                scope.spawn(move || (0..100).for_each(|_| replace_file(&path, b"x").unwrap()));
            }
        });
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 8);
    }

    #[test]
    fn errors_do_not_name_the_temporary_file() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        for path in ["missing/a.json", "file/a.json"] {
            let error = replace_file(&dir.path().join(path), b"x").unwrap_err().to_string();
            assert!(!error.contains(".egpt-"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn follows_links() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        replace_file(&link, b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read(&file).unwrap(), b"new");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn writes_to_devices() {
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("/dev/full", &link).unwrap();
        assert_eq!(replace_file(&link, b"x").unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert!(link.is_symlink());
        replace_file(Path::new("/dev/null"), b"x").unwrap();
    }
}
