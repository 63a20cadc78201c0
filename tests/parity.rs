//! The runtime against the slow f32 reference, for every variant of the model family.

mod fixture;

use egpt_core::blob_file::BlobFile;
use egpt_core::export::weights_of;
use egpt_core::reference::Reference;
use egpt_core::weights::Weights;
use embedded_gpt::format::tensor::Format;
use embedded_gpt::{Logits, Session};
use fixture::{Memory, blob, model, tokens, variants};

/// Largest share of the logits' variance that eight-bit weights and cache may cost
/// random models, which quantize worse than trained ones.
const NOISE_Q8: f64 = 0.001;

/// Largest share that 8-bit activations may cost; 4-bit weights are multiplied by them.
const NOISE_Q4_ACTIVATIONS: f64 = 0.002;
/// Largest share for wide random models, whose attention is so sharp that rounded keys change whom it looks at.
const NOISE_WIDE: f64 = 0.01;

fn mean_square(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0), |(sum, n), v| (sum + v * v, n + 1));
    sum / f64::from(n)
}

/// Error power over signal power of the logits of a whole context.
fn noise(blob: &BlobFile, right: &Weights) -> f64 {
    let model = blob.model().unwrap();
    let config = *model.config();
    let mut memory = Memory::exact(&config, config.n_ctx);
    let mut session = Session::new(&model, config.n_ctx, memory.buffers()).unwrap();
    let mut reference = Reference::new(right);
    let (mut signal, mut error) = (Vec::new(), Vec::new());
    for token in tokens(config.n_ctx) {
        let right = reference.step(token);
        let logits = session.step(token).unwrap();
        let scores = logits.values().iter().map(|&v| f64::from(v) / f64::from(Logits::ONE));
        error.extend(scores.zip(right).map(|(a, &b)| a - f64::from(b)));
        signal.extend(right.iter().map(|&v| f64::from(v)));
    }
    mean_square(error.into_iter()) / mean_square(signal.into_iter())
}

#[test]
fn logits_are_close_to_the_reference() {
    for (name, config) in variants() {
        let (weights, blob) = model(config, 7);
        let noise = noise(&blob, &weights);
        println!("{name}: {noise:.5}");
        assert!(noise < NOISE_Q8, "{name}: noise {noise}");
        assert!(noise > 0.0, "{name}: the reference itself cannot be quantized");
    }
}

/// Against the weights that are in the blob, only activations and cache are rounded.
#[test]
fn four_bit_weights_are_computed_with_exactly() {
    for (name, config) in variants() {
        let weights = Weights::random(config, 7);
        let blob = blob(&weights, Format::Q4);
        let noise = noise(&blob, &weights_of(&blob.model().unwrap()));
        println!("{name}, q4: {noise:.5}");
        assert!(noise < NOISE_Q4_ACTIVATIONS, "{name}: noise {noise}");
    }
}

/// Shapes of which no dimension is a multiple of what tiles and kernels pad to.
#[test]
fn every_width_is_computed_with_exactly() {
    let widths = [(1, 1, 2), (5, 20, 2), (20, 5, 10), (172, 33, 6), (33, 172, 14), (16, 48, 16)];
    for (n_embd, n_ff, head_dim) in widths {
        for (_, variant) in variants().into_iter().take(4) {
            // A LayerNorm of one element is its bias, whatever comes in.
            if n_embd == 1 && variant.norm == embedded_gpt::config::Norm::LayerNorm {
                continue;
            }
            let config = variant.with(|c| {
                c.n_embd = n_embd;
                c.n_ff = n_ff;
                c.head_dim = head_dim;
            });
            let weights = Weights::random(config, 8);
            for format in [Format::Q8, Format::Q4] {
                let blob = blob(&weights, format);
                let noise = noise(&blob, &weights_of(&blob.model().unwrap()));
                println!("{n_embd}, {n_ff}, {head_dim}, {format:?}: {noise:.6}");
                assert!(noise < NOISE_WIDE, "{config:?}, {format:?}: noise {noise}");
            }
        }
    }
}
