//! Why a run ended early.

use core::{error, fmt};

use embedded_gpt::{Error, kernel_check};

/// Why a run ended early: an error of the runtime, or what only tests of a board can find.
#[derive(Clone, Copy, Debug)]
pub enum RunError {
    /// The runtime or the output failed.
    Runtime(Error),
    /// The clock does not count instructions: that many for a loop of a million.
    Clock(u64),
    /// A kernel gave a wrong result.
    Kernel(kernel_check::Failure),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runtime(error) => error.fmt(f),
            Self::Clock(count) => write!(f, "the clock counts {count} instructions in a loop of 1000000"),
            Self::Kernel(failure) => failure.fmt(f),
        }
    }
}

impl error::Error for RunError {}

impl<E: Into<Error>> From<E> for RunError {
    fn from(error: E) -> Self {
        Self::Runtime(error.into())
    }
}
