//! Makes all elements of keys and values equally large, so that signed bytes with one scale hold them well.
//!
//! A key's element can be multiplied by any factor if the query's is divided by it, and a value's if
//! the column of the output matrix that reads it is: the model stays the same function. With the same
//! expected magnitude everywhere, no element is lost in the rounding that the largest one asks for.
//! The magnitudes are estimated from the weights alone, taking the normalised input as noise of
//! unit variance.

use embedded_gpt::{Config, Position};

use crate::weights::{LayerWeights, Linear, Weights};

/// Equalizes keys and values of every layer, exactly up to float rounding.
pub fn equalize_keys_and_values(weights: &mut Weights) {
    let config = weights.config;
    for layer in &mut weights.layers {
        equalize_keys(&config, layer);
        equalize_values(&config, layer);
    }
}

fn equalize_keys(config: &Config, layer: &mut LayerWeights) {
    let sizes = output_sizes(&layer.key, &layer.attn_norm.gain);
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
        scale_row(&mut layer.key, row, factor);
        let (kv_head, element) = (row / config.head_dim, row % config.head_dim);
        for head in kv_head * group..(kv_head + 1) * group {
            scale_row(&mut layer.query, head * config.head_dim + element, 1.0 / factor);
        }
    }
}

fn equalize_values(config: &Config, layer: &mut LayerWeights) {
    let sizes = output_sizes(&layer.value, &layer.attn_norm.gain);
    let group = config.n_head / config.n_kv_head;
    for (row, &size) in sizes.iter().enumerate() {
        let factor = factor(size);
        scale_row(&mut layer.value, row, factor);
        let (kv_head, element) = (row / config.head_dim, row % config.head_dim);
        for head in kv_head * group..(kv_head + 1) * group {
            let column = head * config.head_dim + element;
            layer.attn_out.weight.iter_mut().skip(column).step_by(layer.attn_out.n_in).for_each(|w| *w /= factor);
        }
    }
}

/// Expected root mean square of each output of a layer whose input is `gain` times unit noise.
fn output_sizes(linear: &Linear, gain: &[f32]) -> Vec<f32> {
    let bias = |row| linear.bias.as_ref().map_or(0.0, |bias: &Vec<f32>| bias[row]);
    let rows = linear.weight.chunks_exact(linear.n_in).enumerate();
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

fn scale_row(linear: &mut Linear, row: usize, factor: f32) {
    linear.weight[row * linear.n_in..][..linear.n_in].iter_mut().for_each(|w| *w *= factor);
    if let Some(bias) = &mut linear.bias {
        bias[row] *= factor;
    }
}
