//! Kernels of AVX-512 with VNNI: 64 bytes of weights, that is four tiles, in two multiplications.

use core::arch::x86_64::*;

/// Blocks of rows that go through the columns together, so that each input is laid out once for all of them.
const BLOCKS: usize = 4;
/// How far ahead of the weights in use memory is asked for more, in bytes.
const PREFETCH: usize = 4096;

/// See [`Sums`](super::Sums).
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
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

/// See [`Sums`](super::Sums).
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
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

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
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

/// `N` blocks of rows. Each 32-bit lane of a sum belongs to one row; four tiles lie side by side.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn blocks<const BITS: usize, const N: usize>(
    tiles: *const u8,
    input: *const u32,
    n_col16: usize,
    init: i32,
    sums: *mut i32,
) {
    let block_len = n_col16 * 8 * BITS;
    let mut even = [_mm512_setzero_si512(); N];
    let mut odd = [_mm512_setzero_si512(); N];
    for step in 0..block_len.div_ceil(64) {
        // SAFETY: the input is padded to a multiple of 32 columns.
        let (x_even, x_odd) = unsafe { spread::<BITS>(input, step) };
        for i in 0..N {
            let ahead = tiles.wrapping_add(PREFETCH + (step * N + i) * 64);
            _mm_prefetch::<_MM_HINT_T0>(ahead.cast());
            // SAFETY: inside the block, or in the 32 bytes that follow the last one.
            let codes = unsafe { _mm512_loadu_si512(tiles.add(i * block_len + step * 64).cast()) };
            (even[i], odd[i]) = multiply_add::<BITS>(codes, (x_even, x_odd), (even[i], odd[i]));
        }
    }
    for i in 0..N {
        let sum = _mm_add_epi32(fold(_mm512_add_epi32(even[i], odd[i])), _mm_set1_epi32(init));
        // SAFETY: room for four sums per block.
        unsafe { _mm_storeu_si128(sums.add(i * 4).cast(), sum) };
    }
}

/// The inputs of four tiles, once for each row: those that meet the lower, and those that meet the upper halves
/// of the weights' bytes (`q4`) or pairs of bytes (`q8`).
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn spread<const BITS: usize>(input: *const u32, step: usize) -> (__m512i, __m512i) {
    let words = if BITS == 8 {
        // SAFETY: the caller's promise: 16 columns per step.
        unsafe { _mm256_loadu_si256(input.add(step * 8).cast()) }
    } else {
        // SAFETY: the caller's promise: 32 columns per step.
        let halves = unsafe { _mm512_loadu_si512(input.add(step * 16).cast()) };
        let order = _mm_setr_epi8(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15);
        _mm256_shuffle_epi8(_mm512_cvtepi16_epi8(halves), _mm256_broadcastsi128_si256(order))
    };
    let words = _mm512_castsi256_si512(words);
    let even = _mm512_setr_epi32(0, 0, 0, 0, 2, 2, 2, 2, 4, 4, 4, 4, 6, 6, 6, 6);
    let odd = _mm512_setr_epi32(1, 1, 1, 1, 3, 3, 3, 3, 5, 5, 5, 5, 7, 7, 7, 7);
    (_mm512_permutexvar_epi32(even, words), _mm512_permutexvar_epi32(odd, words))
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn multiply_add<const BITS: usize>(
    codes: __m512i,
    (x_even, x_odd): (__m512i, __m512i),
    (even, odd): (__m512i, __m512i),
) -> (__m512i, __m512i) {
    if BITS == 8 {
        let lower = _mm512_and_si512(codes, _mm512_set1_epi16(0xFF));
        let upper = _mm512_srli_epi16::<8>(codes);
        (_mm512_dpwssd_epi32(even, lower, x_even), _mm512_dpwssd_epi32(odd, upper, x_odd))
    } else {
        let mask = _mm512_set1_epi8(0xF);
        let lower = _mm512_and_si512(codes, mask);
        let upper = _mm512_and_si512(_mm512_srli_epi16::<4>(codes), mask);
        (_mm512_dpbusd_epi32(even, lower, x_even), _mm512_dpbusd_epi32(odd, upper, x_odd))
    }
}

/// The sum of the four quarters.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn fold(sum: __m512i) -> __m128i {
    let half = _mm256_add_epi32(_mm512_castsi512_si256(sum), _mm512_extracti64x4_epi64::<1>(sum));
    _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256::<1>(half))
}
