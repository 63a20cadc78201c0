//! The formats of a model's matrices, and what the host has to know of each.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use anyhow::Context;
use embedded_gpt::format::tensor::Format;
use serde::{Deserialize, Serialize};

/// The format of a model's matrices: a [`Format`] that is not that of vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Quant(Format);

/// What the host has to know of a format: a line of [`TABLE`].
struct Line {
    format: Format,
    /// Name on the command line.
    name: &'static str,
    /// What the command line says of it.
    help: &'static str,
    /// Smallest and largest code.
    codes: (i8, i8),
    /// Scales that are tried for a row: its largest weight over the first number, times the second.
    candidates: &'static [(f32, f32)],
    /// Whether training learns the scales of rows ([`crate::train::scales`]).
    learns_scales: bool,
}

/// One line per format. What follows from the bits of a code alone is in [`Format::packing`].
const TABLE: [Line; 2] = [
    Line {
        format: Format::Q8,
        name: "q8",
        help: "Signed bytes with a scale per row",
        codes: (-127, 127),
        candidates: &CLIPPED,
        learns_scales: false,
    },
    Line {
        format: Format::Q4,
        name: "q4",
        help: "Four bits with a scale per row: half the flash",
        codes: (-8, 7),
        candidates: &COARSE,
        learns_scales: true,
    },
];

/// From the scale of the largest weight on, each finer and clipping a little more.
const CLIPPED: [(f32, f32); 16] = {
    let mut candidates = [(127.0, 1.0); 16];
    let mut i = 0;
    while i < candidates.len() {
        candidates[i].1 = 1.0 - 0.0075 * i as f32;
        i += 1;
    }
    candidates
};

/// First the scales for which a row may have been rounded before: then its error is 0. The coarsest such scale is
/// taken, since no finer one need have a mantissa. After those, each finer and clipping more of the largest weights.
const COARSE: [(f32, f32); 24] = {
    let mut candidates = [(1.0, 1.0); 24];
    let (mut i, mut ratio) = (0, 6.5);
    while i < candidates.len() {
        candidates[i].0 = if i < 8 { i as f32 + 1.0 } else { ratio };
        if i >= 8 {
            ratio *= 1.05;
        }
        i += 1;
    }
    candidates
};

impl Quant {
    /// Signed bytes with a scale per row.
    pub const Q8: Self = Self(Format::Q8);
    /// Four bits with a scale per row: half the flash.
    pub const Q4: Self = Self(Format::Q4);

    /// All formats of matrices.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|line| Self(line.format))
    }

    /// The format of a matrix in a blob; `None` for that of a vector.
    pub fn of(format: Format) -> Option<Self> {
        Self::all().find(|quant| quant.0 == format)
    }

    #[inline(always)]
    fn line(self) -> &'static Line {
        TABLE.iter().find(|line| line.format == self.0).expect("only formats of the table are made")
    }

    /// Name on the command line.
    pub fn name(self) -> &'static str {
        self.line().name
    }

    /// What the command line says of the format.
    pub fn help(self) -> &'static str {
        self.line().help
    }

    /// The smallest and the largest code.
    pub fn codes(self) -> (i8, i8) {
        self.line().codes
    }

    /// How a blob stores such a matrix.
    pub const fn format(self) -> Format {
        self.0
    }

    /// Scales that are tried for a row: its largest weight over the first number, times the second.
    pub(super) fn candidates(self) -> &'static [(f32, f32)] {
        self.line().candidates
    }

    /// Whether training learns the scales of rows, instead of those with the least error.
    pub fn learns_scales(self) -> bool {
        self.line().learns_scales
    }
}

impl Display for Quant {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Quant {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let names = || TABLE.map(|line| line.name).join(" and ");
        let line = TABLE.into_iter().find(|line| line.name == name);
        Ok(Self(line.with_context(|| format!("{name} is no format of matrices: {} are", names()))?.format))
    }
}

/// As the files of a training have it.
impl From<Quant> for String {
    fn from(quant: Quant) -> Self {
        quant.to_string().to_uppercase()
    }
}

impl TryFrom<String> for Quant {
    type Error = anyhow::Error;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.to_lowercase().parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_formats() {
        for quant in Quant::all() {
            assert_eq!(quant.name().parse::<Quant>().unwrap(), quant);
            assert_eq!(Quant::of(quant.format()), Some(quant));
            let json = serde_json::to_string(&quant).unwrap();
            assert_eq!(serde_json::from_str::<Quant>(&json).unwrap(), quant);
        }
        assert_eq!(serde_json::to_string(&Quant::Q4).unwrap(), "\"Q4\"");
        assert_eq!("q5".parse::<Quant>().unwrap_err().to_string(), "q5 is no format of matrices: q8 and q4 are");
        assert_eq!(Quant::of(Format::I16), None);
    }

    #[test]
    fn codes_fit_their_bits() {
        for quant in Quant::all() {
            let packing = quant.format().packing().unwrap();
            let (low, high) = quant.codes();
            assert!(i32::from(low) >= -packing.zero_point() && i32::from(high) < packing.zero_point());
        }
    }
}
