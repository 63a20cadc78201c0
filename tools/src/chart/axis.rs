//! Where values lie on an axis, and what is written beside it.

use std::ops::Range;

use bytesize::ByteSize;
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

/// How values are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    Linear,
    /// Linear from 0.
    FromZero,
    /// Powers of two, as sizes.
    Bytes,
}

/// An axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    pub name: String,
    pub scale: Scale,
}

/// What an axis shows, in places.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shown {
    pub range: Range<f64>,
    pub ticks: Vec<f64>,
}

impl Ranged for Shown {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, place: &f64, (low, high): (i32, i32)) -> i32 {
        let share = (place - self.range.start) / (self.range.end - self.range.start);
        low + (share * f64::from(high - low)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

/// Ticks that are asked for.
const TICKS: f64 = 7.0;
/// Share of the values' range that is left free at both ends.
const MARGIN: f64 = 0.08;

impl Axis {
    /// Place of a value.
    pub(super) fn place(&self, value: f64) -> f64 {
        if self.scale == Scale::Bytes { value.max(1.0).log2() } else { value }
    }

    /// What to show of values, with `below`, a share of their range, left free below them.
    pub(super) fn frame(&self, values: impl Iterator<Item = f64>, below: f64) -> Shown {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for place in values.map(|value| self.place(value)).filter(|place| place.is_finite()) {
            (low, high) = (low.min(place), high.max(place));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if self.scale == Scale::FromZero {
            low = 0.0;
        }
        let margin = if high > low { MARGIN * (high - low) } else { 0.5 };
        let range = if self.scale == Scale::FromZero {
            low..high + margin
        } else {
            low - margin - below * (high - low)..high + margin
        };
        let step = if self.scale == Scale::Bytes { 1.0 } else { nice_step((range.end - range.start) / TICKS) };
        let first = (range.start / step).ceil() as i64;
        let last = (range.end / step).floor() as i64;
        Shown { ticks: (first..=last).map(|i| i as f64 * step).collect(), range }
    }

    /// What is written at a place.
    pub(super) fn label(&self, place: f64) -> String {
        match (self.scale, place.exp2()) {
            (Scale::Bytes, bytes) => format!("{:.0}", ByteSize(bytes as u64).display().iec()),
            _ => format!("{}", (place * 1e6).round() / 1e6),
        }
    }
}

/// 1, 2 or 5 times a power of ten, at least `step`.
fn nice_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0].into_iter().find(|factor| factor * power >= step).unwrap_or(10.0);
    factor * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        let axis = |scale| Axis { name: String::new(), scale };
        let linear = axis(Scale::Linear).frame([33.1, 49.0, f64::NAN].into_iter(), 0.0);
        assert_eq!(linear.ticks, [35.0, 40.0, 45.0, 50.0]);
        assert_eq!(axis(Scale::FromZero).frame([0.004, 0.01].into_iter(), 0.5).range.start, 0.0);
        let bytes = axis(Scale::Bytes);
        let shown = bytes.frame([65_536.0, 1_048_576.0].into_iter(), 0.0);
        let labels: Vec<_> = shown.ticks.iter().map(|&place| bytes.label(place)).collect();
        assert_eq!(labels, ["64 KiB", "128 KiB", "256 KiB", "512 KiB", "1 MiB"]);
        assert!(!axis(Scale::Linear).frame(std::iter::empty(), 0.0).ticks.is_empty());
        assert!(axis(Scale::Linear).frame([3.0].into_iter(), 0.0).range.contains(&3.0));
    }
}
