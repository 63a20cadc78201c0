//! Bits per byte of weights and of blobs against the reference forward, and against each other.

use egpt_core::blob_file::BlobFile;
use egpt_core::export::write_blob;
use egpt_core::measure::bits_per_byte::{of_blob, of_weights};
use egpt_core::measure::token_stream::TokenStream;
use egpt_core::reference::Reference;
use egpt_core::tokenizer::{TrainSettings, train, vocab_section};
use egpt_core::weights::Weights;
use egpt_core::weights::random::{gpt2_config, llama_config};
use embedded_gpt::Config;
use embedded_gpt::format::tensor::Format;

/// A vocabulary of bytes with `<|endoftext|>`, and a random model for it.
fn toy(config: Config) -> (Weights, BlobFile) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tokenizer.json");
    let n_vocab = train(["aa bb"].into_iter(), TrainSettings { n_vocab: 257, ..Default::default() }, &path).unwrap();
    let section = vocab_section(&path, n_vocab, Default::default()).unwrap();
    let weights = Weights::random(config.with(|c| c.n_vocab = n_vocab), 3);
    let blob = write_blob(&weights, |_| Format::Q8, &section, "").unwrap();
    (weights, BlobFile::new(&blob))
}

#[test]
fn documents_are_separated_as_in_training() {
    let (_, blob) = toy(gpt2_config());
    let vocab = blob.model().unwrap().vocab();
    let end = vocab.end_of_text().unwrap();
    let stream = TokenStream::new("\nab\nc\n\n\n\nd\n", &vocab);
    let separators: Vec<_> = stream.tokens.iter().map(|&token| token == end).collect();
    assert_eq!(separators, [true, false, false, false, false, true, false, true]);
    assert_eq!(stream.n_bytes, "ab\nc".len() + "d".len());
}

#[test]
fn a_text_within_the_context_costs_what_the_reference_says() {
    let (weights, blob) = toy(llama_config());
    let stream = TokenStream::new("hello world", &blob.model().unwrap().vocab());
    let expected = Reference::new(&weights).bits_per_byte(&stream.tokens, stream.n_bytes);
    let loss = of_weights(&weights, &stream, 16).unwrap();
    assert!((loss.bits_per_byte - expected).abs() < 1e-4, "{} instead of {expected}", loss.bits_per_byte);
    assert_eq!(loss.n_tokens, stream.tokens.len() - 1);
    let perplexity = (expected * std::f64::consts::LN_2 * 11.0 / 12.0).exp();
    assert!((loss.perplexity / perplexity - 1.0).abs() < 1e-3, "{} instead of {perplexity}", loss.perplexity);
}

#[test]
fn blob_and_weights_read_long_texts_in_the_same_windows() {
    for config in [gpt2_config(), llama_config()] {
        let (weights, blob) = toy(config);
        let model = blob.model().unwrap();
        let stream = TokenStream::new(&"one two three, four\n\nfive six\n".repeat(6), &model.vocab());
        for context in [1, 5, 16] {
            let exact = of_weights(&weights, &stream, context).unwrap();
            let with_threads = |n| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
                pool.install(|| of_blob(&model, &stream, context).unwrap())
            };
            let rounded = with_threads(1);
            assert_eq!(rounded, with_threads(2));
            assert_eq!(rounded, with_threads(5));
            assert_eq!(rounded.n_tokens, exact.n_tokens);
            let ratio = rounded.bits_per_byte / exact.bits_per_byte;
            assert!((ratio - 1.0).abs() < 0.02, "{exact:?} {rounded:?}");
        }
        assert!(of_blob(&model, &stream, 17).is_err() && of_weights(&weights, &stream, 0).is_err());
    }
}

#[test]
fn a_text_without_tokens_is_refused() {
    let (weights, blob) = toy(gpt2_config());
    let empty = TokenStream::new("\n", &blob.model().unwrap().vocab());
    assert!(of_weights(&weights, &empty, 16).unwrap_err().to_string().contains("too short"));
}
