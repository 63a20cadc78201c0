//! Vectors of x86-64 against the loops of other targets.

extern crate std;

use std::is_x86_feature_detected as has;
use std::vec::Vec;

use super::super::attention::{self, Heads, Records, ScoreScale, Weights};
use super::super::{Sums, portable, x86_attention, x86_avx2, x86_vnni, x86_vnni_attention};

/// Numbers of 24 bits, always the same.
fn numbers() -> impl FnMut() -> u32 {
    let mut seed = 1u32;
    move || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        seed >> 8
    }
}

#[test]
fn attention_has_the_same_bits_with_vectors() {
    if !has!("avx2") {
        return;
    }
    let mut next = numbers();
    for (head, n_head, number, n) in [(8, 4usize, 3, 1), (8, 5, 4, 8), (16, 1, 0, 37), (48, 6, 2, 64)] {
        let codes = head * n_head;
        let len = codes + n_head.next_multiple_of(4);
        let bytes: Vec<i8> = (0..len * n).map(|_| next() as i8).collect();
        let records = Records { bytes: &bytes, len, start: number * head, head, code: codes + number };
        let query: Vec<i16> = (0..head).map(|_| next() as i16 / 2).collect();
        assert!(x86_attention::suits(records, head));
        for shift in [-20, 0, 3, 14, 30] {
            let scale = ScoreScale { mantissa: 0x8000 | next() as u16, left: next() % 4, shift };
            let (mut scores, mut others) = (std::vec![0; n], std::vec![0; n]);
            let most = attention::score(records, &query, scale, &mut scores);
            // SAFETY: the processor has AVX2, and the records suit.
            assert_eq!(unsafe { x86_attention::score(records, &query, scale, &mut others) }, most);
            assert_eq!(scores, others);

            let weights = Weights { most, step_code: 255, shift: next() % 4 };
            scores.iter_mut().for_each(|score| *score = most - (next() % (1 << (next() % 23))) as i32);
            others.copy_from_slice(&scores);
            let (mut out, mut other) = (std::vec![7; head], std::vec![7; head]);
            let total = attention::mix(records, weights, &mut scores, &mut out);
            // SAFETY: as above.
            assert_eq!(unsafe { x86_attention::mix(records, weights, &mut others, &mut other) }, total);
            assert_eq!(out, other);
        }
    }
}

/// Key/value heads, query heads of each, head_dim.
const SHAPES: [(usize, usize, usize); 9] =
    [(4, 2, 8), (2, 1, 8), (4, 3, 8), (6, 1, 48), (3, 1, 16), (1, 5, 32), (2, 2, 64), (1, 1, 256), (8, 4, 16)];
/// Tokens in both runs of records.
const RUNS: [(usize, usize); 7] = [(1, 0), (15, 0), (16, 0), (17, 0), (40, 9), (1, 63), (300, 1)];

#[test]
fn attention_of_all_heads_has_the_same_bits() {
    if !(has!("avx512f") && has!("avx512bw") && has!("avx512vl") && has!("avx512vnni")) {
        return;
    }
    let mut next = numbers();
    for (n_kv_head, group, head_dim) in SHAPES {
        for (n, m) in RUNS {
            let codes = n_kv_head * head_dim;
            let len = codes + n_kv_head.next_multiple_of(4);
            let [first, second, third, fourth]: [Vec<i8>; 4] =
                [n, m, n, m].map(|n| (0..n * len).map(|_| next() as i8).collect());
            let records = |bytes| Records { bytes, len, start: 0, head: head_dim, code: codes };
            let (keys, values) = ([records(&first), records(&second)], [records(&third), records(&fourth)]);
            let heads = Heads { keys, values, group, step_code: 255, shift: next() % 3 };
            let n_query = n_kv_head * group * head_dim;
            let queries: Vec<i32> = (0..n_query).map(|_| (next() % 46_342) as i32 - 23_171).collect();
            assert!(x86_vnni_attention::suits(heads, &queries, head_dim), "{n_kv_head} {group} {head_dim}");
            let left = 31 - 22 - head_dim.ilog2() - 1;
            let prepare =
                |query: &mut [i32]| ScoreScale { mantissa: query[0] as u16 | 1 << 15, left, shift: 10 + query[1] % 8 };
            let finish = |total: u32, sums: &mut [i32]| sums[0] ^= total as i32;

            let (mut query, mut scores) = (queries.clone(), std::vec![0; n + m]);
            let mut right = std::vec![7; n_query];
            attention::attend(heads, &mut query, head_dim, &mut right, &mut scores, prepare, finish);
            let (mut query, mut out) = (queries, std::vec![9; n_query]);
            // SAFETY: the processor has the instructions, and the heads suit.
            unsafe { x86_vnni_attention::attend(heads, &mut query, head_dim, &mut out, prepare, finish) };
            assert_eq!(out, right, "{n_kv_head} {group} {head_dim}, {n} + {m} tokens");
        }
    }
}

