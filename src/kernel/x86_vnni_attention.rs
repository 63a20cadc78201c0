//! Attention with AVX-512: sixteen tokens at once, each in a lane of its own, and up to four query heads.
//!
//! Sixteen bytes of sixteen records are four vectors. Turned one way, a lane has four elements of one key; turned
//! the other way, it has one element of four values. `VPDPBUSD` then takes four products per lane, and nothing is
//! added across lanes before the last token.

use core::arch::x86_64::*;
use core::mem::MaybeUninit;

use super::attention::{Heads, Records, ScoreScale, narrow};
use super::x86_vnni_records::{Block, CHUNK, MAX_HEAD, QUERIES, Query, TOKENS, bytes_of, code};
use crate::fixed::{POWERS, SIXTEENTHS};

/// Vectors of scores that there is room for: 2048 tokens for four query heads.
const ROOM: usize = 512;

/// Vectors with a weight, or earlier a score, for each token.
type Scores = [MaybeUninit<__m512i>; ROOM];

/// Whether [`attend`] can take the heads.
pub(super) fn suits(heads: Heads<'_>, queries: &[i32], head_dim: usize) -> bool {
    let n_kv_head = queries.len() / head_dim.max(1) / heads.group.max(1);
    let is_whole = n_kv_head * heads.group * head_dim == queries.len() && n_kv_head > 0;
    let has_chunks = head_dim.is_multiple_of(CHUNK) || head_dim == CHUNK / 2 && n_kv_head.is_multiple_of(2);
    let n_block = |runs: [Records<'_>; 2]| runs.map(|run| run.count().div_ceil(TOKENS)).into_iter().sum::<usize>();
    let is_inside = |records: Records<'_>| {
        records.head == head_dim
            && records.start + n_kv_head * head_dim <= records.len
            && ((records.code + n_kv_head - 1) & !3) + 4 <= records.len
            && records.len < 1 << 20
    };
    // Codes of two heads that go together are in one word.
    is_whole
        && has_chunks
        && head_dim <= MAX_HEAD
        && heads.keys.into_iter().chain(heads.values).all(is_inside)
        && heads.keys.iter().chain(&heads.values).all(|records| records.code.is_multiple_of(4))
        && n_block(heads.keys) == n_block(heads.values)
        && n_block(heads.keys) * QUERIES <= ROOM
}

/// See [`attend`](super::attention::attend).
///
/// # Safety
/// [`suits`] has said yes.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
pub(super) unsafe fn attend(
    heads: Heads<'_>,
    queries: &mut [i32],
    head_dim: usize,
    out: &mut [i32],
    prepare: impl Fn(&mut [i32]) -> ScoreScale,
    finish: impl Fn(u32, &mut [i32]),
) {
    let together = if head_dim < CHUNK { 2 } else { 1 };
    let n_kv_head = queries.len() / head_dim / heads.group;
    for kv_head in (0..n_kv_head).step_by(together) {
        let mut first = 0;
        while first < heads.group {
            let set = Set { heads, kv_head, first, head_dim };
            // SAFETY: the caller's promise.
            first += unsafe {
                match (together, heads.group - first) {
                    (2, 1) => set.attend::<2, 1>(queries, out, &prepare, &finish),
                    (2, _) => set.attend::<2, 2>(queries, out, &prepare, &finish),
                    (_, 1) => set.attend::<1, 1>(queries, out, &prepare, &finish),
                    (_, _) => set.attend::<1, 2>(queries, out, &prepare, &finish),
                }
            };
        }
    }
}

/// Heads that go together: some key/value heads from `kv_head` on, with some of their query heads from `first` on.
#[derive(Clone, Copy)]
struct Set<'c> {
    heads: Heads<'c>,
    kv_head: usize,
    first: usize,
    head_dim: usize,
}

