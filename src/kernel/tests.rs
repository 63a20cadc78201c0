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

fn naive_dot(a: &[i16], b: &[i8]) -> i64 {
    let mut sum = 0;
    for i in 0..a.len() {
        sum += i64::from(a[i]) * i64::from(b[i]);
    }
    sum
}

/// Runs a dot product against the oracle, with vectors as large as `quant::quantize` makes them.
fn run_dot(dot: impl Fn(&[i16], &[i8]) -> i32) {
    let mut bytes = Bytes(1);
    for n in LENGTHS.into_iter().chain([65_536]) {
        let limit = (i32::MAX / 128 / n.max(1) as i32).min(32_767) as i16;
        let b = bytes.take(n);
        let a: Vec<i16> =
            bytes.take(n).into_iter().map(|v| i16::from(v).saturating_mul(258).clamp(-limit, limit)).collect();
        assert_eq!(i64::from(dot(&a, &b)), naive_dot(&a, &b), "length {n}");
        for (x, y) in [(-limit, 127), (limit, 127), (-limit, -128), (limit, -128), (0, 127)] {
            let (a, b) = (std::vec![x; n], std::vec![y; n]);
            assert_eq!(i64::from(dot(&a, &b)), naive_dot(&a, &b), "length {n}, {x}·{y}");
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
    run_add_scaled(portable::add_scaled);
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
