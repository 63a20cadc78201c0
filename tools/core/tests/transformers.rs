//! Checkpoints go to PyPI `transformers` and back with the same logits.
//!
//! Those in `transformers/` were made by it, with the logits that it computed (`make_hf_checkpoints.py pack`). The rest
//! needs a Python that can import torch and transformers (`EGPT_PYTHON`, else `python3`), and is skipped with a printed
//! reason where there is none.

mod python;

use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::Checkpoint;
use egpt_core::export::{weights_of, write_blob};
use egpt_core::reference::Reference;
use egpt_core::session_memory::SessionMemory;
use egpt_core::tokenizer::{TrainSettings, train, vocab_section};
use embedded_gpt::TokenId;
use embedded_gpt::format::tensor::Format;
use safetensors::tensor::SafeTensors;
use serde::Deserialize;
use std::fs;
use std::path::Path;
use std::process::Command;

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
    assert!(names.len() >= 8);

    run_script(&python, "logits", &ours);
    for name in names {
        let difference = max_difference(&ours.join(&name));
        println!("{name:?} saved by egpt: {difference:e}");
        assert!(difference < TOLERANCE, "{name:?}: {difference}");
    }
}

/// The tokens of `make_hf_checkpoints.py`.
const TOKENS: [TokenId; 12] = [1, 30, 7, 7, 19, 2, 0, 36, 11, 5, 28, 3];

/// A checkpoint that transformers made.
struct Packed {
    name: String,
    checkpoint: Checkpoint,
    /// After each of [`TOKENS`], (tokens, n_vocab).
    logits: Vec<f32>,
}

impl Packed {
    fn all() -> Vec<Self> {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transformers");
        fs::read_dir(dir).unwrap().map(|entry| Self::read(&entry.unwrap().path())).collect()
    }

    fn read(path: &Path) -> Self {
        const LOGITS: &str = "expected.logits";
        let bytes = fs::read(path).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let logits = tensors.tensor(LOGITS).unwrap();
        let logits = logits.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
        let others = tensors.iter().filter(|(name, _)| *name != LOGITS);
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("config.json"), &header.metadata().as_ref().unwrap()["config"]).unwrap();
        fs::write(dir.path().join("model.safetensors"), safetensors::serialize(others, None).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Self { name, checkpoint: Checkpoint::load(dir.path()).unwrap(), logits }
    }
}

#[test]
fn logits_are_those_that_transformers_computed() {
    let packed = Packed::all();
    assert!(packed.len() >= 2);
    for Packed { name, checkpoint, logits } in packed {
        let ours = Reference::new(&checkpoint.weights).logits(&TOKENS).concat();
        assert_eq!(ours.len(), logits.len());
        let difference = ours.iter().zip(&logits).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        println!("{name}: {difference:e}");
        assert!(difference < TOLERANCE, "{name}: {difference}");
        // What is saved is the same model, in the names of whichever family fits.
        let dir = tempfile::tempdir().unwrap();
        checkpoint.save(dir.path()).unwrap();
        assert_eq!(Checkpoint::load(dir.path()).unwrap().weights, checkpoint.weights, "{name}");
    }
}

/// Error power over signal power: of all roundings in 8 bits, of those of activations and cache in 4.
#[test]
fn the_runtime_computes_what_transformers_does() {
    let dir = tempfile::tempdir().unwrap();
    let tokenizer = dir.path().join("tokenizer.json");
    let settings = TrainSettings { n_vocab: 257, ..Default::default() };
    let n_vocab = train(["aa bb"].into_iter(), settings, &tokenizer).unwrap();
    let vocabulary = vocab_section(&tokenizer, n_vocab, Default::default()).unwrap();
    for Packed { name, checkpoint, .. } in Packed::all() {
        let mut weights = checkpoint.weights;
        weights.extend_vocab(n_vocab);
        for format in [Format::Q8, Format::Q4] {
            let blob = BlobFile::new(&write_blob(&weights, |_| format, &vocabulary, "").unwrap());
            let model = blob.model().unwrap();
            let right = if format == Format::Q8 { weights.clone() } else { weights_of(&model) };
            let right = Reference::new(&right).logits(&TOKENS);
            let mut memory = SessionMemory::new(model.config(), Some(TOKENS.len()));
            let mut session = memory.session(&model).unwrap();
            let (mut signal, mut error) = (0.0, 0.0);
            for (&token, right) in TOKENS.iter().zip(&right) {
                let logits = session.step(token).unwrap();
                for (&ours, &right) in logits.values().iter().zip(right) {
                    error += (f64::from(ours) / f64::from(embedded_gpt::Logits::ONE) - f64::from(right)).powi(2);
                    signal += f64::from(right).powi(2);
                }
            }
            println!("{name}, {format:?}: {:.6}", error / signal);
            assert!(error / signal < 0.002, "{name}, {format:?}: {}", error / signal);
        }
    }
}
