//! The runtime against the slow f32 reference, for every variant of the model family.

mod fixture;

use egpt::reference::Reference;
use embedded_gpt::{Kv, Session};
use fixture::{Memory, model, tokens, variants};

/// Largest share of the logits' variance that eight-bit weights and cache may cost
/// random models, which quantize worse than trained ones.
const NOISE_INT8: f64 = 0.001;
/// The same with an f16 cache.
const NOISE_F16: f64 = 0.001;

fn mean_square(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0), |(sum, n), v| (sum + v * v, n + 1));
    sum / f64::from(n)
}

/// Error power over signal power of the logits of 16 steps.
fn noise(config: embedded_gpt::Config, kv: Kv) -> f64 {
    let (weights, blob) = model(config, 7);
    let mut memory = Memory::exact(&config, config.n_ctx, kv);
    let parsed = blob.model().unwrap();
    let mut session = Session::with_kv(&parsed, config.n_ctx, kv, memory.buffers()).unwrap();
    let mut reference = Reference::new(&weights);
    let (mut signal, mut error) = (Vec::new(), Vec::new());
    for token in tokens(config.n_ctx) {
        let right = reference.step(token);
        let logits = session.step(token).unwrap();
        error.extend(logits.values().iter().zip(right).map(|(a, b)| f64::from(a - b)));
        signal.extend(right.iter().map(|&v| f64::from(v)));
    }
    mean_square(error.into_iter()) / mean_square(signal.into_iter())
}

#[test]
fn logits_are_close_to_the_reference() {
    for (name, config) in variants() {
        for (kv, limit) in [(Kv::Int8, NOISE_INT8), (Kv::F16, NOISE_F16)] {
            let noise = noise(config, kv);
            println!("{name}, {kv:?}: {noise:.5}");
            assert!(noise < limit, "{name}, {kv:?}: noise {noise}");
            assert!(noise > 0.0, "{name}: the reference itself cannot be quantized");
        }
    }
}