impl Set<'_> {
    /// Takes `KV` key/value heads and `N` query heads of each; returns `N`.
    ///
    /// # Safety
    /// The processor has AVX-512F, BW, VL and VNNI. [`suits`] has said yes, and there are so many heads.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    unsafe fn attend<const KV: usize, const N: usize>(
        self,
        queries: &mut [i32],
        out: &mut [i32],
        prepare: &impl Fn(&mut [i32]) -> ScoreScale,
        finish: &impl Fn(u32, &mut [i32]),
    ) -> usize {
        let place = |kv: usize, q: usize| {
            let start = ((self.kv_head + kv) * self.heads.group + self.first + q) * self.head_dim;
            start..start + self.head_dim
        };
        let mut room: Scores = [const { MaybeUninit::uninit() }; ROOM];
        let mut all = [const { MaybeUninit::<Query>::uninit() }; QUERIES];
        for kv in 0..KV {
            for q in 0..N {
                let query = &mut queries[place(kv, q)];
                let scale = prepare(query);
                all[kv * N + q].write(Query::new(narrow(query), scale));
            }
        }
        // SAFETY: the caller's promise. `KV · N` queries and then as many scores per block are written before they
        // are read.
        unsafe {
            let most = self.score::<KV, N>(all.as_ptr().cast(), &mut room);
            let totals = self.weigh::<KV, N>(&most, &mut room);
            self.mix::<KV, N>(&room, |kv, q, dim, sums| {
                let start = place(kv, q).start + dim;
                out[start..start + 4].copy_from_slice(&sums);
            });
            for kv in 0..KV {
                for q in 0..N {
                    finish(totals[kv * N + q], &mut out[place(kv, q)]);
                }
            }
        }
        N
    }

    /// Writes the scores of all tokens; returns each query's largest one.
    ///
    /// # Safety
    /// The processor has AVX-512F, BW, VL and VNNI. [`suits`] has said yes, and `queries` points to `KV · N` queries of
    /// `head_dim` elements.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    unsafe fn score<const KV: usize, const N: usize>(self, queries: *const Query, room: &mut Scores) -> [i32; QUERIES] {
        // SAFETY: the caller has written them.
        let queries = unsafe { core::slice::from_raw_parts(queries, KV * N) };
        let mut most = [_mm512_set1_epi32(i32::MIN); QUERIES];
        let mut factors = [_mm512_setzero_si512(); QUERIES];
        for (factors, query) in factors.iter_mut().zip(queries) {
            let mut table = [0; 16];
            table.iter_mut().enumerate().for_each(|(code, entry)| *entry = query.scale.factor(code as u32).into());
            *factors = from_array(table);
        }
        let mut vectors = room.iter_mut();
        for records in self.heads.keys {
            for number in 0..records.count().div_ceil(TOKENS) {
                let block = Block::new(records, number);
                // SAFETY: the caller's promise.
                let (dots, codes) = unsafe {
                    let start = self.kv_head * self.head_dim;
                    (block.dots::<KV, N>(start, self.head_dim, queries), block.codes(self.kv_head))
                };
                for i in 0..KV * N {
                    let ScoreScale { left, shift, .. } = queries[i].scale;
                    let code = code::<KV>(codes, self.kv_head, i / N);
                    let dots = _mm512_sll_epi32(dots[i], _mm_cvtsi32_si128(left as i32));
                    let shifts = _mm512_sub_epi32(_mm512_set1_epi32(shift), _mm512_srli_epi32::<4>(code));
                    let shifts = _mm512_max_epi32(shifts, _mm512_setzero_si512());
                    let factor = _mm512_permutexvar_epi32(code, factors[i]);
                    let score = _mm512_srav_epi32(mul17(dots, factor), shifts);
                    most[i] = _mm512_mask_max_epi32(most[i], block.lanes, most[i], score);
                    vectors.next().map(|vector| vector.write(score));
                }
            }
        }
        let mut all = [i32::MIN; QUERIES];
        for (most, vector) in all.iter_mut().zip(most) {
            *most = _mm512_reduce_max_epi32(vector);
        }
        all
    }

    /// Turns scores into weights; returns the sum of each query's powers.
    ///
    /// # Safety
    /// The processor has AVX-512F, BW, VL and VNNI. [`suits`] has said yes, and `room` has the scores that
    /// [`score`](Self::score) wrote.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    unsafe fn weigh<const KV: usize, const N: usize>(self, most: &[i32; QUERIES], room: &mut Scores) -> [u32; QUERIES] {
        let Heads { values, step_code, shift, .. } = self.heads;
        let mut table = [0; 16];
        table.iter_mut().zip(&SIXTEENTHS[1..]).for_each(|(entry, &sixteenth)| *entry = sixteenth.into());
        table.reverse();
        let sixteenths = from_array(table);
        let powers = Powers::new();
        let mut totals = [_mm512_setzero_si512(); QUERIES];
        let mut vectors = room.iter_mut();
        for records in values {
            for number in 0..records.count().div_ceil(TOKENS) {
                let block = Block::new(records, number);
                // SAFETY: the caller's promise.
                let codes = unsafe { block.codes(self.kv_head) };
                for i in 0..KV * N {
                    let Some(vector) = vectors.next() else { return [0; QUERIES] };
                    let code = code::<KV>(codes, self.kv_head, i / N);
                    let below = _mm512_sub_epi32(_mm512_set1_epi32(step_code as i32), code);
                    // SAFETY: the scores of as many blocks are there.
                    let score = unsafe { vector.assume_init_read() };
                    let power = powers.exp2_neg(_mm512_sub_epi32(_mm512_set1_epi32(most[i]), score));
                    let power = _mm512_maskz_mov_epi32(block.lanes, power);
                    totals[i] = _mm512_add_epi32(totals[i], power);
                    let weight = _mm512_mullo_epi32(power, _mm512_permutexvar_epi32(below, sixteenths));
                    let octaves = _mm512_and_si512(_mm512_srli_epi32::<4>(below), _mm512_set1_epi32(15));
                    let shift = _mm512_add_epi32(octaves, _mm512_set1_epi32(15 + shift as i32));
                    let shift = _mm512_min_epi32(shift, _mm512_set1_epi32(30));
                    let halves = _mm512_add_epi32(_mm512_srlv_epi32(weight, shift), _mm512_set1_epi32(1));
                    vector.write(_mm512_srli_epi32::<1>(halves));
                }
            }
        }
        let mut all = [0; QUERIES];
        for (total, vector) in all.iter_mut().zip(totals) {
            *total = _mm512_reduce_add_epi32(vector) as u32;
        }
        all
    }

    /// Tells `sums` of the values, weighted, for each key/value head, query head and every fourth dimension.
    ///
    /// # Safety
    /// The processor has AVX-512F, BW, VL and VNNI. [`suits`] has said yes, and `weights` has what
    /// [`weigh`](Self::weigh) wrote.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    unsafe fn mix<const KV: usize, const N: usize>(
        self,
        weights: &Scores,
        mut put: impl FnMut(usize, usize, usize, [i32; 4]),
    ) {
        for chunk in 0..(KV * self.head_dim) / CHUNK {
            let start = self.kv_head * self.head_dim + chunk * CHUNK;
            // Of four dimensions each, for `N` queries.
            let mut upper = [[_mm512_setzero_si512(); N]; 4];
            let mut lower = [[_mm512_setzero_si512(); N]; 4];
            let mut vectors = weights.chunks_exact(KV * N);
            for records in self.heads.values {
                for number in 0..records.count().div_ceil(TOKENS) {
                    let Some(weights) = vectors.next() else { return };
                    // SAFETY: the caller's promise.
                    let values = unsafe { Block::new(records, number).values(start) };
                    for kv in 0..KV {
                        for q in 0..N {
                            // SAFETY: the weights of as many blocks are there.
                            let weight = unsafe { weights[kv * N + q].assume_init_read() };
                            let (low, high) = (bytes_of::<0>(weight), bytes_of::<1>(weight));
                            for i in kv * 4 / KV..(kv + 1) * 4 / KV {
                                lower[i][q] = _mm512_dpbusd_epi32(lower[i][q], low, values[i]);
                                upper[i][q] = _mm512_dpbusd_epi32(upper[i][q], high, values[i]);
                            }
                        }
                    }
                }
            }
            for i in 0..4 {
                for q in 0..N {
                    let sums = _mm512_add_epi32(_mm512_slli_epi32::<8>(upper[i][q]), lower[i][q]);
                    put(i * KV / 4, q, chunk * CHUNK + i % (4 / KV) * 4, fold(sums));
                }
            }
        }
    }
}

