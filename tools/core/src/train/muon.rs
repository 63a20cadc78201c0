//! Muon (Jordan 2024): updates of hidden matrices whose directions are all equally long.
//!
//! The momentum of a matrix is replaced by the nearest matrix with equal singular values, found by a few
//! Newton-Schulz iterations. Scaled as in Liu et al. 2025, it takes AdamW's learning rates and weight decay.
//! Small models get as far in fewer tokens.

use crate::network::matmul::{Matrix, Store, matmul};

const MOMENTUM: f32 = 0.95;
const ITERATIONS: usize = 5;
/// Coefficients of the quintic iteration.
const QUINTIC: (f32, f32, f32) = (3.4445, -4.775, 2.0315);
/// Root mean square of an update over the learning rate: what AdamW's updates have.
const UPDATE_SIZE: f32 = 0.2;

/// A matrix with what belongs to it, each (rows, cols).
#[derive(Debug)]
pub struct HiddenMatrix<'a> {
    pub values: &'a mut [f32],
    pub gradients: &'a [f32],
    /// Running mean of the gradients.
    pub momentum: &'a mut [f32],
    pub cols: usize,
}

/// Makes one update.
pub fn update(matrix: HiddenMatrix, learning_rate: f32, weight_decay: f32) {
    let HiddenMatrix { values, gradients, momentum, cols } = matrix;
    let mut direction = Vec::with_capacity(values.len());
    for (mean, &gradient) in momentum.iter_mut().zip(gradients) {
        *mean = MOMENTUM * *mean + (1.0 - MOMENTUM) * gradient;
        direction.push(MOMENTUM * *mean + (1.0 - MOMENTUM) * gradient);
    }
    let rows = values.len() / cols;
    orthogonalize(&mut direction, rows, cols);
    let size = learning_rate * UPDATE_SIZE * (rows.max(cols) as f32).sqrt();
    let decay = 1.0 - learning_rate * weight_decay;
    for (value, step) in values.iter_mut().zip(&direction) {
        *value = *value * decay - size * step;
    }
}

/// Brings the singular values of a (rows, cols) matrix near 1, by Newton-Schulz.
fn orthogonalize(x: &mut Vec<f32>, rows: usize, cols: usize) {
    let norm = x.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>().sqrt();
    if norm == 0.0 {
        return;
    }
    x.iter_mut().for_each(|v| *v = (f64::from(*v) / norm) as f32);
    let (a, b, c) = QUINTIC;
    let n = rows.min(cols);
    let (mut gram, mut square) = (vec![0.0; n * n], vec![0.0; n * n]);
    let mut next = vec![0.0; x.len()];
    for _ in 0..ITERATIONS {
        let view = Matrix::new(x, rows, cols);
        let (left, right) = if rows <= cols { (view, view.transposed()) } else { (view.transposed(), view) };
        matmul(&mut gram, left, right, Store::Replace);
        let symmetric = Matrix::new(&gram, n, n);
        matmul(&mut square, symmetric, symmetric, Store::Replace);
        square.iter_mut().zip(&gram).for_each(|(square, gram)| *square = b * gram + c * *square);
        next.iter_mut().zip(x.iter()).for_each(|(next, x)| *next = a * x);
        let factor = Matrix::new(&square, n, n);
        if rows <= cols {
            matmul(&mut next, factor, view, Store::Add);
        } else {
            matmul(&mut next, view, factor, Store::Add);
        }
        std::mem::swap(x, &mut next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deterministic values without structure, (rows, cols).
    fn noise(n: usize) -> Vec<f32> {
        (0..n).map(|i| ((i * i * 7 + i * 13) % 101) as f32 / 50.0 - 1.0).collect()
    }

    #[test]
    fn singular_values_come_near_one() {
        for (rows, cols) in [(6, 16), (16, 6), (8, 8)] {
            let mut x = noise(rows * cols);
            orthogonalize(&mut x, rows, cols);
            let view = Matrix::new(&x, rows, cols);
            let (left, right) = if rows <= cols { (view, view.transposed()) } else { (view.transposed(), view) };
            let n = rows.min(cols);
            let mut gram = vec![0.0; n * n];
            matmul(&mut gram, left, right, Store::Replace);
            let trace: f32 = (0..n).map(|i| gram[i * n + i]).sum();
            assert!((trace / n as f32 - 0.9).abs() < 0.35, "{rows} x {cols}: {trace}");
        }
    }

    #[test]
    fn an_update_has_the_size_of_adamws() {
        let (rows, cols) = (24, 16);
        let mut values = vec![0.0; rows * cols];
        let mut momentum = values.clone();
        let gradients = noise(rows * cols);
        update(HiddenMatrix { values: &mut values, gradients: &gradients, momentum: &mut momentum, cols }, 0.01, 0.1);
        let rms = (values.iter().map(|v| v * v).sum::<f32>() / values.len() as f32).sqrt();
        assert!((0.001..0.003).contains(&rms), "{rms}");
        assert!(values.iter().zip(&gradients).map(|(v, g)| v * g).sum::<f32>() < 0.0);
    }

    #[test]
    fn no_gradient_is_no_update() {
        let mut values = vec![1.0; 4];
        update(HiddenMatrix { values: &mut values, gradients: &[0.0; 4], momentum: &mut [0.0; 4], cols: 2 }, 0.1, 0.0);
        assert_eq!(values, [1.0; 4]);
    }
}
