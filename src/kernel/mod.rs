//! The inner loops over weights and over the KV cache, behind one interface.
//!
//! Every kernel accumulates in `i32`, so the order of a sum does not matter and any implementation gives the same
//! bits. Vectors are rounded to as many bits as keep the sums below 2³¹ (`quant::quantize`).

mod portable;
#[cfg(test)]
mod tests;

use crate::quant::{QMatrix, QVector};

pub(crate) use portable::{add_scaled, dot};

/// `out[row] = Σ matrix[row][col] · vector[col]`, with all scales applied.
pub(crate) fn matvec(matrix: &QMatrix<'_>, vector: QVector<'_>, out: &mut [f32]) {
    debug_assert_eq!(matrix.stride(), vector.data.len());
    for ((scale, row), out) in matrix.rows().zip(out) {
        *out = dot(vector.data, row) as f32 * (scale * vector.scale);
    }
}
