//! Rounding with error compensation: what one weight loses, the later ones of its row make good.
//!
//! With H the second moments of a matrix's input, rounding a row w to ŵ changes its output by
//! (w − ŵ) H (w − ŵ)ᵀ on average. GPTQ (Frantar et al. 2022) rounds the columns one by one and moves the rest of
//! the row to where the error so far costs least, which the Cholesky factor of H⁻¹ tells. Rows
//! here are short, so every candidate for a row's scale is tried with the whole procedure, and
//! the winner is polished by coordinate descent and a least-squares scale.

use rayon::prelude::*;

use super::codes::{Quantized, RowScales};
use crate::measure::moments::Moments;

/// What of the procedure is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Share of the mean diagonal of H that is added to it.
    pub damping: f64,
    /// Candidates for a row's scale, as shares of the one that clips nothing.
    pub scales: (f32, f32, usize),
    /// Rounds of coordinate descent and a new scale.
    pub polish: usize,
}

impl Settings {
    /// What was measured to lose least.
    pub const DEFAULT: Self = Self { damping: 0.01, scales: (0.5, 1.05, 28), polish: 4 };
}

impl Default for Settings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Smallest and largest code.
pub type Codes = (i8, i8);

/// Rounds a row-major (rows, n) matrix whose input has these moments.
///
/// # Panics
/// If `weights` is not a whole number of rows.
pub fn round_matrix(weights: &[f32], codes: Codes, moments: &Moments, settings: &Settings) -> Quantized {
    let cols = moments.n();
    assert!(weights.len().is_multiple_of(cols), "whole rows");
    let rounder = Rounder { grid: Grid(codes), metric: &Metric::new(moments, settings.damping), settings };
    let mut codes = vec![0; weights.len()];
    let mut scales = vec![0.0; weights.len() / cols];
    let rows = weights.par_chunks_exact(cols).zip(codes.par_chunks_exact_mut(cols)).zip(&mut scales);
    rows.for_each(|((row, codes), scale)| *scale = rounder.round_row(row, codes));
    Quantized { scales: RowScales::nearest(&scales), codes }
}

#[derive(Clone, Copy)]
struct Grid(Codes);

impl Grid {
    fn nearest(self, x: f32) -> i8 {
        x.round_ties_even().clamp(f32::from(self.0.0), f32::from(self.0.1)) as i8
    }

    /// The smallest scale with which no weight of a row is clipped; 0 for a row of zeros.
    fn full_scale(self, row: &[f32]) -> f32 {
        let (low, high) = row.iter().fold((0.0f32, 0.0f32), |(low, high), &w| (low.min(w), high.max(w)));
        (low / f32::from(self.0.0)).max(high / f32::from(self.0.1))
    }
}

/// H with what follows from it; columns in the order in which they are rounded.
struct Metric {
    n: usize,
    /// Column at each place: those with the largest moments first, while the whole row can still make good.
    order: Vec<usize>,
    /// Damped H, (n, n).
    h: Vec<f32>,
    /// Upper Cholesky factor of H⁻¹, (n, n).
    factor: Vec<f32>,
}

impl Metric {
    fn new(moments: &Moments, damping: f64) -> Self {
        let n = moments.n();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|&a, &b| moments.at(b, b).total_cmp(&moments.at(a, a)));
        let mean = (0..n).map(|i| moments.at(i, i)).sum::<f64>() / n as f64;
        let mean = if mean > 0.0 { mean } else { 1.0 };
        // In units of the mean, so that f32 has room.
        let damped = |(i, j): (usize, usize)| {
            moments.at(order[i], order[j]) / mean + if i == j { damping.max(1e-6) } else { 0.0 }
        };
        let h: Vec<f64> = (0..n * n).map(|at| damped((at / n, at % n))).collect();
        let factor = upper_factor_of_inverse(&h, n);
        let narrow = |values: Vec<f64>| values.into_iter().map(|v| v as f32).collect();
        Self { n, order, h: narrow(h), factor: narrow(factor) }
    }
}

