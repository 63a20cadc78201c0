//! Matrix products of the trainer: bounds-checked views over the `gemm-f32` crate.
//!
//! The only module of the host tool with `unsafe` code; everything it hands to
//! `gemm-f32` is checked against the slices it comes from.
#![allow(unsafe_code)]

// Not the crate `gemm`, which compiles the same for three other types of numbers.
use gemm_common::Parallelism;
use gemm_f32::gemm::f32::get_gemm_fn;

/// A read-only view of a row-major (rows, cols) matrix, or of its transpose.
#[derive(Clone, Copy, Debug)]
pub struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a> Matrix<'a> {
    /// Views `data` as row-major (rows, cols).
    ///
    /// # Panics
    /// When `data` does not hold exactly `rows · cols` elements.
    pub fn new(data: &'a [f32], rows: usize, cols: usize) -> Self {
        assert_eq!(data.len(), rows * cols, "matrix of {rows} x {cols}");
        Self { data, rows, cols, row_stride: cols, col_stride: 1 }
    }

    /// The transpose of the view; nothing moves.
    pub fn transposed(self) -> Self {
        Self {
            data: self.data,
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
        }
    }
}

/// Whether a product replaces what the output holds or is added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// `out = a · b`
    Replace,
    /// `out += a · b`
    Add,
}

/// Writes the product of `a` (m, k) and `b` (k, n) to the row-major `out` (m, n), on the calling thread.
///
/// # Panics
/// When the shapes do not fit together.
pub fn matmul(out: &mut [f32], a: Matrix, b: Matrix, store: Store) {
    assert_eq!(a.cols, b.rows, "inner sizes of a product");
    assert_eq!(out.len(), a.rows * b.cols, "output of a product");
    let (add, alpha) = (store == Store::Add, f32::from(store == Store::Add));
    // The kernels are for columns whose elements are next to each other, as in the transpose of `out`.
    let (left, right) = if b.cols > 1 { (b.transposed(), a.transposed()) } else { (a, b) };
    // SAFETY: `Matrix` is only built with `data.len() == rows * cols` and the strides of a
    // dense row-major matrix or its transpose, so every element (i, j) with i < rows and
    // j < cols lies inside `data`. `out` holds a.rows * b.cols elements (asserted above) and,
    // as a unique borrow, overlaps neither input. The strides fit in isize because a slice
    // never spans more than isize::MAX bytes.
    unsafe {
        get_gemm_fn()(
            left.rows,
            right.cols,
            left.cols,
            out.as_mut_ptr(),
            b.cols as isize,
            1,
            add,
            left.data.as_ptr(),
            left.col_stride as isize,
            left.row_stride as isize,
            right.data.as_ptr(),
            right.col_stride as isize,
            right.row_stride as isize,
            alpha,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn product_and_transposed_product() {
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let b = [1.0, 0.0, -1.0, 2.0, 0.5, 1.0];
        let mut out = [0.0; 4];
        matmul(&mut out, Matrix::new(&a, 2, 3), Matrix::new(&b, 3, 2), Store::Replace);
        assert_eq!(out, [0.5, 7.0, 2.0, 16.0]);
        matmul(&mut out, Matrix::new(&a, 3, 2).transposed(), Matrix::new(&b, 2, 3).transposed(), Store::Add);
        assert_eq!(out, [-3.5, 15.5, -2.0, 28.0]);
    }

    #[test]
    #[should_panic(expected = "inner sizes")]
    fn shapes_are_checked() {
        let a = [0.0; 6];
        matmul(&mut [0.0; 4], Matrix::new(&a, 2, 3), Matrix::new(&a, 2, 3), Store::Replace);
    }
}
