//! The inner loops over weights and over the KV cache, behind one interface.
//!
//! Every kernel accumulates in `i32`, so the order of a sum does not matter and any
//! implementation gives the same bits. The limits of the format keep the sums exact: a row has
//! at most 65,536 elements and a product is at most 127 · 128 in magnitude, less than 2³¹ together; so are a head's
//! at most 256 products of a 16-bit query.

mod portable;
#[cfg(test)]
mod tests;

use crate::quant::{QMatrix, QVector};

pub(crate) use portable::{add_scaled, dot, dot_wide};

/// `out[row] = Σ matrix[row][col] · vector[col]`, with all scales applied.
pub(crate) fn matvec(matrix: &QMatrix<'_>, vector: QVector<'_>, out: &mut [f32]) {
    debug_assert_eq!(matrix.stride(), vector.data.len());
    for ((scale, row), out) in matrix.rows().zip(out) {
        *out = dot(row, vector.data) as f32 * (scale * vector.scale);
    }
}