/// U with Uᵀ U = H⁻¹, upper triangular.
///
/// With the rows and columns of H reversed and a lower factor L of that, H = (J L J)(J L J)ᵀ is
/// an upper times a lower triangle, and U is the inverse of J L J.
fn upper_factor_of_inverse(h: &[f64], n: usize) -> Vec<f64> {
    let reversed = |i: usize, j: usize| h[(n - 1 - i) * n + n - 1 - j];
    let mut lower = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let (row_i, row_j) = (&lower[i * n..][..j], &lower[j * n..][..j]);
            let rest = reversed(i, j) - row_i.iter().zip(row_j).map(|(a, b)| a * b).sum::<f64>();
            lower[i * n + j] = if i == j { rest.max(1e-12).sqrt() } else { rest / lower[j * n + j] };
        }
    }
    let upper = |i: usize, j: usize| lower[(n - 1 - i) * n + n - 1 - j]; // J L J
    let mut inverse = vec![0.0; n * n];
    for j in 0..n {
        inverse[j * n + j] = 1.0 / upper(j, j);
        for i in (0..j).rev() {
            let sum: f64 = (i + 1..=j).map(|k| upper(i, k) * inverse[k * n + j]).sum();
            inverse[i * n + j] = -sum / upper(i, i);
        }
    }
    inverse
}

/// Codes for which not every largest one is tried.
const MANY_CODES: i32 = 16;

struct Rounder<'a> {
    grid: Grid,
    metric: &'a Metric,
    settings: &'a Settings,
}

