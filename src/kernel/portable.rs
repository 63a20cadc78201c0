//! Kernels in plain Rust, for every target.

/// `Σ a[i] · b[i]` over the shorter of both, wrapping.
pub(crate) fn dot(a: &[i16], b: &[i8]) -> i32 {
    a.iter().zip(b).fold(0, |sum: i32, (&a, &b)| sum.wrapping_add(i32::from(a) * i32::from(b)))
}

/// `sums[i] += weight · values[i]`, wrapping.
pub(crate) fn add_scaled(sums: &mut [i32], weight: i32, values: &[i8]) {
    for (sum, &value) in sums.iter_mut().zip(values) {
        *sum = sum.wrapping_add(weight.wrapping_mul(i32::from(value)));
    }
}
