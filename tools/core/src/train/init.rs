//! Random starting weights after GPT-2.

use anyhow::Result;
use embedded_gpt::Config;
use embedded_gpt::format::tensor::Role;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::network::params::Layout;
use crate::weights::Weights;

const STANDARD_DEVIATION: f32 = 0.02;

/// Weights for the start of a training: matrices from N(0, 0.02²), gains 1, biases 0.
///
/// The projections that end on the residual stream are scaled by `1 / sqrt(2 · n_layer)`
/// so that the stream's variance does not grow with depth (Radford et al. 2019).
///
/// # Errors
/// When the sizes of `config` contradict each other.
pub fn random_weights(config: &Config, seed: u64) -> Result<Weights> {
    let layout = Layout::new(config)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut values = vec![0.0; layout.len];
    let residual = STANDARD_DEVIATION / (2.0 * config.n_layer as f32).sqrt();
    for tensor in &layout.tensors {
        let slot = &mut values[tensor.range.clone()];
        match tensor.spec.role {
            Role::AttnOut | Role::Down => fill_normal(slot, residual, &mut rng),
            role if role.is_matrix() => fill_normal(slot, STANDARD_DEVIATION, &mut rng),
            role if role.is_gain() => slot.fill(1.0),
            _ => {}
        }
    }
    Ok(layout.unflatten(&values))
}

/// Box–Muller: two normal values from two uniform draws.
fn fill_normal(values: &mut [f32], deviation: f32, rng: &mut ChaCha8Rng) {
    for pair in values.chunks_mut(2) {
        // 1 − u lies in (0, 1], where the logarithm is finite.
        let radius = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt();
        let angle = std::f64::consts::TAU * rng.random::<f64>();
        for (value, unit) in pair.iter_mut().zip([angle.cos(), angle.sin()]) {
            *value = (radius * unit) as f32 * deviation;
        }
    }
}