impl Rounder<'_> {
    /// Writes a row's codes; returns its scale.
    fn round_row(&self, row: &[f32], codes: &mut [i8]) -> f32 {
        let n = self.metric.n;
        let row: Vec<f32> = self.metric.order.iter().map(|&column| row[column]).collect();
        let full = self.grid.full_scale(&row);
        if full == 0.0 {
            codes.fill(0);
            return 0.0;
        }
        let (mut tried, mut rest) = (vec![0; n], vec![0.0; n]);
        let (mut best, mut best_error, mut scale) = (vec![0; n], f32::INFINITY, 0.0);
        for candidate in self.candidates(&row, full) {
            let error = self.compensate(&row, candidate, &mut rest, &mut tried, best_error);
            if error < best_error {
                (best_error, scale) = (error, candidate);
                best.copy_from_slice(&tried);
            }
        }
        for _ in 0..self.settings.polish {
            let before = scale;
            let moved = self.descend(&row, scale, &mut best);
            scale = self.fitted_scale(&row, &best).unwrap_or(scale);
            if !moved && scale == before {
                break;
            }
        }
        for (&column, &code) in self.metric.order.iter().zip(&best) {
            codes[column] = code;
        }
        scale
    }

    /// Scales to try: those with which a row that was rounded before stays as it is, then an even choice.
    fn candidates(&self, row: &[f32], full: f32) -> impl Iterator<Item = f32> + use<> {
        let largest = row.iter().fold(0.0f32, |max, w| max.max(w.abs()));
        let (lowest, highest) = (i32::from(self.grid.0.0), i32::from(self.grid.0.1));
        let (low, high, n) = self.settings.scales;
        let shares = (0..n).map(move |i| high - (high - low) * i as f32 / (n.max(2) - 1) as f32);
        // With learned scales rows of few bits need not come near the highest code.
        let least = if highest < MANY_CODES { 1 } else { highest - 2 };
        let exact = (least..=highest.max(-lowest)).map(move |code| largest / code as f32);
        exact.chain(shares.map(move |share| full * share))
    }

    /// Rounds column by column, moving the later ones; returns the row's error, or infinity once it exceeds `limit`.
    fn compensate(&self, row: &[f32], scale: f32, rest: &mut [f32], codes: &mut [i8], limit: f32) -> f32 {
        rest.copy_from_slice(row);
        let (n, inverse) = (self.metric.n, 1.0 / scale);
        let mut error = 0.0;
        for j in 0..n {
            let factor = &self.metric.factor[j * n + j..(j + 1) * n];
            codes[j] = self.grid.nearest(rest[j] * inverse);
            let lost = (rest[j] - f32::from(codes[j]) * scale) / factor[0];
            error += lost * lost;
            if error >= limit {
                return f32::INFINITY;
            }
            for (rest, factor) in rest[j..].iter_mut().zip(factor) {
                *rest -= lost * factor;
            }
        }
        error
    }

    /// Moves single codes while that lowers the error; whether any moved.
    fn descend(&self, row: &[f32], scale: f32, codes: &mut [i8]) -> bool {
        let n = self.metric.n;
        let lost: Vec<f32> = row.iter().zip(&*codes).map(|(w, &code)| w - f32::from(code) * scale).collect();
        let mut slope: Vec<f32> = self.metric.h.chunks_exact(n).map(|h| dot(h, &lost)).collect(); // H (w − ŵ)
        let mut moved = false;
        for _ in 0..8 {
            let mut moved_now = false;
            for j in 0..n {
                let h = &self.metric.h[j * n..(j + 1) * n];
                let better = self.grid.nearest(f32::from(codes[j]) + slope[j] / (h[j] * scale));
                if better != codes[j] {
                    let step = f32::from(better - codes[j]) * scale;
                    slope.iter_mut().zip(h).for_each(|(slope, h)| *slope -= step * h);
                    codes[j] = better;
                    moved_now = true;
                }
            }
            moved |= moved_now;
            if !moved_now {
                break;
            }
        }
        moved
    }

    /// The scale of least error for these codes.
    fn fitted_scale(&self, row: &[f32], codes: &[i8]) -> Option<f32> {
        let codes: Vec<f32> = codes.iter().map(|&code| f32::from(code)).collect();
        let weighted: Vec<f32> = self.metric.h.chunks_exact(self.metric.n).map(|h| dot(h, &codes)).collect();
        let scale = dot(&weighted, row) / dot(&weighted, &codes);
        (scale.is_finite() && scale > 0.0).then_some(scale)
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantize::{Quant, quantize_rows};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    const N: usize = 24;

    /// Inputs that are mixtures of a few causes, as those of real models.
    fn correlated_inputs(rng: &mut ChaCha8Rng) -> Vec<f32> {
        let mixture: Vec<f32> = (0..6 * N).map(|_| rng.random_range(-1.0..1.0)).collect();
        let mut inputs = Vec::new();
        for _ in 0..200 {
            let causes: [f32; 6] = std::array::from_fn(|_| rng.random_range(-1.0..1.0));
            inputs.extend((0..N).map(|j| {
                let mixed: f32 = causes.iter().enumerate().map(|(i, cause)| cause * mixture[i * N + j]).sum();
                mixed + rng.random_range(-0.1..0.1)
            }));
        }
        inputs
    }

    /// Squared error of all outputs for these inputs.
    fn output_error(exact: &[f32], rounded: &[f32], inputs: &[f32]) -> f64 {
        let lost: Vec<f32> = exact.iter().zip(rounded).map(|(a, b)| a - b).collect();
        let outputs = inputs.chunks_exact(N).flat_map(|x| lost.chunks_exact(N).map(move |row| dot(row, x)));
        outputs.map(|e| f64::from(e).powi(2)).sum()
    }

    #[test]
    fn loses_far_less_than_the_nearest_codes_where_inputs_are_correlated() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let weights: Vec<f32> = (0..16 * N).map(|_| rng.random_range(-1.0..1.0)).collect();
        let inputs = correlated_inputs(&mut rng);
        let nearest = output_error(&weights, &quantize_rows(&weights, N, Quant::Q4).values(N), &inputs);
        let moments = Moments::of(N, &inputs);
        let error = |rounding: Settings| {
            output_error(&weights, &round_matrix(&weights, Quant::Q4.codes(), &moments, &rounding).values(N), &inputs)
        };
        let compensated = error(Settings { polish: 0, ..Settings::default() });
        let polished = error(Settings::default());
        assert!(compensated < 0.5 * nearest, "{compensated} {nearest}");
        assert!(polished < compensated, "{polished} {compensated}");
    }

    #[test]
    fn the_factor_is_that_of_the_inverse() {
        let moments = Moments::of(N, &correlated_inputs(&mut ChaCha8Rng::seed_from_u64(2)));
        let metric = Metric::new(&moments, 0.01);
        let at = |i: usize, j: usize| f64::from(metric.factor[i * N + j]);
        for i in 0..N {
            for j in 0..N {
                // (Uᵀ U H)(i, j)
                let inverse = |k: usize| (0..N).map(|l| at(l, i) * at(l, k)).sum::<f64>();
                let product: f64 = (0..N).map(|k| inverse(k) * f64::from(metric.h[k * N + j])).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-3, "{i} {j} {product}");
            }
        }
    }

    #[test]
    fn what_is_rounded_already_and_rows_of_zeros_stay_as_they_are() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let mut weights: Vec<f32> = (0..4 * N).map(|_| rng.random_range(-1.0..1.0)).collect();
        weights[..N].fill(0.0);
        let moments = Moments::of(N, &correlated_inputs(&mut rng));
        let once = quantize_rows(&weights, N, Quant::Q4).values(N);
        let twice = round_matrix(&once, Quant::Q4.codes(), &moments, &Settings::default());
        assert_eq!(twice.values(N), once);
    }

    #[test]
    fn rows_of_small_codes_stay_as_they_are() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let moments = Moments::of(N, &correlated_inputs(&mut rng));
        for largest in 1..=7i8 {
            let weights: Vec<f32> =
                (0..4 * N).map(|_| f32::from(rng.random_range(-largest..=largest)) * 0.375).collect();
            let rounded = round_matrix(&weights, Quant::Q4.codes(), &moments, &Settings::default());
            assert_eq!(rounded.values(N), weights, "codes up to {largest}");
        }
    }
}
