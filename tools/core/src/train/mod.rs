//! Training of small GPTs on CPU cores: optimizers, batches and the loop around them.
//!
//! [`Training`] is the whole training, [`step::Learner`] one optimizer step at a time.
//!
//! Results depend on the seed, the settings and the processor's instruction set, but not
//! on the number of threads.

pub mod adamw;
mod fake_quant;
pub mod init;
pub mod muon;
pub mod replay;
mod run;
#[cfg(test)]
mod run_tests;
pub mod scales;
pub mod schedule;
mod settings;
mod source;
pub mod spellings;
pub mod state;
pub mod step;
pub mod teacher;
pub mod windows;

use embedded_gpt::Config;
use serde::{Deserialize, Serialize};

pub use self::init::random_weights;
pub use self::run::{SaveModel, Training};
pub use self::settings::{Budget, TrainConfig};
pub use self::source::Source;
pub use self::spellings::Spellings;
pub use self::state::TrainingState;
pub use self::teacher::soft_targets;
use crate::network::soft_targets::SoftTarget;
use crate::weights::Weights;

/// The texts of a training as tokens; documents end with the end-of-text token.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrainData<'a> {
    pub train: &'a [u16],
    /// May be empty.
    pub valid: &'a [u16],
    /// Bytes each token of the vocabulary stands for (n_vocab), for bits per byte.
    pub token_bytes: Option<&'a [u16]>,
    /// Tokens that learn from each other, if any are to.
    pub spellings: Option<&'a Spellings>,
    /// Which tokens are to be learned, where not all are alike.
    pub weights: Option<TargetWeights<'a>>,
    /// What a teacher expects of each token of the training text, if there is a teacher.
    pub soft_targets: Option<&'a [SoftTarget]>,
}

/// How much each token counts as a target. Windows then stay in their places in every pass over the text, so that
/// whole examples can be laid into them.
#[derive(Clone, Copy, Debug)]
pub struct TargetWeights<'a> {
    /// Weights of the training text's tokens, at least 0.
    pub train: &'a [f32],
    /// Weights of the validation text's tokens; a token of weight 0 is not scored.
    pub valid: &'a [f32],
}

/// The point at which a training begins.
#[derive(Clone, Debug)]
pub enum Start {
    /// A new training, with these weights, random or imported.
    Fresh(Weights),
    /// An earlier training, where it stopped; the weights come with the state.
    Resume { model: Config, state: Box<TrainingState> },
}

/// A measurement in the course of a training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// Updates made.
    pub step: u64,
    /// Tokens trained on.
    pub tokens: u64,
    /// Training time, earlier sessions included.
    pub seconds: f64,
    /// Running mean of the training loss, in nats per token.
    pub train_loss: f64,
    pub learning_rate: f32,
    /// Nats per token.
    pub valid_loss: Option<f64>,
    pub valid_bits_per_byte: Option<f64>,
}

/// What happens during a training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// An update was made.
    Step {
        point: HistoryPoint,
        /// Share of the training that is done, 0 to 1.
        progress: f64,
        tokens_per_second: f64,
    },
    /// The validation loss was measured.
    Validated(HistoryPoint),
    /// A checkpoint was written in the course of the training.
    Saved { step: u64 },
    /// The budget is used up.
    Finished,
    /// Stopped early; the checkpoint can be resumed.
    Interrupted,
}

/// Result of a training.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub weights: Weights,
    pub steps: u64,
    pub seconds: f64,
    /// About 200 points, evenly spread; those of the validations have their losses.
    pub history: Vec<HistoryPoint>,
    /// `false` when it was stopped before its budget was used up.
    pub finished: bool,
}
