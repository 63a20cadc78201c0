//! Records of the KV cache for `x86_vnni_attention`: sixteen tokens at once.

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use super::attention::{Records, ScoreScale};

/// Tokens that go together.
pub(super) const TOKENS: usize = 16;
/// Bytes of their records that go together.
pub(super) const CHUNK: usize = 16;
/// Query heads that go together, at most.
pub(super) const QUERIES: usize = 4;
/// Longest head.
pub(super) const MAX_HEAD: usize = 256;

/// What is multiplied by keys: elements are `256 · upper + lower`, both signed. There are as many words as the head
/// has, and the rest is uninitialised.
pub(super) struct Query {
    upper: [MaybeUninit<i32>; MAX_HEAD / 4],
    lower: [MaybeUninit<i32>; MAX_HEAD / 4],
    /// Keys are made unsigned by adding 128 to them; this makes up for it.
    start: i32,
    pub(super) scale: ScoreScale,
}

impl Query {
    #[inline]
    pub(super) fn new(query: &[i16], scale: ScoreScale) -> Self {
        let words = [const { MaybeUninit::uninit() }; MAX_HEAD / 4];
        let mut new = Self { upper: words, lower: words, start: 0, scale };
        for (four, to) in query.chunks_exact(4).zip(new.upper.iter_mut().zip(&mut new.lower)) {
            let (mut upper, mut lower) = ([0; 4], [0; 4]);
            for (byte, &element) in four.iter().enumerate() {
                new.start -= 128 * i32::from(element);
                lower[byte] = element as u8;
                upper[byte] = ((i32::from(element) - i32::from(element as i8)) >> 8) as u8;
            }
            to.0.write(i32::from_le_bytes(upper));
            to.1.write(i32::from_le_bytes(lower));
        }
        new
    }
}

/// Up to sixteen records that follow each other; what is missing is the last one again.
pub(super) struct Block<'c> {
    records: Records<'c>,
    first: usize,
    last: usize,
    /// One bit for each record that is there.
    pub(super) lanes: u16,
}

impl<'c> Block<'c> {
    #[inline]
    pub(super) fn new(records: Records<'c>, number: usize) -> Self {
        let n = (records.count() - number * TOKENS).min(TOKENS);
        Self { records, first: number * TOKENS, last: n - 1, lanes: (0xFFFF >> (TOKENS - n)) as u16 }
    }

