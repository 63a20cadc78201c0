//! Loops over elements against naive ones.

use super::{CANARY, Failure, VALUES, Values, compare, hash};
use crate::fixed::Factor;
use crate::kernel::{Rounding, SAMPLE_BITS, Samples, target_elementwise};

/// Numbers of elements around every unroll.
const LENGTHS: [usize; 14] = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 34];
/// Shifts of places to the right: none, some, all bits.
const RIGHTS: [u32; 5] = [0, 5, 13, 19, 31];

/// What is called.
pub(in crate::kernel) struct Functions {
    pub(in crate::kernel) bits: fn(&[i32]) -> u32,
    pub(in crate::kernel) largest: fn(&[i32]) -> u32,
    pub(in crate::kernel) subtract: fn(&mut [i32], &[i32], i32) -> u32,
    pub(in crate::kernel) times_gain: fn(&mut [i32], &[i16], u32) -> u64,
    pub(in crate::kernel) round_to_halves: Round,
    pub(in crate::kernel) round_to_tiles: Round,
    pub(in crate::kernel) times: fn(&mut [i32], Factor),
    pub(in crate::kernel) scale_rows: fn(&mut [i32], &[u16], u32),
    pub(in crate::kernel) gate: fn(&mut [i32], Samples, Factor, &[i32], u32),
}

type Round = fn(&mut [u32], &[i32], Rounding) -> i32;

pub(in crate::kernel) const TARGET: Functions = Functions {
    bits: |values| target_elementwise::bits(values),
    largest: |values| target_elementwise::largest(values),
    subtract: |out, x, middle| target_elementwise::subtract(out, x, middle),
    times_gain: |values, gains, left| target_elementwise::times_gain(values, gains, left),
    round_to_halves: |words, values, rounding| target_elementwise::round_to_halves(words, values, rounding),
    round_to_tiles: |words, values, rounding| target_elementwise::round_to_tiles(words, values, rounding),
    times: |values, factor| target_elementwise::times(values, factor),
    scale_rows: |sums, mantissas, left| target_elementwise::scale_rows(sums, mantissas, left),
    gate: |values, samples, to_x, up, up_left| super::super::gate(values, samples, to_x, up, up_left),
};

/// Samples, as many as those of an activation, rising more steeply.
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

