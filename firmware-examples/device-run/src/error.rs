//! Why a run ended early.

use core::fmt;

use embedded_gpt::{CapacityError, LoadError, SessionError, StepError, kernel_check};

/// Why a run ended early.
#[derive(Clone, Copy, Debug)]
pub enum RunError {
    /// The bytes in flash are not a model.
    Load(LoadError),
    /// The memory does not fit the model.
    Session(SessionError),
    /// The prompt has more tokens than there is room for.
    Prompt(CapacityError),
    /// The session refused a token.
    Step(StepError),
    /// The model has no labels.
    NoLabels,
    /// The clock does not count instructions: that many for a loop of a million.
    Clock(u64),
    /// A kernel gave a wrong result.
    Kernel(kernel_check::Failure),
    /// What was printed did not get out.
    Print,
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Load(error) => error.fmt(f),
            Self::Session(error) => error.fmt(f),
            Self::Prompt(error) => error.fmt(f),
            Self::Step(error) => error.fmt(f),
            Self::NoLabels => f.write_str("the model has no labels"),
            Self::Clock(count) => write!(f, "the clock counts {count} instructions in a loop of 1000000"),
            Self::Kernel(failure) => failure.fmt(f),
            Self::Print => f.write_str("the output could not be written"),
        }
    }
}

impl core::error::Error for RunError {}

impl From<LoadError> for RunError {
    fn from(error: LoadError) -> Self {
        Self::Load(error)
    }
}

impl From<SessionError> for RunError {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl From<CapacityError> for RunError {
    fn from(error: CapacityError) -> Self {
        Self::Prompt(error)
    }
}

impl From<StepError> for RunError {
    fn from(error: StepError) -> Self {
        Self::Step(error)
    }
}

impl From<fmt::Error> for RunError {
    fn from(_: fmt::Error) -> Self {
        Self::Print
    }
}
