//! The ranges of numbers on the command line, so that a bad one is refused before any work.

use std::num::{IntErrorKind, ParseIntError};
use std::str::FromStr;

use bytesize::ByteSize;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use egpt_core::quantize::Quant;

/// Parses a number that is in range when `holds`; the message is what clap puts behind the option.
fn number<T: FromStr>(text: &str, range: &str, holds: impl Fn(&T) -> bool) -> Result<T, String> {
    text.parse().ok().filter(holds).ok_or_else(|| format!("give {range}"))
}

/// Parses a whole number that is in range when `holds`.
fn whole<T: FromStr<Err = ParseIntError>>(text: &str, range: &str, holds: impl Fn(&T) -> bool) -> Result<T, String> {
    match text.parse::<T>() {
        Err(error) if *error.kind() == IntErrorKind::PosOverflow => Err(format!("give at most {}", u64::MAX)),
        _ => number(text, range, holds),
    }
}

/// 1, 2, 3, …
pub(super) fn count<T: FromStr<Err = ParseIntError> + PartialOrd + From<u8>>(text: &str) -> Result<T, String> {
    whole(text, "a whole number of at least 1", |n: &T| *n >= T::from(1))
}

/// 1, 2, 3, …, or `none` for 0.
pub(super) fn count_or_none(text: &str) -> Result<usize, String> {
    if text == "none" {
        return Ok(0);
    }
    whole(text, "a whole number, or none", |_| true)
}

/// 0 and above, or `none` for infinity.
pub(super) fn nats_or_none(text: &str) -> Result<f64, String> {
    if text == "none" {
        return Ok(f64::INFINITY);
    }
    number(text, "a number of at least 0, or none", |nats: &f64| *nats >= 0.0)
}

/// 0 and above.
pub(super) fn temperature(text: &str) -> Result<f32, String> {
    number(text, "a number of at least 0", |t: &f32| t.is_finite() && *t >= 0.0)
}

/// Above 0, at most 1.
pub(super) fn share(text: &str) -> Result<f32, String> {
    number(text, "a number above 0 and at most 1", |p: &f32| *p > 0.0 && *p <= 1.0)
}

/// 0 to 1.
pub(super) fn probability(text: &str) -> Result<f64, String> {
    number(text, "a number of at least 0 and at most 1", |p| (0.0..=1.0).contains(p))
}

/// 0 and above, below 1.
pub(super) fn dropout(text: &str) -> Result<f32, String> {
    number(text, "a number of at least 0 and below 1", |p| (0.0..1.0).contains(p))
}

/// Above 0.
pub(super) fn minutes(text: &str) -> Result<f64, String> {
    number(text, "a number above 0", |m: &f64| m.is_finite() && *m > 0.0)
}

/// A size in bytes, with a unit or without: 512KiB, 1MiB, 500KB, 4096. A bare K, M or G is binary, as flash is counted.
pub(super) fn bytes(text: &str) -> Result<usize, String> {
    let rest_of_unit = if text.ends_with(['k', 'K', 'm', 'M', 'g', 'G']) { "iB" } else { "" };
    match format!("{text}{rest_of_unit}").parse() {
        Ok(ByteSize(bytes @ 1..=MAX_BYTES)) => Ok(bytes as usize),
        Ok(ByteSize(0)) | Err(_) => Err("give a size such as 512KiB, 1MiB or 500000".to_owned()),
        Ok(_) => Err("give less than 4GiB: no blob is larger".to_owned()),
    }
}

/// What a blob says of its own size has 32 bits.
const MAX_BYTES: u64 = u32::MAX as u64;

/// A format of the matrices.
pub(super) fn quant() -> impl TypedValueParser<Value = Quant> {
    let values = Quant::all().map(|quant| PossibleValue::new(quant.name()).help(quant.help()));
    PossibleValuesParser::new(values).try_map(|name| name.parse())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_or_none() {
        let sizes = ["512KiB", "1.5MiB", "500kb", "2 MB", "64K", "4096", "7B"].map(|text| bytes(text).unwrap());
        assert_eq!(sizes, [524_288, 1_572_864, 500_000, 2_000_000, 65_536, 4096, 7]);
        assert_eq!(["3GiB", "1g", "4095M"].map(|text| bytes(text).unwrap() >> 20), [3072, 1024, 4095]);
        for text in ["", "KiB", "-1", "0", "12 parsecs", "nan"] {
            assert!(bytes(text).unwrap_err().contains("512KiB"), "{text}");
        }
        for text in ["4GiB", "5G", "99999999999"] {
            assert!(bytes(text).unwrap_err().contains("less than 4GiB"), "{text}");
        }
    }

    #[test]
    fn numbers_without_bounds_are_not_told_to_be_larger() {
        let large = "99999999999999999999";
        assert!(count::<u64>(large).unwrap_err().contains("at most 18446744073709551615"));
        assert!(count_or_none(large).unwrap_err().contains("at most"));
        assert!(count_or_none("-1").unwrap_err().contains("or none"));
        assert_eq!((nats_or_none("none"), nats_or_none("0.5")), (Ok(f64::INFINITY), Ok(0.5)));
        assert!(nats_or_none("-1").is_err() && nats_or_none("nan").is_err());
    }

    #[test]
    fn ranges_end_where_they_should() {
        assert_eq!((temperature("0"), share("1"), dropout("0")), (Ok(0.0), Ok(1.0), Ok(0.0)));
        assert_eq!((count::<usize>("1"), minutes("0.5")), (Ok(1), Ok(0.5)));
        for text in ["-1", "nan", "x", ""] {
            assert!(temperature(text).is_err() && share(text).is_err() && dropout(text).is_err(), "{text}");
            assert!(count::<u64>(text).is_err() && minutes(text).is_err(), "{text}");
        }
        assert!(temperature("inf").is_err() && minutes("inf").is_err());
        assert!(share("0").is_err() && share("1.01").is_err() && dropout("1").is_err());
        assert!(minutes("0").is_err() && count::<usize>("0").is_err());
    }
}
