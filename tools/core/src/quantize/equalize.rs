//! Makes all elements of keys and values equally large, so that signed bytes with one scale hold them well.
//!
//! A key's element can be multiplied by any factor if the query's is divided by it, and a value's if
//! the column of the output matrix that reads it is: the model stays the same function. With the same
//! expected magnitude everywhere, no element is lost in the rounding that the largest one asks for.
//! The magnitudes are estimated from the weights alone, taking the normalised input as noise of
//! unit variance.

use embedded_gpt::Config;
use embedded_gpt::config::Position;
use embedded_gpt::format::tensor::Role;

use crate::weights::Weights;

/// The tensors of a layer with which keys and values are what this module takes them for.
const KNOWN: [Role; 18] = [
    Role::AttnNormGain,
    Role::AttnNormBias,
    Role::Query,
    Role::QueryBias,
    Role::Key,
    Role::KeyBias,
    Role::Value,
    Role::ValueBias,
    Role::AttnOut,
    Role::AttnOutBias,
    Role::MlpNormGain,
    Role::MlpNormBias,
    Role::Gate,
    Role::GateBias,
    Role::Up,
    Role::UpBias,
    Role::Down,
    Role::DownBias,
];

/// Equalizes keys and values of every layer, exactly up to float rounding; values alone if something stands between
/// a key's matrix and its product with a query.
pub fn equalize_keys_and_values(weights: &mut Weights) {
    let config = weights.config;
    let in_layers = |role: &Role| role.is_in_layers();
    let are_keys_known = config.tensors().map(|spec| spec.role).filter(in_layers).all(|role| KNOWN.contains(&role));
    for layer in 0..config.n_layer {
        if are_keys_known {
            equalize_keys(&config, weights, layer);
        }
        equalize_values(&config, weights, layer);
    }
}

fn equalize_keys(config: &Config, weights: &mut Weights, layer: usize) {
    let sizes = output_sizes(weights, Role::Key, layer);
    // Elements that a rotation mixes must share a factor.
    let period = if config.position == Position::Rotary { config.head_dim / 2 } else { config.head_dim };
    let mates = |row: usize| {
        let head = row / config.head_dim * config.head_dim;
        (head + row % config.head_dim % period..head + config.head_dim).step_by(period)
    };
    let factors = (0..sizes.len()).map(|row| factor(root_mean_square(mates(row).map(|mate| sizes[mate]))));
    let factors: Vec<f32> = factors.collect();
    let group = config.n_head / config.n_kv_head;
    for (row, &factor) in factors.iter().enumerate() {
        scale_row(weights, Role::Key, layer, row, factor);
        let (kv_head, element) = (row / config.head_dim, row % config.head_dim);
        for head in kv_head * group..(kv_head + 1) * group {
            scale_row(weights, Role::Query, layer, head * config.head_dim + element, 1.0 / factor);
        }
    }
}

fn equalize_values(config: &Config, weights: &mut Weights, layer: usize) {
    let sizes = output_sizes(weights, Role::Value, layer);
    let group = config.n_head / config.n_kv_head;
    for (row, &size) in sizes.iter().enumerate() {
        let factor = factor(size);
        scale_row(weights, Role::Value, layer, row, factor);
        let (kv_head, element) = (row / config.head_dim, row % config.head_dim);
        let Some(output) = weights.get_mut(Role::AttnOut, layer) else { continue };
        for head in kv_head * group..(kv_head + 1) * group {
            let column = head * config.head_dim + element;
            output.iter_mut().skip(column).step_by(config.query_dim()).for_each(|w| *w /= factor);
        }
    }
}

/// Expected root mean square of each output of a matrix whose input is the norm's gain times unit noise.
fn output_sizes(weights: &Weights, role: Role, layer: usize) -> Vec<f32> {
    let gain = weights.get(Role::AttnNormGain, layer).unwrap_or_default();
    let bias = |row: usize| weights.get(role.bias(), layer).map_or(0.0, |bias| bias[row]);
    let rows = weights.get(role, layer).unwrap_or_default().chunks_exact(gain.len()).enumerate();
    rows.map(|(row, w)| {
        let variance: f32 = w.iter().zip(gain).map(|(w, g)| (w * g).powi(2)).sum();
        (variance + f32::powi(bias(row), 2)).sqrt()
    })
    .collect()
}

fn root_mean_square(values: impl Iterator<Item = f32> + Clone) -> f32 {
    let n = values.clone().count().max(1) as f32;
    (values.map(|v| v * v).sum::<f32>() / n).sqrt()
}

/// Factor that takes `size` to 1, in the middle of what the cache can hold, within limits that keep weights sane.
fn factor(size: f32) -> f32 {
    if size > 0.0 { (1.0 / size).clamp(1.0 / 1024.0, 1024.0) } else { 1.0 }
}

fn scale_row(weights: &mut Weights, role: Role, layer: usize, row: usize, factor: f32) {
    let n_in = weights.config.n_embd;
    let Some(matrix) = weights.get_mut(role, layer) else { return };
    matrix[row * n_in..][..n_in].iter_mut().for_each(|w| *w *= factor);
    if let Some(bias) = weights.get_mut(role.bias(), layer) {
        bias[row] *= factor;
    }
}
