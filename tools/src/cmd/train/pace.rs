//! How fast a training learns, by how long it is to be.

use clap::ValueEnum;
use egpt_core::train::adamw::AdamW;
use egpt_core::train::{Budget, TrainingState};

/// A short training gets further with large steps, a long one with small ones: `docs/model-design.md` has the
/// measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Pace {
    /// Up to about 20 tokens per parameter, such as minutes on a laptop: small batches, twice the rate for the
    /// embedding, and spellings of a word learn from each other.
    Short,
    /// More than that.
    Long,
}

/// Trainings of at most so many minutes are short unless told otherwise.
const SHORT_MINUTES: f64 = 15.0;

/// What a pace decides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strides {
    /// Windows per update.
    pub batch: usize,
    pub adamw: AdamW,
    /// Whether [`Spellings`](egpt_core::train::Spellings) learn from each other.
    pub shares_spellings: bool,
}

impl Pace {
    /// What suits a budget; updates are counted where the result is to be the same again, and that may be long.
    pub fn of(budget: Budget) -> Self {
        match budget {
            Budget::Minutes(minutes) if minutes <= SHORT_MINUTES => Self::Short,
            Budget::Minutes(_) | Budget::Steps(_) => Self::Long,
        }
    }

    pub fn strides(self) -> Strides {
        let adamw = AdamW::default();
        match self {
            Self::Short => Strides { batch: 16, adamw: AdamW { embedding_rate: 2.0, ..adamw }, shares_spellings: true },
            Self::Long => Strides { batch: 32, adamw, shares_spellings: false },
        }
    }
}

impl Strides {
    /// The strides of a training that goes on.
    pub fn of(state: &TrainingState) -> Self {
        let shares_spellings = !state.optimizer.shared.first.is_empty();
        Self { batch: state.config.batch, adamw: state.config.adamw, shares_spellings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_short_and_hours_are_long() {
        let paces = [Budget::Minutes(10.0), Budget::Minutes(60.0), Budget::Steps(10)].map(Pace::of);
        assert_eq!(paces, [Pace::Short, Pace::Long, Pace::Long]);
        assert!(Pace::Short.strides().batch < Pace::Long.strides().batch);
    }
}
