//! A whole model to a blob and back.

use embedded_gpt::tensor::{Format, Role, TensorSpec};

use super::*;
use crate::blob_file::BlobFile;
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
        let weights = Weights::random(embedded_gpt::Config { n_vocab, ..config }, 3);
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
