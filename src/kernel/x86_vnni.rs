//! Kernels of AVX-512 with VNNI: 64 bytes of weights, that is four tiles, in two multiplications.
//!
//! The input is laid out first, each of its words as often as a tile has rows. The loop over weights has nothing
//! but loads and multiplications then. So it is in `q8`, too: an input of 16 bits is two bytes, `256 · upper +
//! lower`, both signed.

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

/// Blocks of rows that go through the columns together, so that each input is loaded once for all of them, and sums
/// do not wait for each other.
const BLOCKS: usize = 8;
/// How far ahead of the weights in use memory is asked for more, in bytes.
const PREFETCH: usize = 4096;
/// Steps of 64 bytes for which inputs are laid out at a time: 1024 columns of `q8`.
const STEPS: usize = 64;
/// Largest input that is two signed bytes.
const MAX_SPLIT: i16 = 127 * 256 + 127;

/// How codes meet inputs. Each has two vectors of inputs for a vector of codes.
const Q8_BYTES: u8 = 0;
/// Codes widened to 16 bits, for inputs above [`MAX_SPLIT`], which are rare.
const Q8_WORDS: u8 = 1;
const Q4: u8 = 2;

/// What 64 bytes of weights are multiplied by.
type Inputs = (__m512i, __m512i);

/// See [`Sums`](super::multiplier::Sums).
///
/// # Safety
/// The processor has AVX-512F, BW, VL and VNNI; the rest is the contract of [`Sums`](super::multiplier::Sums).
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
    unsafe {
        if can_be_split(input, n_col16) {
            strips::<Q8_BYTES>(tiles, input, n_col16, n_block, init, sums)
        } else {
            strips::<Q8_WORDS>(tiles, input, n_col16, n_block, init, sums)
        }
    }
}

/// See [`Sums`](super::multiplier::Sums).
///
/// # Safety
/// The processor has AVX-512F, BW, VL and VNNI; the rest is the contract of [`Sums`](super::multiplier::Sums).
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
    unsafe { strips::<Q4>(tiles, input, n_col16, n_block, init, sums) }
}

/// Whether all inputs are small enough for two bytes each.
///
/// # Safety
/// The processor has AVX-512F, BW, VL and VNNI. `input` points to `8 · n_col16` words.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn can_be_split(input: *const u32, n_col16: usize) -> bool {
    let mut most = _mm256_setzero_si256();
    for col16 in 0..n_col16 {
        // SAFETY: the caller's promise.
        most = _mm256_max_epi16(most, unsafe { _mm256_loadu_si256(input.add(col16 * 8).cast()) });
    }
    _mm256_cmpgt_epi16_mask(most, _mm256_set1_epi16(MAX_SPLIT)) == 0
}

/// All blocks, so many columns at a time as inputs can be laid out for.
///
/// # Safety
/// The processor has AVX-512F, BW, VL and VNNI; the rest is the contract of [`Sums`](super::multiplier::Sums).
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn strips<const KIND: u8>(
    tiles: *const u8,
    input: *const u32,
    n_col16: usize,
    n_block: usize,
    init: i32,
    sums: *mut i32,
) {
    let (block_len, words) = if KIND == Q4 { (n_col16 * 32, 16) } else { (n_col16 * 64, 8) };
    let mut room = [const { MaybeUninit::<Inputs>::uninit() }; STEPS];
    let n_step = block_len.div_ceil(64);
    for first in (0..n_step).step_by(STEPS) {
        let room = &mut room[..(n_step - first).min(STEPS)];
        for (step, inputs) in room.iter_mut().enumerate() {
            // SAFETY: the input has so many words.
            inputs.write(unsafe { spread::<KIND>(input.add((first + step) * words)) });
        }
        // SAFETY: all have been written.
        let inputs = unsafe { core::slice::from_raw_parts(room.as_ptr().cast(), room.len()) };
        let mut strip = Strip { tiles: tiles.wrapping_add(first * 64), block_len, inputs, sums, init };
        if first > 0 {
            strip.init = 0;
        }
        // SAFETY: the caller's promise.
        unsafe { strip.all_blocks::<KIND>(n_block, first > 0) };
    }
}

/// The inputs of four tiles, once for each row: for the upper and the lower bytes of inputs (`Q8_BYTES`), or those that
/// meet the lower and those that meet the upper half of the codes' 16 bits or bytes.
///
/// # Safety
/// The processor has AVX-512F, BW, VL and VNNI. `input` points to the words of one step: 16 with `Q4`, else 8.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
unsafe fn spread<const KIND: u8>(input: *const u32) -> Inputs {
    const PAIRS: [i32; 16] = [0, 0, 0, 0, 2, 2, 2, 2, 4, 4, 4, 4, 6, 6, 6, 6];
    // SAFETY: 64 bytes.
    let even = unsafe { _mm512_loadu_si512(PAIRS.as_ptr().cast()) };
    let odd = _mm512_or_si512(even, _mm512_set1_epi32(1));
    if KIND == Q4 {
        // SAFETY: the caller's promise: 32 columns per step.
        let halves = unsafe { _mm512_loadu_si512(input.cast()) };
        let order = _mm_setr_epi8(0, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15);
        let bytes = _mm256_shuffle_epi8(_mm512_cvtepi16_epi8(halves), _mm256_broadcastsi128_si256(order));
        let words = _mm512_castsi256_si512(bytes);
        return (_mm512_permutexvar_epi32(even, words), _mm512_permutexvar_epi32(odd, words));
    }
    // SAFETY: the caller's promise: 16 columns per step.
    let halves = unsafe { _mm256_loadu_si256(input.cast()) };
    if KIND == Q8_WORDS {
        let words = _mm512_castsi256_si512(halves);
        return (_mm512_permutexvar_epi32(even, words), _mm512_permutexvar_epi32(odd, words));
    }
    let order = _mm_setr_epi8(0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15);
    let tile = _mm512_srli_epi32::<1>(even);
    let each_row = |bytes| _mm512_permutexvar_epi32(tile, _mm512_castsi128_si512(_mm_shuffle_epi8(bytes, order)));
    let upper = _mm256_srai_epi16::<8>(_mm256_add_epi16(halves, _mm256_set1_epi16(128)));
    (each_row(_mm256_cvtepi16_epi8(upper)), each_row(_mm256_cvtepi16_epi8(halves)))
}

