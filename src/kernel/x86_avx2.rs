//! Kernels of AVX2: 32 bytes of weights, that is two tiles, in two multiplications.

use core::arch::x86_64::*;

/// Blocks of rows that go through the columns together, so that each input is laid out once for all of them.
const BLOCKS: usize = 4;
/// How far ahead of the weights in use memory is asked for more, in bytes.
const PREFETCH: usize = 4096;

/// See [`Sums`](super::multiplier::Sums).
///
/// # Safety
/// The processor has AVX2; the rest is the contract of [`Sums`](super::multiplier::Sums).
#[target_feature(enable = "avx2")]
pub(super) unsafe extern "C" fn sums_q8(
    tiles: *const u8,
    input: *const u32,
    n_col16: usize,
    n_block: usize,
    init: i32,
    sums: *mut i32,
) {
    // SAFETY: the caller's promise.
    unsafe { all_blocks::<8>(tiles, input, n_col16, n_block, init, sums) }
}

/// See [`Sums`](super::multiplier::Sums).
///
/// # Safety
/// The processor has AVX2; the rest is the contract of [`Sums`](super::multiplier::Sums).
#[target_feature(enable = "avx2")]
pub(super) unsafe extern "C" fn sums_q4(
    tiles: *const u8,
    input: *const u32,
    n_col16: usize,
    n_block: usize,
    init: i32,
    sums: *mut i32,
) {
    // SAFETY: the caller's promise.
    unsafe { all_blocks::<4>(tiles, input, n_col16, n_block, init, sums) }
}

/// All blocks of rows, `BLOCKS` at a time as long as there are so many.
///
/// # Safety
/// The processor has AVX2; the rest is the contract of [`Sums`](super::multiplier::Sums).
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn all_blocks<const BITS: usize>(
    mut tiles: *const u8,
    input: *const u32,
    n_col16: usize,
    n_block: usize,
    init: i32,
    mut sums: *mut i32,
) {
    let block_len = n_col16 * 8 * BITS;
    for _ in 0..n_block / BLOCKS {
        // SAFETY: the caller's promise, for as many blocks.
        unsafe {
            blocks::<BITS, BLOCKS>(tiles, input, n_col16, init, sums);
            tiles = tiles.add(BLOCKS * block_len);
            sums = sums.add(BLOCKS * 4);
        }
    }
    for _ in 0..n_block % BLOCKS {
        // SAFETY: the caller's promise, for one block.
        unsafe {
            blocks::<BITS, 1>(tiles, input, n_col16, init, sums);
            tiles = tiles.add(block_len);
            sums = sums.add(4);
        }
    }
}

/// `N` blocks of rows. Each 32-bit lane of a sum belongs to one row; two tiles lie side by side.
///
/// # Safety
/// The processor has AVX2. `tiles`, `input` and `sums` are as [`Sums`](super::multiplier::Sums) has them, for `N`
/// blocks.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn blocks<const BITS: usize, const N: usize>(
    tiles: *const u8,
    input: *const u32,
    n_col16: usize,
    init: i32,
    sums: *mut i32,
) {
    let block_len = n_col16 * 8 * BITS;
    let mut totals = [_mm256_setzero_si256(); N];
    for step in 0..block_len / 32 {
        // SAFETY: the input has as many columns as the tiles.
        let inputs = unsafe { spread::<BITS>(input, step) };
        for (i, total) in totals.iter_mut().enumerate() {
            if step % 2 == 0 {
                let ahead = tiles.wrapping_add(PREFETCH + (step / 2 * N + i) * 64);
                _mm_prefetch::<_MM_HINT_T0>(ahead.cast());
            }
            // SAFETY: inside the block.
            let codes = unsafe { _mm256_loadu_si256(tiles.add(i * block_len + step * 32).cast()) };
            *total = _mm256_add_epi32(*total, products::<BITS>(codes, inputs));
        }
    }
    for (i, &total) in totals.iter().enumerate() {
        let sum = _mm_add_epi32(_mm256_castsi256_si128(total), _mm256_extracti128_si256::<1>(total));
        // SAFETY: room for four sums per block.
        unsafe { _mm_storeu_si128(sums.add(i * 4).cast(), _mm_add_epi32(sum, _mm_set1_epi32(init))) };
    }
}

/// The inputs of two tiles, once for each row: those that meet the lower, and those that meet the upper halves
/// of the weights' bytes (`q4`) or pairs of bytes (`q8`).
///
/// # Safety
/// The processor has AVX2. `input` has the words of the tiles `2 · step` and `2 · step + 1`.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn spread<const BITS: usize>(input: *const u32, step: usize) -> (__m256i, __m256i) {
    let words = if BITS == 8 {
        // SAFETY: the caller's promise: 8 columns per step.
        unsafe { _mm_loadu_si128(input.add(step * 4).cast()) }
    } else {
        // SAFETY: the caller's promise: 16 columns per step.
        let (first, second) =
            unsafe { (_mm_loadu_si128(input.add(step * 8).cast()), _mm_loadu_si128(input.add(step * 8 + 4).cast())) };
        let order = _mm_setr_epi8(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15);
        _mm_shuffle_epi8(_mm_packs_epi16(first, second), order)
    };
    let words = _mm256_permute4x64_epi64::<0b0101_0000>(_mm256_castsi128_si256(words));
    (_mm256_shuffle_epi32::<0b0000_0000>(words), _mm256_shuffle_epi32::<0b0101_0101>(words))
}

/// Sums of all products of a row in each tile. None overflows: two products of `q4` stay below 2¹², four below 2¹³.
///
/// # Safety
/// The processor has AVX2.
#[inline]
#[target_feature(enable = "avx2")]
fn products<const BITS: usize>(codes: __m256i, (x_even, x_odd): (__m256i, __m256i)) -> __m256i {
    if BITS == 8 {
        let lower = _mm256_and_si256(codes, _mm256_set1_epi16(0xFF));
        let upper = _mm256_srli_epi16::<8>(codes);
        _mm256_add_epi32(_mm256_madd_epi16(lower, x_even), _mm256_madd_epi16(upper, x_odd))
    } else {
        let mask = _mm256_set1_epi8(0xF);
        let lower = _mm256_and_si256(codes, mask);
        let upper = _mm256_and_si256(_mm256_srli_epi16::<4>(codes), mask);
        let pairs = _mm256_add_epi16(_mm256_maddubs_epi16(lower, x_even), _mm256_maddubs_epi16(upper, x_odd));
        _mm256_madd_epi16(pairs, _mm256_set1_epi16(1))
    }
}
