//! The s-shaped functions with vectors: samples come by gather, and nothing depends on signs, which no branch
//! predictor guesses.

use core::arch::x86_64::*;

use super::activation::{self, SAMPLE_BITS, Samples};
use super::{x86_attention, x86_vnni_attention};
use crate::fixed::Factor;

const ONE: i32 = 1 << SAMPLE_BITS;

/// See [`activation::gate`], without `up`.
///
/// # Safety
/// The processor has AVX2.
#[target_feature(enable = "avx2")]
pub(super) fn avx2(values: &mut [i32], function: Samples, to_x: Factor) {
    let samples = function.samples();
    let last = samples.len() as i32 - 1;
    let count = |n: u32| _mm_cvtsi32_si128(n as i32);
    let (eights, rest) = values.as_chunks_mut::<8>();
    for eight in eights {
        // SAFETY: eight numbers.
        let v = unsafe { _mm256_loadu_si256(eight.as_ptr().cast()) };
        let mantissa = _mm256_set1_epi32(to_x.mantissa.into());
        let x =
            _mm256_sra_epi32(x86_attention::mul17(_mm256_sll_epi32(v, count(to_x.left)), mantissa), count(to_x.right));
        // Behind the last sample the function is constant: there the fraction is the whole way.
        let place = _mm256_min_epu32(_mm256_abs_epi32(x), _mm256_set1_epi32(last * ONE));
        let entry = _mm256_min_epi32(_mm256_srli_epi32::<{ SAMPLE_BITS as i32 }>(place), _mm256_set1_epi32(last - 1));
        let fraction = _mm256_sub_epi32(place, _mm256_slli_epi32::<{ SAMPLE_BITS as i32 }>(entry));
        // SAFETY: each entry has one that follows.
        let pair = unsafe { _mm256_i32gather_epi32::<2>(samples.as_ptr().cast(), entry) };
        let from = _mm256_and_si256(pair, _mm256_set1_epi32(0xFFFF));
        let way = _mm256_mullo_epi32(_mm256_sub_epi32(_mm256_srli_epi32::<16>(pair), from), fraction);
        let way = _mm256_srai_epi32::<{ SAMPLE_BITS as i32 }>(_mm256_add_epi32(way, _mm256_set1_epi32(ONE / 2)));
        let at_abs = _mm256_add_epi32(from, way);
        // −1 where x is negative: 65536 less the sample, which is the sample's complement plus 65537.
        let sign = _mm256_srai_epi32::<31>(x);
        let s = _mm256_add_epi32(_mm256_xor_si256(at_abs, sign), _mm256_and_si256(sign, _mm256_set1_epi32(65_537)));
        let s = _mm256_and_si256(s, _mm256_set1_epi32(0xFFFF));
        let product = x86_attention::mul17(_mm256_sll_epi32(v, count(to_x.left)), s);
        // SAFETY: eight numbers.
        unsafe { _mm256_storeu_si256(eight.as_mut_ptr().cast(), product) };
    }
    activation::gate(rest, function, to_x, &[], 0);
}

/// See [`activation::gate`], without `up`.
///
/// # Safety
/// The processor has AVX-512F, BW and VL.
#[target_feature(enable = "avx512f,avx512bw,avx512vl")]
pub(super) fn avx512(values: &mut [i32], function: Samples, to_x: Factor) {
    let samples = function.samples();
    let last = samples.len() as i32 - 1;
    let count = |n: u32| _mm_cvtsi32_si128(n as i32);
    for part in values.chunks_mut(16) {
        let lanes = (0xFFFF >> (16 - part.len())) as u16;
        // SAFETY: as many numbers as lanes.
        let v = unsafe { _mm512_maskz_loadu_epi32(lanes, part.as_ptr()) };
        let mantissa = _mm512_set1_epi32(to_x.mantissa.into());
        let x = x86_vnni_attention::mul17(_mm512_sll_epi32(v, count(to_x.left)), mantissa);
        let x = _mm512_sra_epi32(x, count(to_x.right));
        // Behind the last sample the function is constant: there the fraction is the whole way.
        let place = _mm512_min_epu32(_mm512_abs_epi32(x), _mm512_set1_epi32(last * ONE));
        let entry = _mm512_min_epi32(_mm512_srli_epi32::<SAMPLE_BITS>(place), _mm512_set1_epi32(last - 1));
        let fraction = _mm512_sub_epi32(place, _mm512_slli_epi32::<SAMPLE_BITS>(entry));
        // SAFETY: each entry has one that follows.
        let pair = unsafe { _mm512_i32gather_epi32::<2>(entry, samples.as_ptr().cast()) };
        let from = _mm512_and_si512(pair, _mm512_set1_epi32(0xFFFF));
        let way = _mm512_mullo_epi32(_mm512_sub_epi32(_mm512_srli_epi32::<16>(pair), from), fraction);
        let way = _mm512_srai_epi32::<SAMPLE_BITS>(_mm512_add_epi32(way, _mm512_set1_epi32(ONE / 2)));
        let s = _mm512_add_epi32(from, way);
        let s =
            _mm512_mask_sub_epi32(s, _mm512_cmplt_epi32_mask(x, _mm512_setzero_si512()), _mm512_set1_epi32(65_536), s);
        let s = _mm512_and_si512(s, _mm512_set1_epi32(0xFFFF));
        let product = x86_vnni_attention::mul17(_mm512_sll_epi32(v, count(to_x.left)), s);
        // SAFETY: as many numbers as lanes.
        unsafe { _mm512_mask_storeu_epi32(part.as_mut_ptr(), lanes, product) };
    }
}
