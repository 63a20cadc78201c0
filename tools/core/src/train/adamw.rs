//! AdamW with decoupled weight decay (Loshchilov & Hutter 2019) on flat vectors.

use serde::{Deserialize, Serialize};

use crate::network::math::vectorized;

/// Settings of the optimizer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdamW {
    pub beta1: f32,
    pub beta2: f32,
    pub eps: f32,
    /// Applied to matrices only, times the learning rate.
    pub weight_decay: f32,
    /// Gradients longer than this (all parameters as one vector) are scaled down to it; 0 is off.
    pub clip_norm: f32,
    /// Leaves the matrices inside the decoder blocks to [`muon`](super::muon).
    #[serde(default)]
    pub muon: bool,
    /// Learning rate of embeddings and the head, over that of all else.
    #[serde(default = "same_rate")]
    pub embedding_rate: f32,
}

/// What trainings had that were begun before embeddings had a rate of their own.
fn same_rate() -> f32 {
    1.0
}

impl Default for AdamW {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.95, eps: 1e-8, weight_decay: 0.1, clip_norm: 1.0, muon: true, embedding_rate: 1.0 }
    }
}

/// Factors of one update, the same for all parameters.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    settings: AdamW,
    learning_rate: f32,
    gradient_scale: f32,
    /// Bias corrections `1 / (1 − βᵗ)`.
    correction1: f32,
    correction2: f32,
}

/// A stretch of parameters with what belongs to them.
#[derive(Debug)]
pub struct Stretch<'a> {
    pub values: &'a mut [f32],
    pub gradients: &'a [f32],
    pub first_moment: &'a mut [f32],
    pub second_moment: &'a mut [f32],
    /// Whether weight decay applies.
    pub decays: bool,
}

impl AdamW {
    /// The update number `step` (from 1) for gradients of the length `norm`.
    pub fn update(&self, step: u64, learning_rate: f32, norm: f64) -> Update {
        let clip = f64::from(self.clip_norm);
        let clipped = clip > 0.0 && norm > clip;
        let correction = |beta: f32| (1.0 / (1.0 - f64::from(beta).powf(step as f64))) as f32;
        Update {
            settings: *self,
            learning_rate,
            gradient_scale: if clipped { (clip / norm) as f32 } else { 1.0 },
            correction1: correction(self.beta1),
            correction2: correction(self.beta2),
        }
    }
}

impl Update {
    /// Updates values and moments of a stretch.
    pub fn apply(&self, stretch: Stretch) {
        let AdamW { beta1, beta2, eps, .. } = self.settings;
        let decay = match stretch.decays {
            true => 1.0 - self.learning_rate * self.settings.weight_decay,
            false => 1.0,
        };
        let rate = self.learning_rate * self.correction1;
        let moments = stretch.first_moment.iter_mut().zip(stretch.second_moment);
        let values = stretch.values.iter_mut().zip(stretch.gradients);
        vectorized(
            #[inline(always)]
            || {
                for ((value, &gradient), (first, second)) in values.zip(moments) {
                    let gradient = gradient * self.gradient_scale;
                    *first = beta1 * *first + (1.0 - beta1) * gradient;
                    *second = beta2 * *second + (1.0 - beta2) * gradient * gradient;
                    let spread = (*second * self.correction2).sqrt() + eps;
                    *value = *value * decay - rate * *first / spread;
                }
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(decays: bool, norm: f64) -> (f32, f32, f32) {
        let (mut value, mut first, mut second) = ([1.0], [0.0], [0.0]);
        AdamW::default().update(1, 0.01, norm).apply(Stretch {
            values: &mut value,
            gradients: &[0.5],
            first_moment: &mut first,
            second_moment: &mut second,
            decays,
        });
        (value[0], first[0], second[0])
    }

    #[test]
    fn first_step_moves_by_the_learning_rate() {
        let (value, first, second) = step(false, 0.5);
        assert!((value - 0.99).abs() < 1e-6);
        assert!((first - 0.05).abs() < 1e-7 && (second - 0.0125).abs() < 1e-7);
    }

    #[test]
    fn decay_is_decoupled_and_clipping_scales_the_gradient() {
        assert!((step(true, 0.5).0 - 0.989).abs() < 1e-6);
        assert!((step(false, 2.0).1 - 0.025).abs() < 1e-7);
    }
}
