//! Scales of rounded rows that are learned as weights are (LSQ, Esser et al. 2020).
//!
//! A scale of least squared error follows the exact weights; one that is learned follows the loss. It is the
//! scale's logarithm that AdamW moves, so that the steps of all rows are equally large. Its gradient is that of the
//! rounded weights with their codes held, less what the exact weights take of it.

use std::ops::Range;

use super::adamw::{Stretch, Update};
use crate::network::math::{dot, vectorized};
use crate::network::params::Layout;
use crate::quantize::{Quant, best_scale};

/// Learning rate of the scales over that of the weights.
pub const RATE: f32 = 3.0;

/// Logarithms of the scales of all rows, in the layout's order, with AdamW's moments; empty where none are learned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnedScales {
    pub logarithms: Vec<f32>,
    pub first_moment: Vec<f32>,
    pub second_moment: Vec<f32>,
}

/// What a scale's gradient is made of, as [`Layout`] places it.
#[derive(Clone, Copy, Debug)]
pub struct FakeQuantized<'a> {
    pub exact: &'a [f32],
    pub quantized: &'a [f32],
    /// Gradients of the loss by the rounded weights.
    pub gradients: &'a [f32],
    pub quant: Quant,
}

impl LearnedScales {
    /// Begins with the scales of least squared error. A row of zeros, which has none, gets the smallest of all
    /// others: it would stay as it is with a scale of 0.
    pub fn sought(layout: &Layout, params: &[f32], quant: Quant) -> Self {
        let scales: Vec<f32> = rows(layout).map(|row| best_scale(&params[row], quant)).collect();
        let smallest = scales.iter().copied().filter(|&scale| scale > 0.0).reduce(f32::min).unwrap_or(1.0);
        let logarithms: Vec<f32> =
            scales.iter().map(|&scale| if scale > 0.0 { scale } else { smallest }.ln()).collect();
        let zeros = vec![0.0; logarithms.len()];
        Self { logarithms, first_moment: zeros.clone(), second_moment: zeros }
    }

    /// The scale of each row.
    pub fn values(&self) -> impl Iterator<Item = f32> {
        self.logarithms.iter().map(|logarithm| logarithm.exp())
    }

    /// Whether there is one for each row.
    pub fn fits(&self, layout: &Layout) -> bool {
        let n_rows = rows(layout).count();
        [&self.logarithms, &self.first_moment, &self.second_moment].iter().all(|values| values.len() == n_rows)
    }

    /// Moves the scales; nothing where none are learned.
    pub fn update(&mut self, update: Update, layout: &Layout, weights: FakeQuantized) {
        let mut offset = Vec::new();
        let gradients: Vec<f32> =
            rows(layout).zip(self.values()).map(|(row, scale)| gradient(row, scale, weights, &mut offset)).collect();
        update.apply(Stretch {
            values: &mut self.logarithms,
            gradients: &gradients,
            first_moment: &mut self.first_moment,
            second_moment: &mut self.second_moment,
            decays: false,
        });
    }
}

/// The gradient by the logarithm of a row's scale. A clipped weight moves with the scale; one between two codes is
/// pulled to the other.
fn gradient(row: Range<usize>, scale: f32, weights: FakeQuantized, offset: &mut Vec<f32>) -> f32 {
    let (low, high) = weights.quant.codes();
    let (low, high) = (f32::from(low) * scale, f32::from(high) * scale);
    let [exact, quantized, gradients] =
        [weights.exact, weights.quantized, weights.gradients].map(|values| &values[row.clone()]);
    offset.clear();
    offset.resize(exact.len(), 0.0);
    vectorized(
        #[inline(always)]
        || {
            for ((offset, &exact), &quantized) in offset.iter_mut().zip(exact).zip(quantized) {
                *offset = if low < exact && exact < high { quantized - exact } else { quantized };
            }
            dot(gradients, offset)
        },
    )
}

/// The rows of all matrices.
fn rows(layout: &Layout) -> impl Iterator<Item = Range<usize>> {
    let matrices = layout.tensors.iter().filter(|tensor| tensor.is_matrix);
    matrices.flat_map(|tensor| tensor.range.clone().step_by(tensor.cols).map(|start| start..start + tensor.cols))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::adamw::AdamW;
    use crate::train::fake_quant::FakeQuant;
    use crate::weights::Weights;
    use crate::weights::random::llama_config;

    fn layout_and_params() -> (Layout, Vec<f32>) {
        let weights = Weights::random(llama_config(), 2);
        let layout = Layout::new(&weights.config).unwrap();
        let params = layout.flatten(&weights).unwrap();
        (layout, params)
    }

    #[test]
    fn learned_scales_come_to_fit_the_weights() {
        let (layout, exact) = layout_and_params();
        let quant = Quant::Q4;
        let mut scales = LearnedScales::sought(&layout, &exact, quant);
        assert!(scales.fits(&layout));
        let error = |scales: &mut LearnedScales, step: u64| {
            let mut fake_quant = FakeQuant::new(&layout, quant);
            fake_quant.quantize(&layout, &exact, scales, &mut [()]);
            // The gradient of the squared error by the rounded weights.
            let gradients: Vec<f32> =
                fake_quant.params.iter().zip(&exact).map(|(rounded, exact)| rounded - exact).collect();
            let weights = FakeQuantized { exact: &exact, quantized: &fake_quant.params, gradients: &gradients, quant };
            scales.update(AdamW::default().update(step, 0.01, 0.0), &layout, weights);
            gradients.iter().map(|off| f64::from(*off).powi(2)).sum::<f64>()
        };
        let best = error(&mut scales.clone(), 1);
        scales.logarithms.iter_mut().for_each(|logarithm| *logarithm += 0.5);
        let first = error(&mut scales, 1);
        let last = (2..100).map(|step| error(&mut scales, step)).last().unwrap();
        assert!(first > 1.5 * best && last < 1.2 * best, "{best} {first} {last}");
    }

    #[test]
    fn a_row_of_zeros_can_leave_them() {
        let (layout, mut exact) = layout_and_params();
        let row = rows(&layout).nth(1).unwrap();
        exact[row.clone()].fill(0.0);
        let scales = LearnedScales::sought(&layout, &exact, Quant::Q4);
        assert!(scales.values().all(|scale| scale > 0.0 && scale.is_finite()));
        exact[row.clone()].fill(scales.values().nth(1).unwrap());
        let mut fake_quant = FakeQuant::new(&layout, Quant::Q4);
        fake_quant.quantize(&layout, &exact, &scales, &mut [()]);
        assert!(fake_quant.params[row].iter().all(|&rounded| rounded > 0.0));
    }

    #[test]
    fn nothing_but_zeros_is_no_trouble() {
        let (layout, exact) = layout_and_params();
        let zeros = vec![0.0; exact.len()];
        let mut scales = LearnedScales::sought(&layout, &zeros, Quant::Q4);
        let weights = FakeQuantized { exact: &zeros, quantized: &zeros, gradients: &exact, quant: Quant::Q4 };
        scales.update(AdamW::default().update(1, 0.01, 0.0), &layout, weights);
        assert!(scales.values().all(f32::is_finite));
    }
}
