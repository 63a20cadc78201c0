//! Weights rounded as they will be exported, to train with.
//!
//! The forward and backward pass compute with the rounded weights; the gradients go to the exact ones as if there
//! had been no rounding (the straight-through estimator of Bengio et al. 2013). So the training ends at weights
//! that lose little by being rounded.

use super::math::vectorized;
use super::parallel;
use super::params::{Layout, Tensor};
use crate::quantize::{Quant, RowScales, best_scale, quantize_rows, round_row};

/// Weights per task.
const TASK: usize = 1 << 14;

/// A rounded copy of all parameters.
#[derive(Debug)]
pub struct Rounding {
    quant: Quant,
    /// As [`Layout`] places them.
    pub params: Vec<f32>,
}

/// Some rows of a matrix.
struct Rows<'a> {
    values: &'a mut [f32],
    scales: &'a mut [f32],
    cols: usize,
}

impl Rounding {
    /// Room for a model of this layout.
    pub fn new(layout: &Layout, quant: Quant) -> Self {
        Self { quant, params: vec![0.0; layout.len] }
    }

    /// A rounded copy of other parameters.
    pub fn rounded(&self, layout: &Layout, params: &[f32]) -> Vec<f32> {
        let mut rounded = params.to_vec();
        for tensor in layout.tensors.iter().filter(|tensor| tensor.is_matrix) {
            let values = &mut rounded[tensor.range.clone()];
            values.copy_from_slice(&quantize_rows(values, tensor.cols, self.quant).values(tensor.cols));
        }
        rounded
    }

    /// Rounds `params`, on as many threads as there are workspaces.
    pub fn round<W: Send>(&mut self, layout: &Layout, params: &[f32], workers: &mut [W]) {
        let quant = self.quant;
        self.params.copy_from_slice(params);
        let mut scales: Vec<Vec<f32>> = layout.tensors.iter().map(|tensor| vec![0.0; rows(tensor)]).collect();
        parallel::for_each(workers, tasks(layout, &mut self.params, &mut scales), |_, rows| {
            vectorized(
                #[inline(always)]
                || {
                    for (row, scale) in rows.values.chunks_exact(rows.cols).zip(rows.scales) {
                        *scale = best_scale(row, quant);
                    }
                },
            );
        });
        for scales in &mut scales {
            let nearest = RowScales::nearest(scales);
            scales.iter_mut().enumerate().for_each(|(row, scale)| *scale = nearest.get(row));
        }
        parallel::for_each(workers, tasks(layout, &mut self.params, &mut scales), |_, rows| {
            vectorized(
                #[inline(always)]
                || {
                    for (row, &mut scale) in rows.values.chunks_exact_mut(rows.cols).zip(rows.scales) {
                        round_row(row, scale, quant);
                    }
                },
            );
        });
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
    use crate::weights::Weights;
    use crate::weights::random::{gpt2_config, llama_config};

    #[test]
    fn rounds_like_the_exporter_and_leaves_vectors_alone() {
        for config in [gpt2_config(), llama_config()] {
            let weights = Weights::random(config, 2);
            let layout = Layout::new(&config).unwrap();
            let params = layout.flatten(&weights).unwrap();
            let mut rounding = Rounding::new(&layout, Quant::Q4);
            rounding.round(&layout, &params, &mut [(), ()]);
            assert_eq!(rounding.params, rounding.rounded(&layout, &params));
            let unchanged = |tensor: &&Tensor| rounding.params[tensor.range.clone()] == params[tensor.range.clone()];
            let vectors = layout.tensors.iter().filter(|tensor| !tensor.is_matrix);
            assert_eq!(layout.tensors.iter().filter(unchanged).count(), vectors.count());
        }
    }
}
