//! One runner for every kernel: the same seeded shapes and extreme values against naive oracles in `i64`.

use super::*;

extern crate std;
use std::vec::Vec;

/// Lengths around every unroll width that a kernel may have, and those of real models.
const LENGTHS: [usize; 14] = [0, 1, 3, 4, 8, 15, 16, 31, 33, 64, 172, 288, 768, 4099];

struct Bytes(u32);

impl Bytes {
    fn take(&mut self, n: usize) -> Vec<i8> {
        (0..n).map(|_| self.next()).collect()
    }

    fn next(&mut self) -> i8 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 24) as i8
    }
}

fn naive_dot(a: &[i8], b: &[i8]) -> i64 {
    let mut sum = 0;
    for i in 0..a.len() {
        sum += i64::from(a[i]) * i64::from(b[i]);
    }
    sum
}

/// Runs a dot product against the oracle.
fn run_dot(dot: impl Fn(&[i8], &[i8]) -> i32) {
    let mut bytes = Bytes(1);
    for n in LENGTHS {
        let (a, b) = (bytes.take(n), bytes.take(n));
        assert_eq!(i64::from(dot(&a, &b)), naive_dot(&a, &b), "length {n}");
        for (x, y) in [(-128, 127), (127, 127), (-128, -127), (0, 127)] {
            let (a, b) = (std::vec![x; n], std::vec![y; n]);
            assert_eq!(i64::from(dot(&a, &b)), naive_dot(&a, &b), "length {n}, {x}·{y}");
        }
    }
}

/// Runs a dot product of 16-bit and 8-bit vectors against the oracle, for lengths of a head.
fn run_dot_wide(dot_wide: impl Fn(&[i16], &[i8]) -> i32) {
    let mut bytes = Bytes(3);
    for n in LENGTHS.into_iter().filter(|&n| n <= 256).chain([256]) {
        let b = bytes.take(n);
        let wide: Vec<i16> = bytes.take(n).into_iter().map(|v| i16::from(v) * 255).collect();
        for a in [wide, std::vec![32_767; n], std::vec![-32_767; n]] {
            let naive: i64 = (0..n).map(|i| i64::from(a[i]) * i64::from(b[i])).sum();
            assert_eq!(i64::from(dot_wide(&a, &b)), naive, "length {n}");
        }
    }
}

/// Runs a scaled addition against the oracle.
fn run_add_scaled(add_scaled: impl Fn(&mut [i32], i32, &[i8])) {
    let mut bytes = Bytes(2);
    for n in LENGTHS {
        let values = bytes.take(n);
        for weight in [0, 1, -1, 32_767, -32_767] {
            let mut sums = std::vec![5; n];
            add_scaled(&mut sums, weight, &values);
            let expected: Vec<i32> = values.iter().map(|&v| 5 + weight * i32::from(v)).collect();
            assert_eq!(sums, expected, "length {n}, weight {weight}");
        }
    }
}

#[test]
fn portable() {
    run_dot(portable::dot);
    run_dot_wide(portable::dot_wide);
    run_add_scaled(portable::add_scaled);
}

#[test]
fn longest_row_of_the_format_does_not_overflow() {
    let (a, b) = (std::vec![-128i8; 65_536], std::vec![127i8; 65_536]);
    assert_eq!(i64::from(portable::dot(&a, &b)), naive_dot(&a, &b));
}

#[test]
fn matvec_applies_row_and_vector_scales() {
    let mut bytes = std::vec![0u8; 16];
    bytes[..2].copy_from_slice(&half::f16::from_f32(0.5).to_bits().to_le_bytes());
    bytes[2..4].copy_from_slice(&half::f16::from_f32(2.0).to_bits().to_le_bytes());
    bytes.extend([1, 2, 3, 0, 255, 0, 1, 0]);
    let mut aligned = [0u32; 6];
    bytemuck::cast_slice_mut(&mut aligned).copy_from_slice(&bytes);
    let matrix = QMatrix::new(bytemuck::cast_slice(&aligned), 2, 3);
    let mut out = [0.0; 2];
    matvec(&matrix, QVector { scale: 0.25, data: &[1, 1, 2, 0] }, &mut out);
    assert_eq!(out, [9.0 * 0.125, 0.5]);
}
