//! A model's matrices in the formats of a blob: all in one, or each in what it needs for a budget.

use anyhow::{Result, anyhow};
use embedded_gpt::format::tensor::{Role, TensorSpec};

use super::allocate::{Group, choose};
use super::calibration::Calibration;
use super::codes::Quantized;
use super::quant::Quant;
use super::tensors::{equalized, matrices, put_values, quantize_tensor};
use crate::measure::divergence::Original;
use crate::progress::Progress;
use crate::weights::Weights;

/// A matrix of a model, rounded.
#[derive(Clone, Debug)]
pub struct QuantizedTensor {
    pub spec: TensorSpec,
    pub quant: Quant,
    pub matrix: Quantized,
    /// What 4 bits for it, or for those that share its input, add to the loss, in nats per token, where that was
    /// measured.
    pub loss_at_q4: Option<f64>,
}

/// All matrices in one format.
pub fn in_one_format(weights: &Weights, quant: Quant, calibration: Option<&Calibration>) -> Vec<QuantizedTensor> {
    let specs: Vec<_> = matrices(weights).collect();
    let progress = Progress::new("matrices quantized", specs.len());
    let round = |spec| {
        let matrix = quantize_tensor(weights, &spec, quant, calibration.map(|c| &c.moments));
        progress.advance(1);
        QuantizedTensor { spec, quant, matrix, loss_at_q4: None }
    };
    specs.into_iter().map(round).collect()
}

/// The model with all matrices rounded to a format by what matters for a text in tokens. They are rounded to the
/// nearest codes if the text is too short to tell.
///
/// # Errors
/// If the text holds tokens that the model has not.
pub fn quantized(weights: &Weights, quant: Quant, text: &[u16]) -> Result<Weights> {
    let mut weights = equalized(weights);
    let calibration = Calibration::of_tokens(&weights, text)?;
    for tensor in in_one_format(&weights, quant, calibration.as_ref()) {
        put_values(&mut weights, &tensor.spec, &tensor.matrix);
    }
    Ok(weights)
}

/// Of matrices in 4 bits, `small`, as few as it takes to save `needed` bytes, of which a matrix saves `saves`; the
/// others in 8.
///
/// Without calibration, what 4 bits cost is taken to be the share of a matrix that is lost.
///
/// # Errors
/// If the model and the calibration do not fit together, or 4 bits everywhere save less.
pub fn within_budget(
    weights: &Weights,
    small: Vec<QuantizedTensor>,
    calibration: Option<&Calibration>,
    needed: usize,
    saves: impl Fn(&TensorSpec) -> usize,
) -> Result<Vec<QuantizedTensor>> {
    let mut groups = groups_of(small, saves);
    measure(weights, calibration, &mut groups)?;
    let is_small =
        choose(&groups, needed).map_err(|missing| anyhow!("4 bits everywhere save {missing} bytes too few"))?;
    let mut chosen = Vec::new();
    for (group, is_small) in groups.into_iter().zip(is_small) {
        let loss_at_q4 = calibration.map(|_| group.loss);
        for tensor in group.tensors {
            let tensor = if is_small { tensor } else { in_eight_bits(weights, &tensor.spec, calibration) };
            chosen.push(QuantizedTensor { loss_at_q4, ..tensor });
        }
    }
    Ok(chosen)
}

fn in_eight_bits(weights: &Weights, spec: &TensorSpec, calibration: Option<&Calibration>) -> QuantizedTensor {
    let matrix = quantize_tensor(weights, spec, Quant::Q8, calibration.map(|c| &c.moments));
    QuantizedTensor { spec: *spec, quant: Quant::Q8, matrix, loss_at_q4: None }
}

/// Neighbours in the blob that share their input, and so the device's rounding of it.
fn groups_of(tensors: Vec<QuantizedTensor>, saves: impl Fn(&TensorSpec) -> usize) -> Vec<Group<QuantizedTensor>> {
    let mut groups: Vec<Group<QuantizedTensor>> = Vec::new();
    for tensor in tensors {
        let saves = saves(&tensor.spec);
        match groups.last_mut() {
            Some(group) if share_input(&group.tensors[0].spec, &tensor.spec) => {
                group.saves += saves;
                group.tensors.push(tensor);
            }
            _ => groups.push(Group { tensors: vec![tensor], saves, loss: 0.0 }),
        }
    }
    groups
}

fn share_input(a: &TensorSpec, b: &TensorSpec) -> bool {
    let input = |role| match role {
        Role::Query | Role::Key | Role::Value => Some(0),
        Role::Gate | Role::Up => Some(1),
        _ => None,
    };
    a.layer == b.layer && input(a.role).is_some() && input(a.role) == input(b.role)
}

/// Finds out what each group costs when it alone is rounded.
fn measure(weights: &Weights, calibration: Option<&Calibration>, groups: &mut [Group<QuantizedTensor>]) -> Result<()> {
    let Some(calibration) = calibration else {
        groups.iter_mut().for_each(|group| group.loss = lost_share(weights, &group.tensors));
        return Ok(());
    };
    let original = Original::new(weights, &calibration.held_out)?;
    let progress = Progress::new("measuring what 4 bits cost", groups.len());
    for group in groups {
        let mut changed = weights.clone();
        group.tensors.iter().for_each(|tensor| put_values(&mut changed, &tensor.spec, &tensor.matrix));
        group.loss = original.divergence(&changed)?;
        progress.advance(1);
    }
    Ok(())
}

/// Squared error of the rounded matrices in relation to their squares.
fn lost_share(weights: &Weights, tensors: &[QuantizedTensor]) -> f64 {
    let (mut lost, mut all) = (0.0, 0.0);
    for tensor in tensors {
        let exact = weights.tensor(&tensor.spec).unwrap_or_default();
        for (&exact, rounded) in exact.iter().zip(tensor.matrix.values(tensor.spec.cols)) {
            lost += f64::from(exact - rounded).powi(2);
            all += f64::from(exact).powi(2);
        }
    }
    if all > 0.0 { lost / all } else { 0.0 }
}