#[test]
fn heads_that_do_not_suit_are_told() {
    let bytes = [0; 320];
    let records = Records { bytes: &bytes, len: 20, start: 0, head: 8, code: 16 };
    let heads = Heads { keys: [records; 2], values: [records; 2], group: 1, step_code: 0, shift: 0 };
    let suits = |heads, n_query: usize, head_dim| x86_vnni_attention::suits(heads, &std::vec![0; n_query], head_dim);
    assert!(suits(heads, 16, 8));
    // An odd number of short heads, heads beyond the record, other lengths, no heads.
    assert!(!suits(heads, 8, 8) && !suits(heads, 32, 8) && !suits(heads, 16, 4) && !suits(heads, 0, 8));
    assert!(!suits(Heads { group: 0, ..heads }, 16, 8) && !suits(Heads { group: 3, ..heads }, 16, 8));
    let outside = Records { code: 20, ..records };
    assert!(!suits(Heads { values: [records, outside], ..heads }, 16, 8));
    // More tokens than there is room for.
    let many = std::vec![0; 20 * 2049];
    let many = [Records { bytes: &many, ..records }, Records { bytes: &[], ..records }];
    assert!(!suits(Heads { keys: many, values: many, ..heads }, 16, 8));
}

/// Wider and higher than `check` can be with the memory of a device: every number of blocks that go together, and more
/// columns than inputs are laid out for at a time.
#[test]
fn large_matrices_have_the_same_sums() {
    let mut next = numbers();
    let vnni = has!("avx512f") && has!("avx512bw") && has!("avx512vl") && has!("avx512vnni");
    let q8: [(bool, Sums, Sums); 2] =
        [(vnni, portable::sums_q8, x86_vnni::sums_q8), (has!("avx2"), portable::sums_q8, x86_avx2::sums_q8)];
    let q4: [(bool, Sums, Sums); 2] =
        [(vnni, portable::sums_q4, x86_vnni::sums_q4), (has!("avx2"), portable::sums_q4, x86_avx2::sums_q4)];
    // The kernels, and the largest input: for `q8` what is two signed bytes, and what is not.
    let kernels = [(q8, 32_639), (q8, 32_767), (q4, 127)];
    for (n_col16, n_block) in [(3usize, 7usize), (4, 8), (4, 23), (18, 17), (64, 3), (65, 9), (129, 8), (140, 13)] {
        // Two tiles more, for kernels that take 32 columns at once.
        let tiles: Vec<u128> =
            (0..(n_col16 * n_block + 1) * 4).map(|_| (0..6).fold(0, |w, _| w << 24 | u128::from(next()))).collect();
        for (kernels, limit) in kernels {
            let mut halves = std::vec![0i16; n_col16.next_multiple_of(2) * 16];
            halves[..n_col16 * 16].fill_with(|| (next() as i32 % (2 * limit + 1) - limit) as i16);
            halves[0] = limit as i16;
            halves[1] = -limit as i16;
            let words: Vec<u32> =
                halves.chunks(2).map(|two| two[0] as u16 as u32 | (two[1] as u16 as u32) << 16).collect();
            for (is_there, right, kernel) in kernels {
                if !is_there {
                    continue;
                }
                let run = |sums: Sums| {
                    let mut out = std::vec![7; n_block * 4 + 1];
                    // SAFETY: tiles, input and sums are as long as the contract asks, and the processor has the
                    // instructions.
                    unsafe { sums(tiles.as_ptr().cast(), words.as_ptr(), n_col16, n_block, -5, out.as_mut_ptr()) };
                    out
                };
                assert!(run(kernel) == run(right), "{n_col16} · 16 columns, {n_block} blocks, limit {limit}");
            }
        }
    }
}

#[test]
fn largest_bytes_are_found() {
    let bytes: Vec<i8> = (0..60).map(|i| (i * 37 % 251) as u8 as i8).collect();
    for (len, at, n) in [(20, 16, 4), (20, 16, 3), (20, 8, 7), (12, 4, 5), (12, 5, 3), (20, 16, 1), (20, 17, 3)] {
        let naive = (0..60 / len).flat_map(|i| &bytes[i * len + at..][..n]).map(|&byte| byte as u8).max().unwrap();
        assert_eq!(super::super::largest_byte(&bytes, len, at, n), naive, "{len} {at} {n}");
    }
    assert_eq!(super::super::largest_byte(&[], 20, 16, 4), 0);
}
