//! Own files as a corpus: paths, directories and standard input, all UTF-8.
//!
//! Blank lines separate documents. A byte order mark and carriage returns before a line end go. Pipes, sockets and
//! devices are read where they are named, not where they lie in a directory.

mod split;

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::{Corpus, chitchat};
use crate::text_file::{decode, read};

/// The spec that stands for standard input.
const STDIN: &str = "-";
/// Files in a directory that are taken to be text; others are passed over where they are not.
const TEXT_EXTENSIONS: [&str; 4] = ["txt", "md", "csv", "log"];
/// A directory that holds this is a model's, with lists of words and figures: nothing to learn from.
const MODEL_FILE: &str = "tokenizer.json";

/// Loads the files and directories that `specs` name, `-` for standard input, and splits their
/// documents by the hash of their text: about 2 % of the bytes each to valid and test, equal
/// documents to one side. Where documents are few and long, blocks of their lines are split
/// instead. Text of less than about 10 KB may be too little to hold some of it out.
///
/// Directories are read recursively in the order of names, without hidden files and the directories of models.
///
/// # Errors
/// If something cannot be read or is not UTF-8 (with the place), or if there is no text at all.
pub fn load(specs: &[String]) -> Result<Corpus> {
    load_with(specs, io::stdin())
}

fn load_with(specs: &[String], mut stdin: impl Read) -> Result<Corpus> {
    let mut documents = Vec::new();
    for spec in specs {
        if spec == STDIN {
            let mut bytes = Vec::new();
            stdin.read_to_end(&mut bytes).context("cannot read standard input")?;
            documents.extend(documents_of(&decode(bytes, "standard input")?));
        } else {
            read_path(Path::new(spec), &mut documents)?;
        }
    }
    ensure!(!documents.is_empty(), "there is no text in {}: name files that have some", specs.join(", "));
    let mut corpus = split::by_text(&documents);
    corpus.name = match specs {
        [spec] => spec.clone(),
        _ => format!("{} and {} more", specs[0], specs.len() - 1),
    };
    Ok(corpus)
}

fn read_path(path: &Path, documents: &mut Vec<String>) -> Result<()> {
    let metadata = fs::metadata(path).with_context(|| {
        format!("cannot read {}, which is neither a file nor a directory nor {}", path.display(), chitchat::NAME)
    })?;
    if metadata.is_dir() {
        return read_dir(path, documents);
    }
    documents.extend(documents_of(&read(path)?));
    Ok(())
}

fn read_dir(dir: &Path, documents: &mut Vec<String>) -> Result<()> {
    for path in visible_entries(dir)? {
        let passed_over = |why: &str| eprintln!("passed over {}: {why}", path.display());
        if path.is_dir() {
            if path.join(MODEL_FILE).exists() {
                passed_over("the directory of a model");
            } else if !path.is_symlink() {
                read_dir(&path, documents)?; // a link may lead back here
            }
        } else if path.exists() && !path.is_file() {
            passed_over("not a regular file");
        } else if is_named_as_text(&path) {
            read_path(&path, documents)?;
        } else if path.is_file() {
            let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            match decode(bytes, "") {
                Ok(text) => documents.extend(documents_of(&text)),
                Err(_) => passed_over("not UTF-8 text"),
            }
        }
    }
    Ok(())
}

fn visible_entries(dir: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = || format!("cannot read the directory {}", dir.display());
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn is_named_as_text(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    TEXT_EXTENSIONS.iter().any(|text| extension.eq_ignore_ascii_case(text))
}

/// The runs of lines between blank lines.
fn documents_of(text: &str) -> Vec<String> {
    let mut documents = Vec::new();
    let mut lines = Vec::new();
    for line in text.lines().chain([""]) {
        if !line.trim().is_empty() {
            lines.push(line);
        } else if !lines.is_empty() {
            documents.push(lines.join("\n"));
            lines.clear();
        }
    }
    documents
}

#[cfg(test)]
mod tests {
    use super::*;

    fn specs(names: &[&str], dir: &Path) -> Vec<String> {
        let path = |name: &&str| if *name == STDIN { STDIN.into() } else { dir.join(name).display().to_string() };
        names.iter().map(path).collect()
    }

    #[test]
    fn blank_lines_separate_documents() {
        assert_eq!(documents_of("a\r\nb\r\n \t\r\n\r\n  c\nd"), ["a\nb", "  c\nd"]);
        assert!(documents_of("\n \n").is_empty());
    }

    #[test]
    fn reads_paths_directories_and_standard_input_in_order() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("notes/b")).unwrap();
        fs::create_dir_all(dir.path().join("notes/model")).unwrap();
        for (name, content) in [
            ("z.txt", &b"last named, first read"[..]),
            ("notes/model/words.txt", b"12\tone"),
            ("notes/model/tokenizer.json", b"{}"),
            ("notes/c.md", b"three"),
            ("notes/a.LOG", b"one"),
            ("notes/b/source.rs", b"two"),
            ("notes/.hidden.txt", b"hidden"),
            ("notes/image.png", b"\x89PNG"),
            ("notes/zeros.bin", b"a\0b"),
        ] {
            fs::write(dir.path().join(name), content).unwrap();
        }
        let corpus = load_with(&specs(&["z.txt", "-", "notes"], dir.path()), &b"typed"[..]).unwrap();
        assert_eq!(corpus.train, ["last named, first read", "typed", "one", "two", "three"]);
        assert!(corpus.name.ends_with("z.txt and 2 more"), "{}", corpus.name);
        assert_eq!(corpus.licence, None);
    }

    #[test]
    fn names_the_file_and_the_byte_that_is_not_utf_8() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.txt"), b"caf\xe9").unwrap();
        for names in [&["a.txt"], &["."]] {
            let error = load_with(&specs(names, dir.path()), io::empty()).unwrap_err().to_string();
            assert!(error.contains("a.txt is not UTF-8 at byte 3"), "{error}");
        }
        let error = load_with(&["-".into()], &b"\xff"[..]).unwrap_err().to_string();
        assert!(error.contains("standard input is not UTF-8 at byte 0"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn pipes_and_sockets_in_a_directory_are_never_opened() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.txt"), "text").unwrap();
        let made = std::process::Command::new("mkfifo").args(["b.txt", "c"]).current_dir(dir.path()).status();
        assert!(made.unwrap().success());
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("d.txt")).unwrap();
        std::os::unix::fs::symlink("b.txt", dir.path().join("e.txt")).unwrap();
        let corpus = load_with(&specs(&["."], dir.path()), io::empty()).unwrap();
        assert_eq!(corpus.train, ["text"]);
    }

    #[test]
    fn says_that_there_is_no_text_or_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let error = load_with(&specs(&[".", "-"], dir.path()), &b"\n"[..]).unwrap_err().to_string();
        assert!(error.contains("there is no text in"), "{error}");
        let error = load_with(&specs(&["missing.txt"], dir.path()), io::empty()).unwrap_err().to_string();
        assert!(error.contains("missing.txt"), "{error}");
    }
}
