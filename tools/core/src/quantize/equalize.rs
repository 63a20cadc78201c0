//! Makes all elements of keys and values equally large, so that signed bytes with one scale hold them well.
//!
//! What is the same at all positions is taken out first, because large constants would leave few of the eight bits
//! to what differs. Of keys it adds the same to all scores of a query, and cancels in the softmax. Of values it comes
//! through attention unchanged, and goes into the bias behind it. Rotary positions turn keys, so there only elements
//! that hardly turn within the context have a constant to take out.
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

/// Largest of a head's elements where all are noise of the same size, in multiples of that.
const PEAK: f32 = 2.5;
/// Angle in radians over the whole context below which an element of a key counts as constant: what the turn adds to
/// scores is less than what rounding the constant to a byte would.
const STILL: f32 = 1.0 / 500.0;

/// Takes constants out of the keys and values of every layer and equalizes them; out of values alone if something
/// stands between a key's matrix and its product with a query. The model stays the same function, up to float rounding
/// and to the turns of elements that hardly turn.
pub fn equalize_keys_and_values(weights: &mut Weights) {
    let config = weights.config;
    let in_layers = |role: &Role| role.is_in_layers();
    let are_keys_known = config.tensors().map(|spec| spec.role).filter(in_layers).all(|role| KNOWN.contains(&role));
    for layer in 0..config.n_layer {
        if are_keys_known {
            take_constants_from_keys(&config, weights, layer);
            equalize_keys(&config, weights, layer);
        }
        take_constants_from_values(&config, weights, layer);
        equalize_values(&config, weights, layer);
    }
}

fn take_constants_from_keys(config: &Config, weights: &mut Weights, layer: usize) {
    let constants = constants(weights, Role::Key, layer);
    let Some(bias) = weights.get_mut(Role::KeyBias, layer) else { return };
    for (row, (bias, constant)) in bias.iter_mut().zip(constants).enumerate() {
        if turn(config, row % config.head_dim) <= STILL {
            *bias -= constant;
        }
    }
}

/// Angle in radians by which an element of a key turns over the whole context.
fn turn(config: &Config, element: usize) -> f32 {
    if config.position != Position::Rotary {
        return 0.0;
    }
    let pair = element % (config.head_dim / 2);
    config.n_ctx as f32 * config.rope_theta.powf(-2.0 * pair as f32 / config.head_dim as f32)
}

fn take_constants_from_values(config: &Config, weights: &mut Weights, layer: usize) {
    let constants = constants(weights, Role::Value, layer);
    let Some(bias) = weights.get_mut(Role::ValueBias, layer) else { return };
    bias.iter_mut().zip(&constants).for_each(|(bias, constant)| *bias -= constant);
    let group = config.n_head / config.n_kv_head;
    let mixed: Vec<f32> = constants
        .chunks_exact(config.head_dim)
        .flat_map(|head| std::iter::repeat_n(head, group))
        .flatten()
        .copied()
        .collect();
    let outputs = weights.get(Role::AttnOut, layer).unwrap_or_default().chunks_exact(mixed.len());
    let outputs: Vec<f32> = outputs.map(|row| dot(row, &mixed)).collect();
    let Some(bias) = weights.get_mut(Role::AttnOutBias, layer) else { return };
    bias.iter_mut().zip(outputs).for_each(|(bias, output)| *bias += output);
}

fn equalize_keys(config: &Config, weights: &mut Weights, layer: usize) {
    let sizes = output_sizes(weights, Role::Key, layer);
    let constants = constants(weights, Role::Key, layer);
    // Elements that a rotation mixes must share a factor.
    let period = if config.position == Position::Rotary { config.head_dim / 2 } else { config.head_dim };
    let mates = |row: usize| {
        let head = row / config.head_dim * config.head_dim;
        (head + row % config.head_dim % period..head + config.head_dim).step_by(period)
    };
    let factor_of = |row| {
        let noise = root_mean_square(mates(row).map(|mate| sizes[mate]));
        let constant = mates(row).map(|mate| constants[mate].powi(2)).sum::<f32>().sqrt();
        factor(noise + constant / PEAK)
    };
    let factors: Vec<f32> = (0..sizes.len()).map(factor_of).collect();
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
    let constants = constants(weights, Role::Value, layer);
    let group = config.n_head / config.n_kv_head;
    for (row, (size, constant)) in sizes.iter().zip(constants).enumerate() {
        let factor = factor(size + constant.abs() / PEAK);
        scale_row(weights, Role::Value, layer, row, factor);
        let (kv_head, element) = (row / config.head_dim, row % config.head_dim);
        let Some(output) = weights.get_mut(Role::AttnOut, layer) else { continue };
        for head in kv_head * group..(kv_head + 1) * group {
            let column = head * config.head_dim + element;
            output.iter_mut().skip(column).step_by(config.query_dim()).for_each(|w| *w /= factor);
        }
    }
}

/// Expected root mean square of what varies in each output of a matrix that reads the norm's gain times unit noise.
fn output_sizes(weights: &Weights, role: Role, layer: usize) -> Vec<f32> {
    let gain = weights.get(Role::AttnNormGain, layer).unwrap_or_default();
    let rows = weights.get(role, layer).unwrap_or_default().chunks_exact(gain.len());
    rows.map(|row| row.iter().zip(gain).map(|(w, g)| (w * g).powi(2)).sum::<f32>().sqrt()).collect()
}

/// What each output of a matrix has at all positions: its bias, and what comes from the bias of the norm before it.
fn constants(weights: &Weights, role: Role, layer: usize) -> Vec<f32> {
    let bias = weights.get(role.bias(), layer);
    let from_norm = weights.get(Role::AttnNormBias, layer);
    let rows = weights.get(role, layer).unwrap_or_default().chunks_exact(weights.config.n_embd).enumerate();
    rows.map(|(row, w)| bias.map_or(0.0, |bias| bias[row]) + from_norm.map_or(0.0, |norm| dot(w, norm))).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() as f32
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
