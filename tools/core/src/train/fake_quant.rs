//! Weights rounded as they will be exported, to train with.
//!
//! The forward and backward pass compute with the rounded weights; the gradients go to the exact ones as if there
//! had been no fake_quant (the straight-through estimator of Bengio et al. 2013). So the training ends at weights
//! that lose little by being rounded. The scales of rows are learned in four bits ([`super::scales`]), and follow the
//! exact weights in eight.

use super::scales::LearnedScales;
use crate::network::math::vectorized;
use crate::network::params::{Layout, Tensor};
use crate::parallel;
use crate::quantize::{Quant, RowScales, best_scale, round_row};

/// Weights per task.
const TASK: usize = 1 << 14;

/// A rounded copy of all parameters.
#[derive(Debug)]
pub struct FakeQuant {
    pub quant: Quant,
    /// Parameters, as [`Layout`] places them.
    pub params: Vec<f32>,
}

/// Some rows of a matrix.
struct Rows<'a> {
    values: &'a mut [f32],
    scales: &'a mut [f32],
    cols: usize,
}

impl FakeQuant {
    /// Room for a model of this layout.
    pub fn new(layout: &Layout, quant: Quant) -> Self {
        Self { quant, params: vec![0.0; layout.len] }
    }

    /// A rounded copy of other parameters.
    pub fn quantized(&self, layout: &Layout, params: &[f32], scales: &LearnedScales) -> Vec<f32> {
        let mut other = Self::new(layout, self.quant);
        other.quantize(layout, params, scales, &mut [()]);
        other.params
    }

    /// Rounds `params`, on as many threads as there are workspaces; with the scales of least squared error where
    /// none are learned.
    pub fn quantize<W: Send>(&mut self, layout: &Layout, params: &[f32], learned: &LearnedScales, workers: &mut [W]) {
        let quant = self.quant;
        self.params.copy_from_slice(params);
        let mut scales: Vec<Vec<f32>> = layout.tensors.iter().map(|tensor| vec![0.0; rows(tensor)]).collect();
        if learned.logarithms.is_empty() {
            parallel::for_each(workers, tasks(layout, &mut self.params, &mut scales), |_, rows| {
                rows.seek_scales(quant)
            });
        } else {
            scales.iter_mut().flatten().zip(learned.values()).for_each(|(scale, learned)| *scale = learned);
        }
        for scales in &mut scales {
            let nearest = RowScales::nearest(scales);
            scales.iter_mut().enumerate().for_each(|(row, scale)| *scale = nearest.get(row));
        }
        parallel::for_each(workers, tasks(layout, &mut self.params, &mut scales), |_, rows| rows.round(quant));
    }
}

impl Rows<'_> {
    fn seek_scales(self, quant: Quant) {
        vectorized(
            #[inline(always)]
            || {
                for (row, scale) in self.values.chunks_exact(self.cols).zip(self.scales) {
                    *scale = best_scale(row, quant);
                }
            },
        );
    }

    fn round(self, quant: Quant) {
        vectorized(
            #[inline(always)]
            || {
                for (row, &mut scale) in self.values.chunks_exact_mut(self.cols).zip(self.scales) {
                    round_row(row, scale, quant);
                }
            },
        );
    }
}

/// Rows of a matrix; vectors are not rounded.
fn rows(tensor: &Tensor) -> usize {
    if tensor.is_matrix { tensor.range.len() / tensor.cols } else { 0 }
}

/// All matrices, a few rows at a time.
fn tasks<'a>(
    layout: &'a Layout,
    mut params: &'a mut [f32],
    scales: &'a mut [Vec<f32>],
) -> impl Iterator<Item = Rows<'a>> {
    layout.tensors.iter().zip(scales).flat_map(move |(tensor, scales)| {
        let values = params.split_off_mut(..tensor.range.len()).expect("a tensor inside the vector");
        let n_rows = (TASK / tensor.cols).max(1);
        let parts = values.chunks_mut(n_rows * tensor.cols).zip(scales.chunks_mut(n_rows));
        parts.map(|(values, scales)| Rows { values, scales, cols: tensor.cols })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantize::quantize_rows;
    use crate::weights::Weights;
    use crate::weights::random::{gpt2_config, llama_config};

    #[test]
    fn rounds_like_the_exporter_and_leaves_vectors_alone() {
        for config in [gpt2_config(), llama_config()] {
            let weights = Weights::random(config, 2);
            let layout = Layout::new(&config).unwrap();
            let params = layout.flatten(&weights).unwrap();
            let mut fake_quant = FakeQuant::new(&layout, Quant::Q4);
            let none = LearnedScales::default();
            fake_quant.quantize(&layout, &params, &none, &mut [(), ()]);
            for tensor in layout.tensors.iter().filter(|tensor| tensor.is_matrix) {
                let exported = quantize_rows(&params[tensor.range.clone()], tensor.cols, Quant::Q4);
                assert_eq!(fake_quant.params[tensor.range.clone()], exported.values(tensor.cols));
            }
            assert_eq!(fake_quant.params, fake_quant.quantized(&layout, &params, &none));
            let unchanged = |tensor: &&Tensor| fake_quant.params[tensor.range.clone()] == params[tensor.range.clone()];
            let vectors = layout.tensors.iter().filter(|tensor| !tensor.is_matrix);
            assert_eq!(layout.tensors.iter().filter(unchanged).count(), vectors.count());
        }
    }
}
