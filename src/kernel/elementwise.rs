//! Loops over elements, written once in plain Rust; where a processor may have vectors that the compiler must not count on,
//! the target compiles them once more for those.

#[allow(unused_imports)] // as the rest, not for every target
pub(crate) use super::activation::gate;
use crate::fixed::{magnitude, mul17};

/// Which functions these are.
#[allow(dead_code)] // for `check`
pub(super) fn elementwise_name() -> &'static str {
    "portable"
}

/// A loop over slices.
pub(super) trait Loop {
    type Output;

    /// Runs it. Always inlined, so that it is compiled for what the caller's target has.
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

/// As [`map_with`], and the sum of what `f` tells besides.
#[inline(always)]
pub(crate) fn map_and_sum<T: Copy>(values: &mut [i32], others: &[T], f: impl Fn(i32, T) -> (i32, u32)) -> u64 {
    run(MapAndSum { values, others, f })
}

/// `f(… f(f(0, first), second) …, last)`; the order must not matter.
#[inline(always)]
pub(crate) fn fold<T: Copy>(values: &[T], f: impl Fn(u32, T) -> u32) -> u32 {
    run(Fold { values, f })
}

/// [`crate::fixed::bits`] of all.
#[inline(always)]
pub(crate) fn bits<T: Copy + Into<i32>>(values: &[T]) -> u32 {
    32 - fold(values, |all, value| all | magnitude(value.into())).leading_zeros()
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

/// `byte = f(value)` for as many values as there are; the other bytes become 0.
#[inline(always)]
pub(crate) fn fill_bytes(bytes: &mut [i8], values: &[i32], f: impl Fn(i32) -> i8) {
    run(FillBytes { bytes, values, f });
}

/// `half = f(value)` for as many values as there are, and their sum; the other halves become 0.
#[cfg(kernel = "x86")]
#[inline(always)]
pub(super) fn fill_halves(halves: &mut [i16], values: &[i32], f: impl Fn(i32) -> i32) -> i32 {
    run(FillHalves { halves, values, f })
}

/// The largest of `n` bytes from `at` on in records of `len` bytes, as unsigned numbers.
#[inline(always)]
pub(crate) fn largest_byte(records: &[i8], len: usize, at: usize, n: usize) -> u8 {
    #[cfg(kernel = "x86")]
    if let Some(largest) = super::target::largest_byte(records, len, at, n) {
        return largest;
    }
    let codes = records.chunks(len).flat_map(|record| record.get(at..at + n));
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

struct MapAndSum<'a, T, F> {
    values: &'a mut [i32],
    others: &'a [T],
    f: F,
}

impl<T: Copy, F: Fn(i32, T) -> (i32, u32)> Loop for MapAndSum<'_, T, F> {
    type Output = u64;

    #[inline(always)]
    fn run(self) -> u64 {
        let Self { values, others, f } = self;
        let mut sum = 0u64;
        for (value, &other) in values.iter_mut().zip(others) {
            let addend;
            (*value, addend) = f(*value, other);
            sum += u64::from(addend);
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
        let (filled, rest) = bytes.split_at_mut_checked(values.len()).unwrap_or_default();
        filled.iter_mut().zip(values).for_each(|(byte, &value)| *byte = f(value));
        rest.fill(0);
    }
}

#[cfg(kernel = "x86")]
struct FillHalves<'a, F> {
    halves: &'a mut [i16],
    values: &'a [i32],
    f: F,
}

#[cfg(kernel = "x86")]
impl<F: Fn(i32) -> i32> Loop for FillHalves<'_, F> {
    type Output = i32;

    #[inline(always)]
    fn run(self) -> i32 {
        let Self { halves, values, f } = self;
        let (filled, rest) = halves.split_at_mut_checked(values.len()).unwrap_or_default();
        rest.fill(0);
        let mut sum = 0i32;
        for (half, &value) in filled.iter_mut().zip(values) {
            let to = f(value);
            sum = sum.wrapping_add(to);
            *half = to as i16;
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
