//! Settings of a training, what follows from them, and which of them may change when it is resumed.

use anyhow::{Result, ensure};
use serde::{Deserialize, Serialize};

use super::adamw::AdamW;
use super::schedule::Schedule;
use super::source::Source;
use crate::quantize::Quant;

/// When a training ends; the learning rate reaches its floor there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Budget {
    /// After this many updates; the deterministic way.
    Steps(u64),
    /// After this much wall time.
    Minutes(f64),
}

/// Settings of a training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainConfig {
    /// Tokens per window, at most the model's context.
    pub context: usize,
    /// Tokens between the starts of neighbouring windows.
    pub stride: usize,
    /// Windows per update.
    pub batch: usize,
    pub budget: Budget,
    pub schedule: Schedule,
    pub adamw: AdamW,
    /// Share of embeddings and block outputs dropped; 0 for small models on enough text.
    pub dropout: f32,
    /// Decides the data order and dropout.
    pub seed: u64,
    /// Validations (and checkpoints), spread evenly over the training.
    pub validations: u32,
    /// Tokens of the validation text to use, from its start.
    pub valid_tokens: usize,
    /// Format to round the weights to in the last part of the training, so that they lose little in the export.
    #[serde(default)]
    pub quant: Option<Quant>,
    /// How much of the training that is.
    #[serde(default)]
    pub quant_share: f64,
    /// How much of the loss is the teacher's, where there is one: from 0 to 1.
    #[serde(default)]
    pub teacher_share: f32,
    /// What it learns from; `None` if that is not noted, as in trainings of earlier versions.
    #[serde(default)]
    pub source: Option<Source>,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            context: 128,
            stride: 128,
            batch: 32,
            budget: Budget::Minutes(5.0),
            schedule: Schedule::default(),
            adamw: AdamW::default(),
            dropout: 0.0,
            seed: 1,
            validations: 10,
            valid_tokens: 40_000,
            quant: None,
            quant_share: 0.2,
            teacher_share: 0.0,
            source: None,
        }
    }
}

impl TrainConfig {
    /// Refuses settings that make no training.
    pub(super) fn check(&self) -> Result<()> {
        ensure!((0.0..1.0).contains(&self.dropout), "dropout must be at least 0 and below 1, not {}", self.dropout);
        let positive = match self.budget {
            Budget::Steps(steps) => steps > 0,
            Budget::Minutes(minutes) => minutes > 0.0,
        };
        ensure!(positive, "a training needs more than 0 steps or minutes");
        let share = self.teacher_share;
        ensure!((0.0..=1.0).contains(&share), "the teacher's share must be from 0 to 1, not {share}");
        Ok(())
    }

    /// Learning rate when `progress` (0 to 1) of the training is done. Before weights are rounded to four bits,
    /// those that are exact come to the end of the schedule.
    pub(super) fn learning_rate(&self, progress: f64) -> f32 {
        let exact = 1.0 - self.quant_share;
        if self.quant != Some(Quant::Q4) || exact <= 0.0 {
            self.schedule.learning_rate(progress)
        } else if progress <= exact {
            self.schedule.learning_rate(progress / exact)
        } else {
            self.schedule.slow_rate((progress - exact) / self.quant_share)
        }
    }

    /// Whether nothing is left to do for a training that is resumed after so many updates and seconds.
    pub fn is_done(&self, steps: u64, seconds: f64) -> bool {
        self.budget.share(steps, seconds) >= 1.0
    }

    /// Refuses settings and sources that would make another model, as [`Training::new`](super::Training::new) does. The
    /// budget may grow.
    ///
    /// # Errors
    /// Names what differs from the `earlier` settings.
    pub fn check_resumed(&self, earlier: &Self) -> Result<()> {
        for (now, then) in self.kept().into_iter().zip(earlier.kept()) {
            ensure!(now == then, "this training was begun with {then} and cannot go on with {now}");
        }
        match (&self.source, &earlier.source) {
            (Some(now), Some(then)) => now.check(then),
            _ => Ok(()),
        }
    }

    /// What a training keeps when it is resumed.
    fn kept(&self) -> [String; 9] {
        let teaching = match self.teacher_share {
            0.0 => "no --teacher".into(),
            share => format!("--teacher-share {share}"),
        };
        let quantization = match self.quant {
            Some(quant) => format!("--quant {quant} --quant-share {}", self.quant_share),
            None => "no --quant".into(),
        };
        [
            format!("context {}", self.context),
            format!("stride {}", self.stride),
            format!("--batch {}", self.batch),
            format!("--seed {}", self.seed),
            format!("--learning-rate {}", self.schedule.peak),
            format!("--dropout {}", self.dropout),
            format!("{} times that rate for the embedding (--pace)", self.adamw.embedding_rate),
            teaching,
            quantization,
        ]
    }

    /// Whether one of the evenly spread validations lies between two shares of the training.
    pub(super) fn validates_between(&self, before: f64, after: f64) -> bool {
        crosses(before, after, self.validations)
    }
}

/// Whether one of `n` evenly spread marks lies between two shares of the training.
pub(super) fn crosses(before: f64, after: f64, n: u32) -> bool {
    let n = f64::from(n);
    (before * n).floor() < (after * n).floor()
}

impl Budget {
    /// Share of the budget used up; 1 or more is the end.
    pub(super) fn share(&self, steps: u64, seconds: f64) -> f64 {
        match *self {
            Budget::Steps(budget) => steps as f64 / budget as f64,
            Budget::Minutes(minutes) => seconds / (60.0 * minutes),
        }
    }
}
