//! The kernels of the host, and the runner itself: it must find a kernel that is wrong.

use super::check::{self, WORDS};
use super::*;

extern crate std;

#[test]
fn every_kernel_of_this_machine_is_right() {
    for kernel in check::available() {
        assert!(check::choose(kernel));
        let n = check::run(&mut [0; WORDS]).unwrap_or_else(|failure| panic!("{failure}"));
        assert!(n > 10_000, "{n}");
        assert_eq!((check::attention_name(), check::elementwise_name()), (name(), name()));
        std::println!("{kernel}: {n} results are right");
    }
    assert!(!check::choose("another machine's"));
}

/// Fails if a processor with AVX2 does not run a kernel for it.
#[cfg(kernel = "x86")]
#[test]
fn the_best_kernel_is_chosen() {
    use std::is_x86_feature_detected as has;
    let vnni = has!("avx512f") && has!("avx512bw") && has!("avx512vl") && has!("avx512vnni");
    let expected = [(vnni, "x86-avx512-vnni"), (has!("avx2"), "x86-avx2"), (true, "portable")];
    let expected = expected.into_iter().find(|(is_there, _)| *is_there).unwrap().1;
    assert_eq!(check::available().last(), Some(expected));
}

#[test]
fn portable_is_right() {
    check::check_format("sums_q8", &Multiplier { sums: portable::sums_q8, ..Multiplier::Q8 }, &mut [0; WORDS]).unwrap();
    check::check_format("sums_q4", &Multiplier { sums: portable::sums_q4, ..Multiplier::Q4 }, &mut [0; WORDS]).unwrap();
}

/// A kernel that leaves out the last 16 columns, and one that writes a number too many.
#[test]
fn wrong_kernels_are_found() {
    /// # Safety
    /// As [`Sums`](super::Sums) says.
    unsafe extern "C" fn short(t: *const u8, x: *const u32, n_col16: usize, n_block: usize, init: i32, s: *mut i32) {
        // SAFETY: the contract for more columns covers fewer.
        unsafe { portable::sums_q8(t, x, n_col16.div_ceil(2), n_block, init, s) }
    }
    /// # Safety
    /// As [`Sums`](super::Sums) says.
    unsafe extern "C" fn long(t: *const u8, x: *const u32, n_col16: usize, n_block: usize, init: i32, s: *mut i32) {
        // SAFETY: the runner has room for one number more.
        unsafe {
            portable::sums_q4(t, x, n_col16, n_block, init, s);
            s.add(4 * n_block).write(0);
        }
    }
    let failure =
        check::check_format("short", &Multiplier { sums: short, ..Multiplier::Q8 }, &mut [0; WORDS]).unwrap_err();
    assert_eq!((failure.function, failure.cols), ("short", 17));
    let failure =
        check::check_format("long", &Multiplier { sums: long, ..Multiplier::Q4 }, &mut [0; WORDS]).unwrap_err();
    assert_eq!((failure.function, failure.rows, failure.at), ("long", 0, 0));
}

/// Attention that forgets a token, and one that takes no notice of the steps' codes.
#[test]
fn wrong_attention_is_found() {
    use check::attention::{Functions, TARGET, check};
    let short = Functions {
        score: |keys, query, scale, scores| {
            let some = scores.len().saturating_sub(usize::from(scores.len() > 3));
            super::attention::score(keys, query, scale, &mut scores[..some])
        },
        ..TARGET
    };
    let failure = check(&short, &mut [0; WORDS]).unwrap_err();
    assert_eq!((failure.function, failure.rows), ("scores", 4));
    let coarse = Functions {
        mix: |values, weights, scores, out| {
            super::attention::mix(super::attention::Records { code: values.len - 1, ..values }, weights, scores, out)
        },
        ..TARGET
    };
    assert_eq!(check(&coarse, &mut [0; WORDS]).unwrap_err().function, "weighted sums");
    check(&TARGET, &mut [0; WORDS]).unwrap();
}

/// Loops that leave out the last element, and one that leaves out the factors.
#[test]
fn wrong_loops_over_elements_are_found() {
    use check::elementwise::{Functions, TARGET, check};
    let short = Functions { bits: |values| bits(&values[..values.len().saturating_sub(1)]), ..TARGET };
    assert_eq!(check(&short, &mut [0; WORDS]).unwrap_err().function, "bits");
    let short = Functions {
        scale_rows: |sums, mantissas, left| scale_rows(sums, &mantissas[..mantissas.len().saturating_sub(1)], left),
        ..TARGET
    };
    assert_eq!(check(&short, &mut [0; WORDS]).unwrap_err().function, "scale_rows");
    let no_up = Functions { gate: |values, samples, to_x, _, _| gate(values, samples, to_x, &[], 0), ..TARGET };
    assert_eq!(check(&no_up, &mut [0; WORDS]).unwrap_err().function, "gate with up");
    check(&TARGET, &mut [0; WORDS]).unwrap();
}

#[test]
fn foreign_tiles_and_inputs_give_zeros() {
    let mut words = [0; 32];
    let input = Input::new(Multiplier::Q8.layout, &mut words, 16, [1; 16].into_iter());
    let tiles = crate::Aligned([200; 64]);
    let mut out = [7; 4];
    Multiplier::Q8.multiply(&tiles.0, &input, &mut out);
    assert_eq!(out, [16 * 72; 4]);
    for bytes in [&tiles.0[..63], &tiles.0[1..], &[]] {
        Multiplier::Q8.multiply(bytes, &input, &mut out);
        assert_eq!(out, [0; 4]);
        out = [7; 4];
    }
    let mut few = [0; 3];
    let input = Input::new(Multiplier::Q8.layout, &mut few, 16, [1; 16].into_iter());
    Multiplier::Q8.multiply(&tiles.0, &input, &mut out);
    assert_eq!(out, [0; 4]);
}

#[test]
fn layouts_are_what_they_say() {
    use super::input::Layout;
    let write = |layout| {
        let mut words = [9; 32];
        Input::new(layout, &mut words, 3, [1, -2, 3].into_iter());
        words
    };
    assert_eq!(write(Layout::Halves)[..3], [0xFFFE_0001, 3, 0]);
    assert_eq!(write(Layout::WholeWords)[..4], [1, -253, -770, 512].map(|word: i32| word as u32));
    // 8·Σx, −8·Σx and the factors, from which 16 and 256 times the first are taken.
    assert_eq!(write(Layout::GroupsOfHalves)[..5], [16, -16i32 as u32, 0xFFFE_0001, 0x0020_FFF3, 0x0200_FF00]);
    let first = 0x1_0000 - 2;
    let words = [16, (-16 << 16) + 32_768, first, 0x3_0000 - 16 * first, -256 * first].map(|word: i32| word as u32);
    assert_eq!(write(Layout::GroupsOfWords)[..5], words);

    let mut words = [9; 32];
    Input::new(Layout::SplitBytes, &mut words, 17, (0..17).map(|i| -257 * (i + 1)));
    let bytes: [i8; 4] = core::array::from_fn(|byte| words[0].to_le_bytes()[byte] as i8);
    assert_eq!(bytes, [-2, -4, -3, -5]);
    assert_eq!((words[4].to_le_bytes(), words[8], words[12]), ([255, 253, 254, 252], 0xEE, 0xEF));
    Input::new(Layout::TileBytes, &mut words, 9, 1..10);
    assert_eq!(words[..8], [0x0602_0501, 0x0804_0703, 9, 0, 0, 0, 0, 0]);
}

#[cfg(kernel = "x86")]
mod x86_vectors;
