//! Loops over elements against naive ones.

use super::{CANARY, Failure, VALUES, Values, compare, hash};
use crate::fixed::Factor;
use crate::kernel::{SAMPLE_BITS, Samples, target_elementwise};

/// Numbers of elements around every unroll.
const LENGTHS: [usize; 14] = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 34];
/// Shifts of places to the right: none, some, all bits.
const RIGHTS: [u32; 5] = [0, 5, 13, 19, 31];

/// What is called.
pub(in crate::kernel) struct Functions {
    pub(in crate::kernel) bits: fn(&[i32]) -> u32,
    pub(in crate::kernel) scale_rows: fn(&mut [i32], &[u16], u32),
    pub(in crate::kernel) gate: fn(&mut [i32], Samples, Factor, &[i32], u32),
}

pub(in crate::kernel) const TARGET: Functions = Functions {
    bits: |values| target_elementwise::bits(values),
    scale_rows: |sums, mantissas, left| target_elementwise::scale_rows(sums, mantissas, left),
    gate: |values, samples, to_x, up, up_left| target_elementwise::gate(values, samples, to_x, up, up_left),
};

/// As many as those of an activation, rising more steeply.
static STEEP: [u16; 65] = {
    let mut samples = [65_535; 65];
    let mut i = 0;
    while i < 64 {
        samples[i] = 32_768 + i as u16 * 512;
        i += 1;
    }
    samples[63] = 65_407;
    samples
};
static FEWEST: [u16; 2] = [32_768, 32_896];
const SAMPLES: [(Samples, &[u16]); 2] = [(Samples::new(&STEEP), &STEEP), (Samples::new(&FEWEST), &FEWEST)];

/// Puts the functions through everything; returns the number of results compared.
pub(in crate::kernel) fn check(functions: &Functions, memory: &mut [u32]) -> Result<usize, Failure> {
    let mut n = 0;
    for (len, values) in LENGTHS.into_iter().flat_map(|len| VALUES.map(|values| (len, values))) {
        for bits in 0..32 {
            let case = Case { len, values, bits };
            n += case.check_bits(functions, memory)?;
            n += case.check_scale_rows(functions, memory)?;
            n += case.check_gate(functions, memory)?;
        }
    }
    Ok(n)
}

/// Numbers of `bits` bits without sign.
#[derive(Clone, Copy)]
struct Case {
    len: usize,
    values: Values,
    bits: u32,
}

impl Case {
    fn number(self, i: usize) -> i32 {
        let most = ((1u64 << self.bits) - 1) as i32;
        match self.values {
            Values::Random => (hash(i as u32 + 9) as i32) >> (31 - self.bits),
            // The one whose magnitude is not its absolute value.
            Values::MostNegative => -most - 1,
            Values::Smallest if i + 1 < self.len => 0,
            Values::Alternating if i.is_multiple_of(2) => -most,
            _ => most,
        }
    }

    fn failure(self, function: &'static str, at: usize) -> Failure {
        Failure { function, rows: self.len, cols: self.bits as usize, values: self.values, at }
    }

    /// The numbers, with a canary behind them, and the rest of the memory.
    fn numbers(self, memory: &mut [u32]) -> (&mut [i32], &mut [u32]) {
        let (numbers, rest) = memory.split_at_mut(self.len + 1);
        let numbers: &mut [i32] = bytemuck::cast_slice_mut(numbers);
        numbers.iter_mut().enumerate().for_each(|(i, to)| *to = self.number(i));
        numbers[self.len] = CANARY;
        (numbers, rest)
    }

    fn check_bits(self, functions: &Functions, memory: &mut [u32]) -> Result<usize, Failure> {
        let (numbers, _) = self.numbers(memory);
        let fits = |bits: u32| (0..self.len).all(|i| (-(1i64 << bits)..1 << bits).contains(&self.number(i).into()));
        let expected = (0..32).find(|&bits| fits(bits));
        match Some((functions.bits)(&numbers[..self.len])) == expected {
            true => Ok(1),
            false => Err(self.failure("bits", 0)),
        }
    }

    fn check_scale_rows(self, functions: &Functions, memory: &mut [u32]) -> Result<usize, Failure> {
        let (numbers, rest) = self.numbers(memory);
        let mantissas: &mut [u16] = bytemuck::cast_slice_mut(rest);
        let left = 31 - self.bits;
        let mantissa = |i: usize| match self.values {
            Values::Random => hash(i as u32 + 1) as u16,
            Values::Smallest => 0,
            _ => u16::MAX,
        };
        // At a whole word, and not.
        for first in [0, 1] {
            let mantissas = &mut mantissas[first..first + self.len];
            mantissas.iter_mut().enumerate().for_each(|(i, to)| *to = mantissa(i));
            numbers.iter_mut().enumerate().take(self.len).for_each(|(i, to)| *to = self.number(i));
            (functions.scale_rows)(&mut numbers[..self.len], mantissas, left);
            let expected = |i| ((i64::from(self.number(i) << left) * i64::from(mantissa(i))) >> 17) as i32;
            compare(numbers, self.len, expected).map_err(|at| self.failure("scale_rows", at))?;
        }
        Ok(2 * self.len)
    }

    fn check_gate(self, functions: &Functions, memory: &mut [u32]) -> Result<usize, Failure> {
        let (numbers, rest) = self.numbers(memory);
        let up: &mut [i32] = bytemuck::cast_slice_mut(&mut rest[..self.len]);
        let up_left = self.bits;
        up.iter_mut().enumerate().for_each(|(i, to)| *to = up_number(i));
        let mantissa = 0x8000 | hash(self.bits) as u16;
        let right = RIGHTS[self.len % RIGHTS.len()];
        let to_x = Factor { left: 31 - self.bits, mantissa, right };
        let (samples, table) = SAMPLES[(self.len + self.bits as usize) % SAMPLES.len()];
        let gated = |i| expected_gate(self.number(i), table, to_x);
        let with_up = |i| {
            let upper = i64::from((up_number(i) << up_left) >> 16);
            ((i64::from(gated(i)) * upper) >> 17) as i32
        };

        (functions.gate)(&mut numbers[..self.len], samples, to_x, &[], 0);
        // No numbers are as many as no numbers.
        compare(numbers, self.len, gated).map_err(|at| self.failure("gate", at))?;
        numbers.iter_mut().enumerate().take(self.len).for_each(|(i, to)| *to = self.number(i));
        (functions.gate)(&mut numbers[..self.len], samples, to_x, up, up_left);
        compare(numbers, self.len, with_up).map_err(|at| self.failure("gate with up", at))?;
        Ok(2 * self.len)
    }
}

fn up_number(i: usize) -> i32 {
    hash(i as u32 + 31) as i32
}

fn expected_gate(value: i32, samples: &[u16], to_x: Factor) -> i32 {
    let value = i64::from(value << to_x.left);
    let x = ((value * i64::from(to_x.mantissa)) >> 17) >> to_x.right;
    let (entry, fraction) = ((x.unsigned_abs() >> SAMPLE_BITS) as usize, x.abs() % (1 << SAMPLE_BITS));
    let last = samples[samples.len() - 1];
    let [from, to] = [entry, entry + 1].map(|entry| i64::from(samples.get(entry).copied().unwrap_or(last)));
    let at_abs = from + (((to - from) * fraction + (1 << (SAMPLE_BITS - 1))) >> SAMPLE_BITS);
    let s = if x < 0 { 65_536 - at_abs } else { at_abs };
    ((value * s) >> 17) as i32
}
