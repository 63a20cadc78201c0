//! Attention with AVX2: eight tokens at once, eight columns at once.

use core::arch::x86_64::*;
use core::array;

use super::attention::{self, Records, ScoreScale, Weights};
use crate::fixed::{POWERS, SIXTEENTHS};

/// Tokens that are scored together.
const TOKENS: usize = 8;
/// Columns of a vector.
const COLUMNS: usize = 8;

/// Whether the functions below can take the head.
pub(super) fn suits(records: Records<'_>, columns: usize) -> bool {
    let Records { len, start, head, code, .. } = records;
    columns == head && head.is_multiple_of(COLUMNS) && start + head <= len && (code & !3) + 4 <= len && len < 1 << 20
}

/// See [`attention::score`].
///
/// # Safety
/// [`suits`] has said yes.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn score(keys: Records<'_>, query: &[i16], scale: ScoreScale, scores: &mut [i32]) -> i32 {
    let factors = table(|code| i32::from(scale.factor(code.into())));
    let mut most = _mm256_set1_epi32(i32::MIN);
    let whole = keys.count().min(scores.len()) / TOKENS * TOKENS;
    let (eights, rest) = scores.split_at_mut(whole);
    for (i, scores) in eights.chunks_exact_mut(TOKENS).enumerate() {
        let keys = keys.after(i * TOKENS);
        // SAFETY: there are eight records.
        let (dots, codes) = unsafe { (dots(keys, query), codes(keys)) };
        let dots = _mm256_sll_epi32(dots, _mm_cvtsi32_si128(scale.left as i32));
        let shifts = _mm256_sub_epi32(_mm256_set1_epi32(scale.shift), _mm256_srli_epi32::<4>(codes));
        let shifts = _mm256_min_epi32(_mm256_max_epi32(shifts, _mm256_setzero_si256()), _mm256_set1_epi32(31));
        let scaled = _mm256_srav_epi32(mul17(dots, look_up(factors, codes)), shifts);
        scores.copy_from_slice(&to_array(scaled));
        most = _mm256_max_epi32(most, scaled);
    }
    let most = to_array(most).into_iter().fold(i32::MIN, i32::max);
    most.max(attention::score(keys.after(whole), query, scale, rest))
}

/// See [`attention::mix`].
///
/// # Safety
/// [`suits`] has said yes.
#[target_feature(enable = "avx2")]
pub(super) unsafe fn mix(values: Records<'_>, weights: Weights, scores: &mut [i32], out: &mut [i32]) -> u32 {
    let sixteenths = table(|below| i32::from(SIXTEENTHS[usize::from(16 - below)]));
    let mut total = _mm256_setzero_si256();
    let whole = values.count().min(scores.len()) / TOKENS * TOKENS;
    let (eights, rest) = scores.split_at_mut(whole);
    for (i, scores) in eights.chunks_exact_mut(TOKENS).enumerate() {
        // SAFETY: there are eight records.
        let codes = unsafe { codes(values.after(i * TOKENS)) };
        let below = _mm256_sub_epi32(_mm256_set1_epi32(weights.step_code as i32), codes);
        let below = _mm256_and_si256(below, _mm256_set1_epi32(0xFF));
        let score = from_array(array::from_fn(|lane| scores[lane]));
        let power = exp2_neg(_mm256_sub_epi32(_mm256_set1_epi32(weights.most), score));
        total = _mm256_add_epi32(total, power);
        let weight = _mm256_mullo_epi32(power, look_up(sixteenths, below));
        let shift = _mm256_add_epi32(_mm256_srli_epi32::<4>(below), _mm256_set1_epi32(16 + weights.shift as i32));
        let shift = _mm256_min_epi32(shift, _mm256_set1_epi32(31));
        let one = _mm256_set1_epi32(1);
        let half = _mm256_sllv_epi32(one, _mm256_sub_epi32(shift, one));
        scores.copy_from_slice(&to_array(_mm256_srlv_epi32(_mm256_add_epi32(weight, half), shift)));
    }
    for (column, sums) in out.chunks_exact_mut(COLUMNS).enumerate() {
        let mut sum = from_array(array::from_fn(|lane| sums[lane]));
        for (i, &weight) in eights.iter().enumerate() {
            let at = i * values.len + values.start + column * COLUMNS;
            let value = &values.bytes[at..at + COLUMNS];
            // SAFETY: eight bytes.
            let value = unsafe { _mm256_cvtepi8_epi32(_mm_loadl_epi64(value.as_ptr().cast())) };
            sum = _mm256_add_epi32(sum, _mm256_mullo_epi32(value, _mm256_set1_epi32(weight)));
        }
        sums.copy_from_slice(&to_array(sum));
    }
    let total = to_array(total).into_iter().fold(0, |sum: u32, power| sum.wrapping_add(power as u32));
    total.wrapping_add(attention::mix(values.after(whole), weights, rest, out))
}

/// See [`largest_byte`](super::largest_byte).
///
/// # Safety
/// `n` is not 0, and the words that the bytes are in are inside the records.
#[target_feature(enable = "sse2")]
pub(super) unsafe fn largest_byte(records: &[i8], len: usize, at: usize, n: usize) -> u8 {
    let mut largest = 0;
    for first in (0..n).step_by(4) {
        let mut all = _mm_setzero_si128();
        for record in records.chunks_exact(len) {
            // SAFETY: the caller's promise.
            all = _mm_max_epu8(all, unsafe { _mm_loadu_si32(record.as_ptr().add(at + first).cast()) });
        }
        // What follows the bytes in the last word does not count.
        let bytes = _mm_cvtsi128_si32(all).to_le_bytes();
        largest = bytes[..(n - first).min(4)].iter().fold(largest, |largest: u8, &byte| largest.max(byte));
    }
    largest
}

