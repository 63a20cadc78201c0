//! Rotary positions on the rows of queries and keys.

use super::attention::Shape;
use super::math::vectorized;

/// Turns queries and keys by their positions, or back (`inverse`).
///
/// `turns` holds (len, head_dim / 2) cosines and sines; element `i` of a head turns with
/// element `i + head_dim / 2`.
pub fn rotate(shape: &Shape, rows: &mut [f32], turns: &[(Vec<f32>, Vec<f32>)], inverse: bool) {
    let sign = if inverse { -1.0 } else { 1.0 };
    let rotated = (shape.n_head + shape.n_kv_head) * shape.head_dim;
    let half = shape.head_dim / 2;
    vectorized(
        #[inline(always)]
        || {
            let turns = turns[..shape.len].iter().cycle();
            for (row, (cos, sin)) in rows.chunks_exact_mut(shape.qkv_width()).zip(turns) {
                for head in row[..rotated].chunks_exact_mut(shape.head_dim) {
                    let (low, high) = head.split_at_mut(half);
                    let pairs = low.iter_mut().zip(high);
                    for ((a, b), (&cos, &sin)) in pairs.zip(cos.iter().zip(sin)) {
                        let sin = sin * sign;
                        (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
                    }
                }
            }
        },
    );
}

/// Cosines and sines of the rotary angles `position · theta^(−2i / head_dim)` (Su et al. 2021).
pub fn rotary_turns(len: usize, head_dim: usize, theta: f32) -> Vec<(Vec<f32>, Vec<f32>)> {
    let angle = |position: usize, i: usize| position as f64 * f64::from(theta).powf(-2.0 * i as f64 / head_dim as f64);
    (0..len)
        .map(|position| {
            (0..head_dim / 2).map(|i| angle(position, i).sin_cos()).map(|(sin, cos)| (cos as f32, sin as f32)).unzip()
        })
        .collect()
}
