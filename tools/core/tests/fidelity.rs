//! Blobs beside the checkpoints that they were made from.

use std::ops::Range;
use std::path::Path;

use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::Checkpoint;
use egpt_core::export::blob_of;
use egpt_core::measure::bits_per_byte::{of_blob, of_weights};
use egpt_core::measure::fidelity::{Fidelity, written};
use egpt_core::measure::token_stream::TokenStream;
use egpt_core::tokenizer::{TrainSettings, train};
use egpt_core::weights::Weights;
use egpt_core::weights::random::{gpt2_config, llama_config};
use embedded_gpt::Config;
use embedded_gpt::format::tensor::{Format, Role};

const TEXT: &str = "one two three, four\n\nfive six, seven and eight are the numbers of today\n";

/// A random model whose vocabulary is bytes.
fn toy(dir: &Path, config: Config) -> Checkpoint {
    let path = dir.join("tokenizer.json");
    let n_vocab = train(["aa bb"].into_iter(), TrainSettings { n_vocab: 257, ..Default::default() }, &path).unwrap();
    let weights = Weights::random(config.with(|c| c.n_vocab = n_vocab), 3);
    Checkpoint { weights, special: Default::default(), tokenizer: Some(path) }
}

fn blob(checkpoint: &Checkpoint) -> BlobFile {
    BlobFile::new(&blob_of(checkpoint, |_| Format::Q8, "").unwrap())
}

fn compare(checkpoint: &Checkpoint, blob: &BlobFile) -> anyhow::Result<Fidelity> {
    Fidelity::on_text(checkpoint, &blob.model().unwrap(), TEXT)
}

#[test]
fn both_need_the_bits_that_each_needs_alone() {
    let dir = tempfile::tempdir().unwrap();
    for config in [gpt2_config(), llama_config()] {
        let checkpoint = toy(dir.path(), config);
        let blob = blob(&checkpoint);
        let model = blob.model().unwrap();
        let stream = TokenStream::new(TEXT, &model.vocab());
        let exact = of_weights(&checkpoint.weights, &stream, config.n_ctx).unwrap();
        let rounded = of_blob(&model, &stream, config.n_ctx).unwrap();
        let fidelity = compare(&checkpoint, &blob).unwrap();
        assert!((fidelity.bits_per_byte_reference / exact.bits_per_byte - 1.0).abs() < 1e-5, "{fidelity:?} {exact:?}");
        assert!((fidelity.bits_per_byte_blob / rounded.bits_per_byte - 1.0).abs() < 1e-9, "{fidelity:?} {rounded:?}");
        assert_eq!(fidelity.n_tokens, exact.n_tokens);
        assert!((1e-6..0.01).contains(&fidelity.mean_kl) && fidelity.top1_agreement > 0.9, "{fidelity:?}");
        let with_threads = |n| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
            pool.install(|| compare(&checkpoint, &blob).unwrap())
        };
        assert_eq!([with_threads(1), with_threads(5)], [fidelity; 2]);
    }
}

#[test]
fn what_the_trainer_does_not_know_is_compared_with_the_slow_reference() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoint = toy(dir.path(), llama_config().with(|c| c.qk_norm = true));
    let fidelity = compare(&checkpoint, &blob(&checkpoint)).unwrap();
    assert!((1e-6..0.01).contains(&fidelity.mean_kl), "{fidelity:?}");
}

#[test]
fn another_models_blob_is_refused_or_diverges() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoint = toy(dir.path(), llama_config());
    let refused = |checkpoint: &Checkpoint, reason: &str| {
        let other = blob(checkpoint);
        let error = compare(&toy(dir.path(), llama_config()), &other).unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains("another checkpoint"), "{error}");
    };
    refused(&toy(dir.path(), gpt2_config()), "another shape");
    let mut longer = checkpoint.clone();
    longer.weights.extend_vocab(258);
    let learned = |text: &str| {
        let path = dir.path().join(format!("{text}.json"));
        let settings = TrainSettings { n_vocab: 258, ..Default::default() };
        assert_eq!(train([text].into_iter(), settings, &path).unwrap(), 258);
        Checkpoint { tokenizer: Some(path), ..longer.clone() }
    };
    refused(&learned("th th th"), "the blob has 258 tokens and the checkpoint 257");
    let error = compare(&learned("th th th"), &blob(&learned("se se se"))).unwrap_err().to_string();
    assert!(error.contains("encodes the text otherwise"), "{error}");

    let weights = Weights::random(checkpoint.weights.config, 4);
    let other = blob(&Checkpoint { weights, ..checkpoint.clone() });
    let fidelity = compare(&checkpoint, &other).unwrap();
    assert!(fidelity.mean_kl > 0.5 && fidelity.top1_agreement < 0.5, "{fidelity:?}");
}

/// Gives keys whose element of a half of a head is among `elements`, and every other value, a large constant. The bias
/// behind attention takes away what the values add, so that all else is of the size that it was.
fn add_constants(weights: &mut Weights, constant: f32, elements: &Range<usize>) {
    let Config { head_dim, n_head, n_layer, .. } = weights.config;
    let value = |element: usize| if element.is_multiple_of(2) { constant } else { 0.0 };
    for layer in 0..n_layer {
        for (row, bias) in weights.get_mut(Role::KeyBias, layer).unwrap().iter_mut().enumerate() {
            *bias = if elements.contains(&(row % (head_dim / 2))) { constant } else { *bias };
        }
        let values = weights.get_mut(Role::ValueBias, layer).unwrap();
        values.iter_mut().enumerate().for_each(|(row, bias)| *bias = value(row % head_dim));
        let rows = weights.get(Role::AttnOut, layer).unwrap().chunks_exact(n_head * head_dim);
        let added = rows.map(|row| (0..).zip(row).map(|(column, w)| w * value(column % head_dim)).sum());
        let added: Vec<f32> = added.collect();
        let biases = weights.get_mut(Role::AttnOutBias, layer).unwrap();
        biases.iter_mut().zip(added).for_each(|(bias, added)| *bias -= added);
    }
}

/// In GPT-2 all constants of keys can be taken out, with rotary positions those of a pair that hardly turns.
#[test]
fn large_constants_of_keys_and_values_cost_no_bits() {
    let dir = tempfile::tempdir().unwrap();
    let rotary = llama_config().with(|c| (c.bias, c.rope_theta) = (true, 1e6));
    for (config, elements) in [(gpt2_config(), 0..3), (rotary, 3..4)] {
        let kl = |constant| {
            let mut checkpoint = toy(dir.path(), config);
            add_constants(&mut checkpoint.weights, constant, &elements);
            compare(&checkpoint, &blob(&checkpoint)).unwrap().mean_kl
        };
        let (without, with) = (kl(0.0), kl(200.0));
        assert!(with < 3.0 * without, "{with} {without}");
    }
}

#[test]
fn a_model_writes_what_it_finds_likely() {
    let dir = tempfile::tempdir().unwrap();
    let checkpoint = toy(dir.path(), llama_config());
    let blob = blob(&checkpoint);
    let model = blob.model().unwrap();
    let own = written(&checkpoint.weights, &model.vocab(), 100);
    assert_eq!((own.tokens.len(), &own), (101, &written(&checkpoint.weights, &model.vocab(), 100)));
    let bits = |stream| Fidelity::on_tokens(&checkpoint.weights, &model, stream).unwrap().bits_per_byte_reference;
    let text = TokenStream::new(TEXT, &model.vocab());
    assert!(own.n_bytes > 0 && bits(&own) < bits(&text), "{} {}", bits(&own), bits(&text));
}