/// `query · key` of eight records.
///
/// # Safety
/// The processor has AVX2. There are eight records, and `query` is as long as the head in each of them.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn dots(keys: Records<'_>, query: &[i16]) -> __m256i {
    let mut sums = [_mm_setzero_si128(); TOKENS];
    for (column, query) in query.chunks_exact(COLUMNS).enumerate() {
        // SAFETY: eight numbers.
        let query = unsafe { _mm_loadu_si128(query.as_ptr().cast()) };
        for (i, sum) in sums.iter_mut().enumerate() {
            let at = i * keys.len + keys.start + column * COLUMNS;
            // SAFETY: the head is in the record.
            let key = unsafe { _mm_loadl_epi64(keys.bytes.as_ptr().add(at).cast()) };
            *sum = _mm_add_epi32(*sum, _mm_madd_epi16(query, _mm_cvtepi8_epi16(key)));
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    let low = _mm_hadd_epi32(_mm_hadd_epi32(a, b), _mm_hadd_epi32(c, d));
    let high = _mm_hadd_epi32(_mm_hadd_epi32(e, f), _mm_hadd_epi32(g, h));
    _mm256_set_m128i(high, low)
}

/// The codes of eight records.
///
/// # Safety
/// The processor has AVX2. There are eight records, with the whole word that the code is in.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn codes(records: Records<'_>) -> __m256i {
    let len = records.len as i32;
    let offsets = _mm256_mullo_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(len));
    // SAFETY: the word that the code is in is in the record.
    let words = unsafe {
        let word = records.bytes.as_ptr().add(records.code & !3);
        _mm256_i32gather_epi32::<1>(word.cast(), offsets)
    };
    let shift = _mm_cvtsi32_si128(8 * (records.code & 3) as i32);
    _mm256_and_si256(_mm256_srl_epi32(words, shift), _mm256_set1_epi32(0xFF))
}

/// Sixteen numbers in two vectors.
///
/// # Safety
/// The processor has AVX2.
#[inline]
#[target_feature(enable = "avx2")]
fn table(entry: impl Fn(u8) -> i32) -> (__m256i, __m256i) {
    (from_array(array::from_fn(|i| entry(i as u8))), from_array(array::from_fn(|i| entry(i as u8 + 8))))
}

/// The table's entries for the lowest four bits.
///
/// # Safety
/// The processor has AVX2.
#[inline]
#[target_feature(enable = "avx2")]
fn look_up((low, high): (__m256i, __m256i), index: __m256i) -> __m256i {
    let (low, high) = (_mm256_permutevar8x32_epi32(low, index), _mm256_permutevar8x32_epi32(high, index));
    let is_high = _mm256_castsi256_ps(_mm256_slli_epi32::<28>(index));
    _mm256_castps_si256(_mm256_blendv_ps(_mm256_castsi256_ps(low), _mm256_castsi256_ps(high), is_high))
}

/// `⌊a · m / 2¹⁷⌋`
///
/// # Safety
/// The processor has AVX2.
#[inline]
#[target_feature(enable = "avx2")]
pub(super) fn mul17(a: __m256i, m: __m256i) -> __m256i {
    let even = _mm256_srli_epi64::<17>(_mm256_mul_epi32(a, m));
    let odd = _mm256_mul_epi32(_mm256_srli_epi64::<32>(a), _mm256_srli_epi64::<32>(m));
    _mm256_blend_epi32::<0b1010_1010>(even, _mm256_slli_epi64::<15>(odd))
}

/// See [`crate::fixed::exp2_neg`].
///
/// # Safety
/// The processor has AVX2.
#[inline]
#[target_feature(enable = "avx2")]
fn exp2_neg(x: __m256i) -> __m256i {
    let x = _mm256_min_epu32(x, _mm256_set1_epi32((32 << 16) - 1));
    let entry = _mm256_and_si256(_mm256_srli_epi32::<10>(x), _mm256_set1_epi32(63));
    let fraction = _mm256_and_si256(x, _mm256_set1_epi32(1023));
    // SAFETY: entries 0 to 63 of 65, each with the one that follows.
    let pairs = unsafe { _mm256_i32gather_epi32::<2>(POWERS.as_ptr().cast(), entry) };
    let from = _mm256_and_si256(pairs, _mm256_set1_epi32(0xFFFF));
    let difference = _mm256_sub_epi32(_mm256_srli_epi32::<16>(pairs), from);
    let between = _mm256_add_epi32(_mm256_mullo_epi32(difference, fraction), _mm256_set1_epi32(512));
    let power = _mm256_add_epi32(from, _mm256_srai_epi32::<10>(between));
    _mm256_srlv_epi32(power, _mm256_srli_epi32::<16>(x))
}

/// The lanes as numbers.
///
/// # Safety
/// The processor has AVX2.
#[inline]
#[target_feature(enable = "avx2")]
fn to_array(v: __m256i) -> [i32; 8] {
    let mut out = [0; 8];
    // SAFETY: 32 bytes.
    unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), v) };
    out
}

/// Numbers as lanes.
///
/// # Safety
/// The processor has AVX2.
#[inline]
#[target_feature(enable = "avx2")]
fn from_array(v: [i32; 8]) -> __m256i {
    // SAFETY: 32 bytes.
    unsafe { _mm256_loadu_si256(v.as_ptr().cast()) }
}