/// Some columns of all rows.
struct Strip<'a> {
    tiles: *const u8,
    /// Distance from one block to the next, in bytes.
    block_len: usize,
    inputs: &'a [Inputs],
    sums: *mut i32,
    init: i32,
}

impl Strip<'_> {
    /// All blocks of rows; with `is_added` on top of the sums that are there.
    ///
    /// # Safety
    /// The processor has AVX-512F, BW, VL and VNNI. There are tiles, with 32 bytes more behind the last one, and sums
    /// of `n_block` blocks.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    unsafe fn all_blocks<const KIND: u8>(&mut self, n_block: usize, is_added: bool) {
        // SAFETY: the caller's promise, for as many blocks.
        unsafe {
            for _ in 0..n_block / BLOCKS {
                self.blocks::<KIND, BLOCKS>(is_added);
            }
            if n_block & 4 > 0 {
                self.blocks::<KIND, 4>(is_added);
            }
            if n_block & 2 > 0 {
                self.blocks::<KIND, 2>(is_added);
            }
            if n_block & 1 > 0 {
                self.blocks::<KIND, 1>(is_added);
            }
        }
    }

    /// The next `N` blocks of rows. Each 32-bit lane of a sum belongs to one row; four tiles lie side by side.
    ///
    /// # Safety
    /// The processor has AVX-512F, BW, VL and VNNI. There are tiles, with 32 bytes more behind the last one, and sums
    /// of `N` blocks.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    unsafe fn blocks<const KIND: u8, const N: usize>(&mut self, is_added: bool) {
        let Self { tiles, block_len, inputs, sums, init } = *self;
        let mut first = [_mm512_setzero_si512(); N];
        let mut second = [_mm512_setzero_si512(); N];
        for (step, &inputs) in inputs.iter().enumerate() {
            for i in 0..N {
                let ahead = tiles.wrapping_add(PREFETCH + (step * N + i) * 64);
                _mm_prefetch::<_MM_HINT_T0>(ahead.cast());
                // SAFETY: inside the block, or in the 32 bytes that follow the last one.
                let codes = unsafe { _mm512_loadu_si512(tiles.add(i * block_len + step * 64).cast()) };
                (first[i], second[i]) = multiply_add::<KIND>(codes, inputs, (first[i], second[i]));
            }
        }
        for i in 0..N {
            let upper = if KIND == Q8_BYTES { _mm512_slli_epi32::<8>(first[i]) } else { first[i] };
            first[i] = _mm512_add_epi32(upper, second[i]);
        }
        let mut done = 0;
        for four in first.chunks(4) {
            let lanes = (1u32 << (4 * four.len())) - 1;
            let totals = if let &[a, b, c, d] = four {
                fold(a, b, c, d)
            } else {
                let b = four.get(1).copied().unwrap_or(_mm512_setzero_si512());
                fold(four[0], b, b, b)
            };
            let mut total = _mm512_add_epi32(totals, _mm512_set1_epi32(init));
            // SAFETY: room for four sums per block.
            unsafe {
                let to = sums.add(done * 4);
                if is_added {
                    total = _mm512_add_epi32(total, _mm512_maskz_loadu_epi32(lanes as u16, to));
                }
                _mm512_mask_storeu_epi32(to, lanes as u16, total);
            }
            done += four.len();
        }
        self.tiles = tiles.wrapping_add(N * block_len);
        self.sums = sums.wrapping_add(N * 4);
    }
}

/// Adds the products of codes and inputs to two vectors of sums.
///
/// # Safety
/// The processor has AVX-512F, BW, VL and VNNI.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn multiply_add<const KIND: u8>(codes: __m512i, inputs: Inputs, sums: Inputs) -> Inputs {
    let (lower, upper) = match KIND {
        Q8_BYTES => (codes, codes),
        Q8_WORDS => (_mm512_and_si512(codes, _mm512_set1_epi16(0xFF)), _mm512_srli_epi16::<8>(codes)),
        _ => {
            let mask = _mm512_set1_epi8(0xF);
            (_mm512_and_si512(codes, mask), _mm512_and_si512(_mm512_srli_epi16::<4>(codes), mask))
        }
    };
    if KIND == Q8_WORDS {
        (_mm512_dpwssd_epi32(sums.0, lower, inputs.0), _mm512_dpwssd_epi32(sums.1, upper, inputs.1))
    } else {
        (_mm512_dpbusd_epi32(sums.0, lower, inputs.0), _mm512_dpbusd_epi32(sums.1, upper, inputs.1))
    }
}

/// The sums of the four quarters of each, side by side.
///
/// # Safety
/// The processor has AVX-512F, BW, VL and VNNI.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
fn fold(a: __m512i, b: __m512i, c: __m512i, d: __m512i) -> __m512i {
    const EVEN: i32 = 0b10_00_10_00;
    const ODD: i32 = 0b11_01_11_01;
    let add = |a, b| _mm512_add_epi32(_mm512_shuffle_i32x4::<EVEN>(a, b), _mm512_shuffle_i32x4::<ODD>(a, b));
    add(add(a, b), add(c, d))
}
