//! Loops over elements, written once in plain Rust.
//!
//! Where a processor may have vectors that the compiler must not count on, the target compiles the loops once more
//! for those.

use core::slice;

use super::input::Rounding;
use super::whole_words;
use crate::fixed::{Factor, magnitude, mul17, mul17_signed};

/// The name of these functions.
#[allow(dead_code)] // for `check`
pub(super) fn elementwise_name() -> &'static str {
    "portable"
}

/// A loop over slices.
pub(super) trait Loop {
    type Output;

    /// Runs the loop. Always inlined, so that it is compiled for what the caller's target has.
    fn run(self) -> Self::Output;
}

/// `value = f(value)` for all.
#[inline(always)]
pub(crate) fn map(values: &mut [i32], f: impl Fn(i32) -> i32) {
    run(Map { values, f });
}

/// `value = f(value, other)` for as many as there are of both.
#[inline(always)]
pub(crate) fn map_with<T: Copy>(values: &mut [i32], others: &[T], f: impl Fn(i32, T) -> i32) {
    run(MapWith { values, others, f });
}

/// `f(… f(f(0, first), second) …, last)`; the order must not matter.
#[inline(always)]
pub(crate) fn fold<T: Copy>(values: &[T], f: impl Fn(u32, T) -> u32) -> u32 {
    run(Fold { values, f })
}

/// Smallest `b` with `−2ᵇ ≤ v < 2ᵇ` for every element; 0 for no elements or zeros.
#[cfg_attr(not(kernel = "x86"), inline(never))]
pub(crate) fn bits(values: &[i32]) -> u32 {
    if cfg!(kernel = "x86") {
        return bits_of_any(values);
    }
    // Where code is to be small the compiler unrolls no loop.
    let (fours, rest) = values.as_chunks();
    let all = rest.iter().fold(0, |all, &value| all | magnitude(value));
    let all = fours
        .iter()
        .fold(all, |all, &[a, b, c, d]| all | (magnitude(a) | magnitude(b)) | (magnitude(c) | magnitude(d)));
    32 - all.leading_zeros()
}

/// [`bits`] of any integers.
#[inline(always)]
pub(crate) fn bits_of_any<T: Copy + Into<i32>>(values: &[T]) -> u32 {
    32 - fold(values, |all, value| all | magnitude(value.into())).leading_zeros()
}

/// `value = factor.times(value)` for all.
#[inline(always)]
pub(crate) fn times(values: &mut [i32], factor: Factor) {
    map(values, |value| factor.times(value));
}

/// `sum = (sum << left) · mantissa / 2¹⁷`, rounded down, for as many as there are of both.
#[inline(always)]
pub(crate) fn scale_rows(sums: &mut [i32], mantissas: &[u16], left: u32) {
    map_with(sums, mantissas, |sum, mantissa| mul17(sum << left, mantissa));
}

/// Largest absolute value.
#[inline(always)]
pub(crate) fn largest(values: &[i32]) -> u32 {
    fold(values, |most, value| most.max(value.unsigned_abs()))
}

/// `byte = f(value)` for as many values as there are.
#[inline(always)]
pub(crate) fn fill_bytes(bytes: &mut [i8], values: &[i32], f: impl Fn(i32) -> i8) {
    run(FillBytes { bytes, values, f });
}

/// `out = x − middle` for as many as there are of both. Returns the [`bits`] of `out`.
#[inline(always)]
pub(crate) fn subtract(out: &mut [i32], x: &[i32], middle: i32) -> u32 {
    map_with(out, x, |_, x| x.wrapping_sub(middle));
    bits(out)
}

/// `value = (value << left) · gain / 2¹⁷`, rounded down, for as many as there are of both. Returns the sum of the
/// squares of the upper halves of `value << left`.
#[inline(always)]
pub(crate) fn times_gain(values: &mut [i32], gains: &[i16], left: u32) -> u64 {
    run(TimesGain { values, gains, left })
}

/// `half = rounding.round(value)` for as many values as there are, two in a word; the other halves become 0.
/// Returns the sum of the rounded numbers, which have 16 bits.
#[inline(always)]
pub(crate) fn round_to_halves(words: &mut [u32], values: &[i32], rounding: Rounding) -> i32 {
    let to: &mut [i16] = bytemuck::cast_slice_mut(words);
    run(Round { to, values, rounding })
}