/// Puts the functions through everything. Returns the number of results compared.
pub(in crate::kernel) fn check(functions: &Functions, memory: &mut [u32]) -> Result<usize, Failure> {
    let mut n = 0;
    for (len, values) in LENGTHS.into_iter().flat_map(|len| VALUES.map(|values| (len, values))) {
        for bits in 0..32 {
            let case = Case { len, values, bits };
            n += case.check_bits(functions, memory)?;
            n += case.check_subtract(functions, memory)?;
            n += case.check_times_gain(functions, memory)?;
            n += case.check_rounding("round_to_halves", functions.round_to_halves, 2, memory)?;
            n += case.check_rounding("round_to_tiles", functions.round_to_tiles, 1, memory)?;
            n += case.check_times(functions, memory)?;
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

    fn factor(self) -> Factor {
        let mantissa = 0x8000 | hash(self.bits) as u16;
        Factor { left: 31 - self.bits, mantissa, right: RIGHTS[self.len % RIGHTS.len()] }
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
        let numbers = &numbers[..self.len];
        let largest = numbers.iter().fold(0, |most, v| v.unsigned_abs().max(most));
        match ((functions.bits)(numbers), (functions.largest)(numbers)) {
            (bits, _) if Some(bits) != bits_of(numbers) => Err(self.failure("bits", 0)),
            (_, most) if most != largest => Err(self.failure("largest", 0)),
            _ => Ok(2),
        }
    }

    fn check_subtract(self, functions: &Functions, memory: &mut [u32]) -> Result<usize, Failure> {
        let (numbers, rest) = self.numbers(memory);
        let out: &mut [i32] = bytemuck::cast_slice_mut(&mut rest[..=self.len]);
        out.fill(CANARY);
        let middle = hash(self.bits + 77) as i32 >> self.bits;
        let bits = (functions.subtract)(&mut out[..self.len], &numbers[..self.len], middle);
        compare(out, self.len, |i| self.number(i).wrapping_sub(middle)).map_err(|at| self.failure("subtract", at))?;
        match Some(bits) == bits_of(&out[..self.len]) {
            true => Ok(self.len + 1),
            false => Err(self.failure("bits of differences", 0)),
        }
    }

    fn check_times_gain(self, functions: &Functions, memory: &mut [u32]) -> Result<usize, Failure> {
        let (numbers, rest) = self.numbers(memory);
        let gains: &mut [i16] = bytemuck::cast_slice_mut(rest);
        let left = 31 - self.bits;
        let gain = |i: usize| match self.values {
            Values::Random => hash(i as u32 + 1) as i16,
            Values::Largest => i16::MAX,
            _ => i16::MIN,
        };
        // At a whole word, and not.
        for first in [0, 1] {
            let gains = &mut gains[first..first + self.len];
            gains.iter_mut().enumerate().for_each(|(i, to)| *to = gain(i));
            numbers.iter_mut().enumerate().take(self.len).for_each(|(i, to)| *to = self.number(i));
            let sum = (functions.times_gain)(&mut numbers[..self.len], gains, left);
            let shifted = |i| i64::from(self.number(i) << left);
            let expected = |i| ((shifted(i) * i64::from(gain(i))) >> 17) as i32;
            compare(numbers, self.len, expected).map_err(|at| self.failure("times_gain", at))?;
            if sum != (0..self.len).map(|i| (shifted(i) >> 16).pow(2) as u64).sum() {
                return Err(self.failure("sum of squares", 0));
            }
        }
        Ok(2 * self.len + 2)
    }

    /// Checks rounding, with two results to a word, or as factors for whole words.
    fn check_rounding(
        self,
        function: &'static str,
        round: Round,
        in_word: usize,
        memory: &mut [u32],
    ) -> Result<usize, Failure> {
        let (numbers, rest) = self.numbers(memory);
        // A few words more than needed, for zeros, and the canary.
        let n_word = self.len.div_ceil(in_word).next_multiple_of(4) + 4;
        let words = &mut rest[..=n_word];
        words.fill(CANARY as u32);
        let rounding = Rounding {
            left: 31 - self.bits,
            factor: hash(self.bits + 3) as u16 >> 1,
            // Results of 16 bits, 8 bits, and others.
            right: [14, 22, 15, 19, 31][self.len % 5],
        };
        let rounded = |i: usize| {
            if i >= self.len {
                return 0;
            }
            let product = (i64::from(self.number(i) << rounding.left) * i64::from(rounding.factor)) >> 17;
            (product as i32).wrapping_add(1 << (rounding.right - 1)) >> rounding.right
        };
        let sum = round(&mut words[..n_word], &numbers[..self.len], rounding);
        let expected = |at: usize| {
            if in_word == 2 {
                return (rounded(2 * at) & 0xFFFF) | (rounded(2 * at + 1) << 16);
            }
            // The columns of a word of weights are 0, 2, 1, 3.
            let place = |at: usize| rounded(at / 4 * 4 + [0, 2, 1, 3][at % 4]);
            place(at) - if at.is_multiple_of(4) { 0 } else { place(at - 1) << 8 }
        };
        compare(bytemuck::cast_slice(words), n_word, expected).map_err(|at| self.failure(function, at))?;
        match sum == (0..self.len).fold(0, |sum: i32, i| sum.wrapping_add(rounded(i))) {
            true => Ok(n_word + 1),
            false => Err(self.failure("sum of rounded numbers", 0)),
        }
    }

    fn check_times(self, functions: &Functions, memory: &mut [u32]) -> Result<usize, Failure> {
        let (numbers, _) = self.numbers(memory);
        let factor = self.factor();
        let expected = |i| times(self.number(i), factor) as i32;
        (functions.times)(&mut numbers[..self.len], factor);
        compare(numbers, self.len, expected).map_err(|at| self.failure("times", at))?;
        Ok(self.len)
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
        let to_x = self.factor();
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

/// The fewest bits, by trying.
fn bits_of(numbers: &[i32]) -> Option<u32> {
    let fits = |bits: u32| numbers.iter().all(|&v| (-(1i64 << bits)..1 << bits).contains(&v.into()));
    (0..32).find(|&bits| fits(bits))
}

fn up_number(i: usize) -> i32 {
    hash(i as u32 + 31) as i32
}

fn times(value: i32, factor: Factor) -> i64 {
    ((i64::from(value << factor.left) * i64::from(factor.mantissa)) >> 17) >> factor.right
}

fn expected_gate(value: i32, samples: &[u16], to_x: Factor) -> i32 {
    let x = times(value, to_x);
    let (entry, fraction) = ((x.unsigned_abs() >> SAMPLE_BITS) as usize, x.abs() % (1 << SAMPLE_BITS));
    let last = samples[samples.len() - 1];
    let [from, to] = [entry, entry + 1].map(|entry| i64::from(samples.get(entry).copied().unwrap_or(last)));
    let at_abs = from + (((to - from) * fraction + (1 << (SAMPLE_BITS - 1))) >> SAMPLE_BITS);
    let s = if x < 0 { 65_536 - at_abs } else { at_abs };
    ((i64::from(value << to_x.left) * s) >> 17) as i32
}
