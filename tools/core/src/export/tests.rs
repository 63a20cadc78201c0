//! A whole model to a blob and back.

use embedded_gpt::format::tensor::{Format, Role, TensorSpec};

use super::*;
use crate::blob_file::BlobFile;
use crate::checkpoint::Checkpoint;
use crate::quantize::{Quant, equalize_keys_and_values};
use crate::tokenizer::{TrainSettings, train, vocab_section};
use crate::weights::Weights;
use crate::weights::random::{gpt2_config, llama_config};

fn mixed(spec: &TensorSpec) -> Format {
    if matches!(spec.role, Role::Up | Role::Query | Role::TokenEmbedding) { Format::Q4 } else { Format::Q8 }
}

#[test]
fn a_blob_holds_what_was_quantized() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tokenizer.json");
    let n_vocab = train(["aa bb"].into_iter(), TrainSettings { n_vocab: 257, ..Default::default() }, &path).unwrap();
    let section = vocab_section(&path, n_vocab, Default::default()).unwrap();
    for config in [gpt2_config(), llama_config()] {
        let weights = Weights::random(config.with(|c| c.n_vocab = n_vocab), 3);
        let blob = BlobFile::new(&write_blob(&weights, mixed, &section, "").unwrap());
        let model = blob.model().unwrap();
        let mut expected = weights.clone();
        equalize_keys_and_values(&mut expected);
        for spec in weights.config.tensors() {
            let tensor = model.tensor(spec.role, spec.layer);
            let values = expected.tensor(&spec).unwrap();
            if spec.role.is_matrix() {
                assert_eq!(tensor.format, mixed(&spec));
                let quantized = quantize_rows(values, spec.cols, tensor.format);
                assert_eq!(dequantize(&tensor, &spec), quantized.values(), "{:?}", spec.role);
            }
            let read = weights_of(&model);
            let read = read.tensor(&spec).unwrap();
            let error = |(a, b): (&f32, &f32)| (a - b).abs();
            assert!(read.iter().zip(values).map(error).fold(0.0, f32::max) < 0.1, "{:?}", spec.role);
        }
    }
}

/// A random model whose vocabulary is bytes, and text that it can read.
fn checkpoint_and_text(dir: &std::path::Path) -> (Checkpoint, Vec<String>) {
    let path = dir.join("tokenizer.json");
    let n_vocab = train(["aa bb"].into_iter(), TrainSettings { n_vocab: 257, ..Default::default() }, &path).unwrap();
    let weights = Weights::random(llama_config().with(|c| c.n_vocab = n_vocab), 3);
    let text = (0..30).map(|i| (0..12).map(|j| format!("{} ", i * i * 31 + j * 7)).collect()).collect();
    (Checkpoint { weights, special: Default::default(), tokenizer: Some(path) }, text)
}

#[test]
fn auto_meets_its_budget_and_loses_no_more_than_4_bits() {
    let dir = tempfile::tempdir().unwrap();
    let (checkpoint, text) = checkpoint_and_text(dir.path());
    let of = |wanted| compress(&checkpoint, wanted, Some(&text), "").unwrap();
    let (small, large) = (of(Wanted::Format(Quant::Q4)), of(Wanted::Format(Quant::Q8)));
    let added = |compressed: &Compressed| compressed.loss.unwrap().added;
    assert!(added(&large) < 0.1 * added(&small));
    for budget in [small.blob.len(), (small.blob.len() + large.blob.len()) / 2, large.blob.len()] {
        let auto = of(Wanted::Bytes(budget));
        assert!(auto.blob.len() <= budget, "{} {budget}", auto.blob.len());
        assert!(added(&auto) <= added(&small), "{budget}");
    }
    assert_eq!(of(Wanted::Bytes(small.blob.len())).blob, small.blob);
    assert_eq!(of(Wanted::Bytes(large.blob.len())).blob, large.blob);
    let error = compress(&checkpoint, Wanted::Bytes(small.blob.len() - 1), Some(&text), "").unwrap_err().to_string();
    assert!(error.contains(&small.blob.len().to_string()), "{error}");
}

#[test]
fn without_text_weights_go_to_the_nearest_codes_within_the_budget() {
    let dir = tempfile::tempdir().unwrap();
    let (checkpoint, text) = checkpoint_and_text(dir.path());
    let plain = compress(&checkpoint, Wanted::Format(Quant::Q4), None, "").unwrap();
    assert_eq!(plain.blob, blob_of(&checkpoint, |_| Format::Q4, "").unwrap());
    assert_eq!(plain.loss, None);
    let budget = plain.blob.len() + 1000;
    assert!(compress(&checkpoint, Wanted::Bytes(budget), None, "").unwrap().blob.len() <= budget);
    let error = compress(&checkpoint, Wanted::Format(Quant::Q4), Some(&text[..1]), "").unwrap_err().to_string();
    assert!(error.contains("give more of it"), "{error}");
}

#[test]
fn weights_that_training_has_rounded_stay_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let (mut checkpoint, text) = checkpoint_and_text(dir.path());
    for spec in checkpoint.weights.config.tensors().filter(|spec| spec.role.is_matrix()) {
        let values = checkpoint.weights.tensor_mut(&spec).unwrap();
        let rounded = quantize_rows(values, spec.cols, Format::Q4).values();
        values.copy_from_slice(&rounded);
    }
    let blob = BlobFile::new(&compress(&checkpoint, Wanted::Format(Quant::Q4), Some(&text), "").unwrap().blob);
    let exported = weights_of(&blob.model().unwrap());
    for spec in exported.config.tensors().filter(|spec| spec.role.is_matrix()) {
        assert_eq!(exported.tensor(&spec), checkpoint.weights.tensor(&spec), "{spec:?}");
    }
}
