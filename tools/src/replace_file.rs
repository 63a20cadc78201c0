//! Writing a file so that a reader sees the old content or the new, never a part.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::path::Path;

/// Writes `bytes` to a temporary name in the directory of `path`, then renames it to `path`.
///
/// # Errors
/// Whatever the file system reports; the file at `path` is then as it was.
pub fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".egpt-");
    if let Some(permissions) = ordinary_permissions() {
        builder.permissions(permissions);
    }
    let mut file = builder.tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
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
}