/// Rounds values to the factors that [`whole_words::finish_q8`] would make of them, and writes zeros behind them.
/// Returns the sum of what was rounded.
pub(crate) fn round_to_tiles(words: &mut [u32], values: &[i32], rounding: Rounding) -> i32 {
    let (fours, rest) = values.as_chunks();
    let mut last = [0; 4];
    last.iter_mut().zip(rest).for_each(|(to, &value)| *to = value);
    let (tiles, _) = words.as_chunks_mut();
    let (whole, others) = tiles.split_at_mut_checked(fours.len()).unwrap_or_default();
    others.fill([0; 4]);
    let others = if rest.is_empty() { &mut [] } else { others };
    let mut sum = 0i32;
    for (tiles, fours) in [(whole, fours), (others, slice::from_ref(&last))] {
        for (tile, &[a, b, c, d]) in tiles.iter_mut().zip(fours) {
            let [a, b, c, d] = [rounding.round(a), rounding.round(b), rounding.round(c), rounding.round(d)];
            sum = sum.wrapping_add(a).wrapping_add(b).wrapping_add(c).wrapping_add(d);
            *tile = whole_words::tile([a as u32, b as u32, c as u32, d as u32]);
        }
    }
    sum
}

/// The largest of `n` bytes from `at` on in records of `len` bytes, as unsigned numbers.
#[inline(always)]
pub(crate) fn largest_byte(records: &[i8], len: usize, at: usize, n: usize) -> u8 {
    #[cfg(kernel = "x86")]
    if let Some(largest) = super::target::largest_byte(records, len, at, n) {
        return largest;
    }
    let codes = records.chunks(len.max(1)).flat_map(|record| record.get(at..at + n));
    codes.flatten().fold(0, |most, &code| most.max(code as u8))
}

struct Map<'a, F> {
    values: &'a mut [i32],
    f: F,
}

impl<F: Fn(i32) -> i32> Loop for Map<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { values, f } = self;
        values.iter_mut().for_each(|value| *value = f(*value));
    }
}

struct MapWith<'a, T, F> {
    values: &'a mut [i32],
    others: &'a [T],
    f: F,
}

impl<T: Copy, F: Fn(i32, T) -> i32> Loop for MapWith<'_, T, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { values, others, f } = self;
        values.iter_mut().zip(others).for_each(|(value, &other)| *value = f(*value, other));
    }
}

struct TimesGain<'a> {
    values: &'a mut [i32],
    gains: &'a [i16],
    left: u32,
}

impl Loop for TimesGain<'_> {
    type Output = u64;

    #[inline(always)]
    fn run(self) -> u64 {
        let Self { values, gains, left } = self;
        let mut sum = 0u64;
        for (value, &gain) in values.iter_mut().zip(gains) {
            let shifted = *value << left;
            let upper = shifted >> 16;
            *value = mul17_signed(shifted, gain);
            sum += u64::from((upper * upper) as u32);
        }
        sum
    }
}

struct FillBytes<'a, F> {
    bytes: &'a mut [i8],
    values: &'a [i32],
    f: F,
}

impl<F: Fn(i32) -> i8> Loop for FillBytes<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { bytes, values, f } = self;
        bytes.iter_mut().zip(values).for_each(|(byte, &value)| *byte = f(value));
    }
}

struct Round<'a> {
    to: &'a mut [i16],
    values: &'a [i32],
    rounding: Rounding,
}

impl Loop for Round<'_> {
    type Output = i32;

    #[inline(always)]
    fn run(self) -> i32 {
        let Self { to, values, rounding } = self;
        let (filled, rest) = to.split_at_mut_checked(values.len()).unwrap_or_default();
        rest.fill(0);
        let mut sum = 0i32;
        for (to, &value) in filled.iter_mut().zip(values) {
            let rounded = rounding.round(value);
            sum = sum.wrapping_add(rounded);
            *to = rounded as i16;
        }
        sum
    }
}

struct Fold<'a, T, F> {
    values: &'a [T],
    f: F,
}

impl<T: Copy, F: Fn(u32, T) -> u32> Loop for Fold<'_, T, F> {
    type Output = u32;

    #[inline(always)]
    fn run(self) -> u32 {
        let Self { values, f } = self;
        values.iter().fold(0, |all, &value| f(all, value))
    }
}

#[cfg(kernel = "x86")]
use super::target::run;

#[cfg(not(kernel = "x86"))]
#[inline(always)]
fn run<L: Loop>(elements: L) -> L::Output {
    elements.run()
}
