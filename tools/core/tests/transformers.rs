//! Checkpoints go to PyPI `transformers` and back with the same logits.
//!
//! Needs a Python that can import torch and transformers (`EGPT_PYTHON`, else `python3`);
//! skipped with a printed reason where there is none.

mod python;

use std::path::Path;
use std::process::Command;

use egpt_core::checkpoint::Checkpoint;
use egpt_core::reference::Reference;
use embedded_gpt::TokenId;
use serde::Deserialize;

const TOLERANCE: f32 = 1e-4;

#[derive(Deserialize)]
struct Logits {
    tokens: Vec<TokenId>,
    logits: Vec<Vec<f32>>, // (tokens, n_vocab)
}

fn run_script(python: &Path, command: &str, dir: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/make_hf_checkpoints.py");
    let output = Command::new(python).arg(script).arg(command).arg(dir).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Largest difference between the reference's logits for `dir` and those in its logits.json.
fn max_difference(dir: &Path) -> f32 {
    let theirs: Logits = serde_json::from_slice(&std::fs::read(dir.join("logits.json")).unwrap()).unwrap();
    let checkpoint = Checkpoint::load(dir).unwrap();
    let ours = Reference::new(&checkpoint.weights).logits(&theirs.tokens);
    assert_eq!((ours.len(), ours[0].len()), (theirs.logits.len(), theirs.logits[0].len()));
    ours.iter().flatten().zip(theirs.logits.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn transformers_computes_the_same_logits_in_both_directions() {
    let Some(python) = python::find() else { return };
    let root = tempfile::tempdir().unwrap();
    let (theirs, ours) = (root.path().join("theirs"), root.path().join("ours"));
    run_script(&python, "make", &theirs);
    run_script(&python, "logits", &theirs);

    let mut names = Vec::new();
    for entry in std::fs::read_dir(&theirs).unwrap() {
        let dir = entry.unwrap().path();
        let name = dir.file_name().unwrap().to_owned();
        let difference = max_difference(&dir);
        println!("{name:?} saved by transformers: {difference:e}");
        assert!(difference < TOLERANCE, "{name:?}: {difference}");
        Checkpoint::load(&dir).unwrap().save(&ours.join(&name)).unwrap();
        names.push(name);
    }
    assert_eq!(names.len(), 8);

    run_script(&python, "logits", &ours);
    for name in names {
        let difference = max_difference(&ours.join(&name));
        println!("{name:?} saved by egpt: {difference:e}");
        assert!(difference < TOLERANCE, "{name:?}: {difference}");
    }
}