    /// Sixteen bytes of every record from `at` on: tokens 0, 4, 8, 12 are the quarters of the first vector, tokens
    /// 1, 5, 9, 13 those of the second one.
    ///
    /// # Safety
    /// The processor has AVX-512F, BW, VL and VNNI. The sixteen bytes are inside each record.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    unsafe fn chunks(&self, at: usize) -> [__m512i; 4] {
        let len = self.records.len;
        // SAFETY: the caller's promise.
        let bytes = unsafe { self.records.bytes.as_ptr().add(self.first * len + at) };
        let mut chunks = [_mm512_setzero_si512(); 4];
        for (i, chunk) in chunks.iter_mut().enumerate() {
            let of = |token: usize| {
                // SAFETY: the caller's promise.
                unsafe { _mm_loadu_si128(bytes.add(token.min(self.last) * len).cast()) }
            };
            *chunk = _mm512_castsi128_si512(of(i));
            *chunk = _mm512_inserti32x4::<1>(*chunk, of(i + 4));
            *chunk = _mm512_inserti32x4::<2>(*chunk, of(i + 8));
            *chunk = _mm512_inserti32x4::<3>(*chunk, of(i + 12));
        }
        chunks
    }

    /// Four elements of one key in each lane, four vectors of them.
    ///
    /// # Safety
    /// The processor has AVX-512F, BW, VL and VNNI. Sixteen bytes from `at` on are inside each record.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    unsafe fn keys(&self, at: usize) -> [__m512i; 4] {
        // SAFETY: the caller's promise.
        let [a, b, c, d] = unsafe { self.chunks(at) };
        let (ab, cd) = (_mm512_unpacklo_epi32(a, b), _mm512_unpacklo_epi32(c, d));
        let (ab_high, cd_high) = (_mm512_unpackhi_epi32(a, b), _mm512_unpackhi_epi32(c, d));
        [
            _mm512_unpacklo_epi64(ab, cd),
            _mm512_unpackhi_epi64(ab, cd),
            _mm512_unpacklo_epi64(ab_high, cd_high),
            _mm512_unpackhi_epi64(ab_high, cd_high),
        ]
    }

    /// One element of four values in each lane: in each quarter four elements of four tokens.
    ///
    /// # Safety
    /// The processor has AVX-512F, BW, VL and VNNI. Sixteen bytes from `at` on are inside each record.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    pub(super) unsafe fn values(&self, at: usize) -> [__m512i; 4] {
        // SAFETY: the caller's promise.
        let [a, b, c, d] = unsafe { self.chunks(at) };
        let (ab, cd) = (_mm512_unpacklo_epi8(a, b), _mm512_unpacklo_epi8(c, d));
        let (ab_high, cd_high) = (_mm512_unpackhi_epi8(a, b), _mm512_unpackhi_epi8(c, d));
        [
            _mm512_unpacklo_epi16(ab, cd),
            _mm512_unpackhi_epi16(ab, cd),
            _mm512_unpacklo_epi16(ab_high, cd_high),
            _mm512_unpackhi_epi16(ab_high, cd_high),
        ]
    }

    /// `query · key` for `KV` key heads from byte `start` on and `N` queries of each.
    ///
    /// # Safety
    /// The processor has AVX-512F, BW, VL and VNNI. The heads are inside each record, and there are `KV · N` queries of
    /// `head_dim` elements.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    pub(super) unsafe fn dots<const KV: usize, const N: usize>(
        &self,
        start: usize,
        head_dim: usize,
        queries: &[Query],
    ) -> [__m512i; QUERIES] {
        let mut upper = [_mm512_setzero_si512(); QUERIES];
        let mut lower = [_mm512_setzero_si512(); QUERIES];
        for (lower, query) in lower.iter_mut().zip(queries) {
            *lower = _mm512_set1_epi32(query.start);
        }
        for chunk in 0..KV * head_dim / CHUNK {
            // SAFETY: the caller's promise.
            let keys = unsafe { self.keys(start + chunk * CHUNK) };
            for (i, key) in keys.into_iter().enumerate() {
                let key = _mm512_xor_si512(key, _mm512_set1_epi8(-128));
                let (kv, word) = (i * KV / 4, chunk * 4 + i % (4 / KV));
                for q in kv * N..(kv + 1) * N {
                    let query = &queries[q];
                    // SAFETY: the query has a word for each of the head.
                    let words = unsafe { (query.upper[word].assume_init(), query.lower[word].assume_init()) };
                    upper[q] = _mm512_dpbusd_epi32(upper[q], key, _mm512_set1_epi32(words.0));
                    lower[q] = _mm512_dpbusd_epi32(lower[q], key, _mm512_set1_epi32(words.1));
                }
            }
        }
        for (lower, upper) in lower.iter_mut().zip(upper) {
            *lower = _mm512_add_epi32(_mm512_slli_epi32::<8>(upper), *lower);
        }
        lower
    }

    /// The words with the codes of a head and its neighbours.
    ///
    /// # Safety
    /// The processor has AVX-512F, BW, VL and VNNI. The word that the head's code is in is inside each record.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    pub(super) unsafe fn codes(&self, kv_head: usize) -> __m512i {
        let Records { bytes, len, code, .. } = self.records;
        let token = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        let token = _mm512_min_epi32(token, _mm512_set1_epi32(self.last as i32));
        let places = _mm512_mullo_epi32(token, _mm512_set1_epi32(len as i32));
        // SAFETY: the caller's promise: the word that the code is in is in the record.
        unsafe {
            let word = bytes.as_ptr().add(self.first * len + ((code + kv_head) & !3));
            _mm512_i32gather_epi32::<1>(places, word.cast())
        }
    }
}

/// The code of head `kv_head + kv` in words of [`Block::codes`].
///
/// # Safety
/// The processor has AVX-512F.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn code<const KV: usize>(words: __m512i, kv_head: usize, kv: usize) -> __m512i {
    let shift = _mm_cvtsi32_si128(8 * (kv_head % 4 + kv) as i32);
    _mm512_and_si512(_mm512_srl_epi32(words, shift), _mm512_set1_epi32(0xFF))
}

/// Byte `BYTE` of each of a quarter's four lanes, in every lane of the quarter.
///
/// # Safety
/// The processor has AVX-512F and BW.
#[inline]
#[target_feature(enable = "avx512f,avx512bw")]
pub(super) fn bytes_of<const BYTE: i32>(weights: __m512i) -> __m512i {
    let places = 0x0C08_0400 + 0x0101_0101 * BYTE;
    _mm512_shuffle_epi8(weights, _mm512_set1_epi32(places))
}
