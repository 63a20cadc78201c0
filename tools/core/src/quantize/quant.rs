//! The formats of a model's matrices.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use anyhow::bail;
use embedded_gpt::format::tensor::Format;
use serde::{Deserialize, Serialize};

/// Format of a model's matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Quant {
    /// Signed bytes with a scale per row.
    Q8,
    /// Four bits with a scale per row: half the flash.
    Q4,
}

impl Quant {
    /// Smallest and largest code.
    pub const fn codes(self) -> (i8, i8) {
        match self {
            Self::Q8 => (-127, 127),
            Self::Q4 => (-8, 7),
        }
    }

    /// How a blob stores such a matrix.
    pub const fn format(self) -> Format {
        match self {
            Self::Q8 => Format::Q8,
            Self::Q4 => Format::Q4,
        }
    }
}

impl Display for Quant {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Q8 => "q8",
            Self::Q4 => "q4",
        })
    }
}

impl FromStr for Quant {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "q8" => Ok(Self::Q8),
            "q4" => Ok(Self::Q4),
            _ => bail!("{name} is no format of matrices: q8 and q4 are"),
        }
    }
}