/// `⌊a · m / 2¹⁷⌋`
///
/// # Safety
/// The processor has AVX-512F.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn mul17(a: __m512i, m: __m512i) -> __m512i {
    let even = _mm512_srli_epi64::<17>(_mm512_mul_epi32(a, m));
    let odd = _mm512_mul_epi32(_mm512_srli_epi64::<32>(a), _mm512_srli_epi64::<32>(m));
    _mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64::<15>(odd))
}

/// [`POWERS`] and the way to the next one: in the upper half of a word, and in the lower half.
static POWERS_AND_STEPS: [i32; 64] = {
    let mut table = [0; 64];
    let mut i = 0;
    while i < 64 {
        table[i] = (POWERS[i] as i32) << 16 | (POWERS[i + 1] as i32 - POWERS[i] as i32) & 0xFFFF;
        i += 1;
    }
    table
};

/// The table in registers.
struct Powers([__m512i; 4]);

impl Powers {
    /// The tables in vectors.
    ///
    /// # Safety
    /// The processor has AVX-512F.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn new() -> Self {
        let mut quarters = [_mm512_setzero_si512(); 4];
        for (quarter, entries) in quarters.iter_mut().zip(POWERS_AND_STEPS.as_chunks::<16>().0) {
            *quarter = from_array(*entries);
        }
        Self(quarters)
    }

    /// See [`crate::fixed::exp2_neg`].
    ///
    /// # Safety
    /// The processor has AVX-512F, BW, VL and VNNI.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512vnni")]
    fn exp2_neg(&self, x: __m512i) -> __m512i {
        let [a, b, c, d] = self.0;
        let x = _mm512_min_epu32(x, _mm512_set1_epi32((32 << 16) - 1));
        let entry = _mm512_srli_epi32::<10>(x);
        let is_later = _mm512_test_epi32_mask(x, _mm512_set1_epi32(1 << 15));
        let (early, late) = (_mm512_permutex2var_epi32(a, entry, b), _mm512_permutex2var_epi32(c, entry, d));
        let pair = _mm512_mask_blend_epi32(is_later, early, late);
        let fraction = _mm512_and_si512(x, _mm512_set1_epi32(1023));
        let between = _mm512_dpwssd_epi32(_mm512_set1_epi32(512), pair, fraction);
        let power = _mm512_add_epi32(_mm512_srli_epi32::<16>(pair), _mm512_srai_epi32::<10>(between));
        _mm512_srlv_epi32(power, _mm512_srli_epi32::<16>(x))
    }
}

/// The sum of the four quarters.
///
/// # Safety
/// The processor has AVX-512F and VL.
#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
fn fold(sum: __m512i) -> [i32; 4] {
    let half = _mm256_add_epi32(_mm512_castsi512_si256(sum), _mm512_extracti64x4_epi64::<1>(sum));
    let quarter = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256::<1>(half));
    let mut out = [0; 4];
    // SAFETY: 16 bytes.
    unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), quarter) };
    out
}

/// Numbers as lanes.
///
/// # Safety
/// The processor has AVX-512F.
#[inline]
#[target_feature(enable = "avx512f")]
fn from_array(v: [i32; 16]) -> __m512i {
    // SAFETY: 64 bytes.
    unsafe { _mm512_loadu_si512(v.as_ptr().cast()) }
}
