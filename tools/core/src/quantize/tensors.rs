//! Rounds a model's matrices, by what enters them where that is known.

use embedded_gpt::format::tensor::{Role, TensorSpec};

use super::codes::{Quantized, quantize_rows};
use super::equalize::equalize_keys_and_values;
use super::gptq::{self, Settings};
use super::quant::Quant;
use crate::measure::moments::{ModelMoments, Moments};
use crate::weights::Weights;

/// Share of the mean moment that is added for the rows of a table that is looked up as well as multiplied: there,
/// all columns count alike.
const LOOK_UP: f64 = 1.0;

/// Rounds one matrix of a model; with the moments of its input if there are any, to the nearest codes otherwise.
///
/// # Panics
/// If the model has no such matrix.
pub fn quantize_tensor(
    weights: &Weights,
    spec: &TensorSpec,
    quant: Quant,
    moments: Option<&ModelMoments>,
) -> Quantized {
    let values = weights.tensor(spec).expect("a matrix of the model");
    match moments.map(|moments| metric(weights, spec, moments)) {
        Some(metric) => gptq::round_matrix(values, quant.codes(), &metric, &Settings::default()),
        None => quantize_rows(values, spec.cols, quant),
    }
}

/// What the errors of a row's columns cost, alone and together.
fn metric(weights: &Weights, spec: &TensorSpec, moments: &ModelMoments) -> Moments {
    match moments.input_of(spec.role, spec.layer) {
        Some(inputs) if spec.role == Role::TokenEmbedding && !weights.config.has(Role::Head) => {
            let mut inputs = inputs.clone();
            inputs.damp(LOOK_UP);
            inputs
        }
        Some(inputs) if spec.role != Role::TokenEmbedding => inputs.clone(),
        _ => Moments::identity(spec.cols),
    }
}

/// Replaces a matrix of a model by what its rounded form stands for.
///
/// # Panics
/// If the model has no such matrix.
pub fn put_values(weights: &mut Weights, spec: &TensorSpec, rounded: &Quantized) {
    weights.tensor_mut(spec).expect("a matrix of the model").copy_from_slice(&rounded.values(spec.cols));
}

/// Whether a training has rounded all matrices already, so that they are to stay as they are.
pub fn is_quantized(weights: &Weights, quant: Quant) -> bool {
    matrices(weights).all(|spec| {
        let values = weights.tensor(&spec).unwrap_or_default();
        // One row tells nearly always.
        let is_same = |values: &[f32]| quantize_rows(values, spec.cols, quant).values(spec.cols) == values;
        values.len() == spec.rows * spec.cols && is_same(&values[..spec.cols]) && is_same(values)
    })
}

/// A model as it is rounded best: the same function, with keys and values of even size.
///
/// One that a training has rounded stays as it is.
pub fn equalized(weights: &Weights) -> Weights {
    let mut weights = weights.clone();
    if !Quant::all().any(|quant| is_quantized(&weights, quant)) {
        equalize_keys_and_values(&mut weights);
    }
    weights
}

/// The matrices of a model, in the order of the blob.
pub fn matrices(weights: &Weights) -> impl Iterator<Item = TensorSpec> + use<> {
    weights.config.tensors().filter(|spec| spec.role.is_matrix())
}
