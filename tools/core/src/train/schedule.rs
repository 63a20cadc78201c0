//! Learning rate over the course of a training.

use serde::{Deserialize, Serialize};

use crate::quantize::Quant;

/// Rate that rounded weights begin with, over the peak of the exact ones before them.
const SLOW: f64 = 0.1;

/// Linear warm-up to a peak, then half a cosine down to a floor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    pub peak: f32,
    /// Learning rate of the very end.
    pub floor: f32,
    /// Share of the training spent warming up, 0 to 1.
    pub warmup: f32,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { peak: 2e-3, floor: 1e-4, warmup: 0.02 }
    }
}

impl Schedule {
    /// Where the rate ends after `peak`: a twentieth, and with rounded weights a hundredth, since those jump from
    /// code to code until the rate is small.
    pub fn floor(peak: f32, quant: Option<Quant>) -> f32 {
        peak / if quant.is_some() { 100.0 } else { 20.0 }
    }

    /// Learning rate when `progress` (0 to 1) of the part with rounded weights is done, which follows one with
    /// exact weights: they begin in the middle of their codes, and faster updates would only turn codes over and
    /// back.
    pub fn slow_rate(&self, progress: f64) -> f32 {
        let cosine = 0.5 * (1.0 + (std::f64::consts::PI * progress.clamp(0.0, 1.0)).cos());
        self.peak * (SLOW * (0.01 + 0.99 * cosine)) as f32
    }

    /// Learning rate when `progress` (0 to 1) of the training is done.
    pub fn learning_rate(&self, progress: f64) -> f32 {
        let (progress, warmup) = (progress.clamp(0.0, 1.0), f64::from(self.warmup));
        if progress < warmup {
            return (f64::from(self.peak) * progress / warmup) as f32;
        }
        let decay = ((progress - warmup) / (1.0 - warmup).max(f64::EPSILON)).min(1.0);
        let cosine = 0.5 * (1.0 + (std::f64::consts::PI * decay).cos());
        self.floor + (self.peak - self.floor) * cosine as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rises_peaks_and_ends_at_the_floor() {
        let schedule = Schedule { peak: 1.0, floor: 0.2, warmup: 0.2 };
        let points = [(0.1, 0.5), (0.2, 1.0), (0.6, 0.6), (1.0, 0.2), (7.0, 0.2)];
        for (progress, expected) in points {
            let rate = schedule.learning_rate(progress);
            assert!((rate - expected).abs() < 1e-6, "{rate} at {progress}");
        }
    }

    #[test]
    fn rounded_weights_move_slowly() {
        let schedule = Schedule { peak: 1.0, ..Schedule::default() };
        for (progress, expected) in [(0.0, 0.1), (0.5, 0.0505), (1.0, 0.001), (2.0, 0.001)] {
            let rate = schedule.slow_rate(progress);
            assert!((rate - expected).abs() < 1e-6, "{rate} at {progress}");
        }
    }

    #[test]
    fn no_warmup_starts_at_the_peak() {
        let schedule = Schedule { warmup: 0.0, ..Schedule::default() };
        assert_eq!(schedule.learning_rate(0.0), schedule.peak);
    }
}
