//! Kernels of x86-64, the best that the processor has, chosen when first used.

use core::arch::x86_64::{__cpuid, __cpuid_count, _xgetbv};
use core::sync::atomic::{AtomicU8, Ordering};

use super::activation::{self, Samples};
use super::attention::{self, Heads, Records, ScoreScale, Weights};
use super::elementwise::Loop;
use super::portable;
use super::x86_activation;
use super::x86_attention;
use super::x86_avx2 as avx2;
use super::x86_vnni as vnni;
use super::x86_vnni_attention as vnni_attention;
use crate::fixed::Factor;

pub(crate) use super::elementwise::{bits, largest, scale_rows, subtract, times, times_gain};
pub(super) use super::elementwise::{round_to_halves, round_to_tiles};
pub(super) use super::portable::{Q4_LAYOUT, Q8_LAYOUT};

/// A kernel for some of the processors, better ones later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Kernel {
    /// Plain Rust, for any processor.
    Portable = 1,
    Avx2 = 2,
    /// AVX-512 with F, BW, VL and VNNI.
    Vnni = 3,
}

/// The kernel in use; 0 until it is chosen. Two threads that choose at the same time choose the same.
static IN_USE: AtomicU8 = AtomicU8::new(0);

impl Kernel {
    /// All kernels that the processor has, the best last.
    #[cfg(any(test, feature = "kernel-check"))]
    pub(super) fn available() -> impl Iterator<Item = Self> {
        let best = Self::best();
        [Self::Portable, Self::Avx2, Self::Vnni].into_iter().filter(move |&kernel| kernel <= best)
    }

    pub(super) fn in_use() -> Self {
        match IN_USE.load(Ordering::Relaxed) {
            1 => Self::Portable,
            2 => Self::Avx2,
            3 => Self::Vnni,
            _ => {
                let best = Self::best();
                best.put_to_use();
                best
            }
        }
    }

    pub(super) fn put_to_use(self) {
        IN_USE.store(self as u8, Ordering::Relaxed);
    }

    /// The best kernel whose instructions the processor has and whose registers the operating system saves.
    #[cold]
    fn best() -> Self {
        const OSXSAVE_AVX: u32 = 1 << 27 | 1 << 28;
        const AVX2: u32 = 1 << 5;
        const AVX512_F_BW_VL: u32 = 1 << 16 | 1 << 30 | 1 << 31;
        const AVX512_VNNI: u32 = 1 << 11;
        const YMM_STATE: u64 = 0b110;
        const ZMM_STATE: u64 = 0b1110_0000 | YMM_STATE;
        let has = |flags: u32, needed: u32| flags & needed == needed;
        if __cpuid(0).eax < 7 || !has(__cpuid(1).ecx, OSXSAVE_AVX) {
            return Self::Portable;
        }
        // SAFETY: the flag OSXSAVE says that the operating system has switched the instruction on.
        let saved = unsafe { _xgetbv(0) };
        let leaf7 = __cpuid_count(7, 0);
        if saved & YMM_STATE != YMM_STATE || !has(leaf7.ebx, AVX2) {
            Self::Portable
        } else if saved & ZMM_STATE != ZMM_STATE || !has(leaf7.ebx, AVX512_F_BW_VL) || !has(leaf7.ecx, AVX512_VNNI) {
            Self::Avx2
        } else {
            Self::Vnni
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Portable => portable::name(),
            Self::Avx2 => "x86-avx2",
            Self::Vnni => "x86-avx512-vnni",
        }
    }
}

/// The name of the kernel that runs.
pub(super) fn name() -> &'static str {
    Kernel::in_use().name()
}

/// See [`Sums`](super::multiplier::Sums).
///
/// # Safety
/// That of [`Sums`](super::multiplier::Sums).
pub(super) unsafe extern "C" fn sums_q8(
    tiles: *const u8,
    input: *const u32,
    n_col16: usize,
    n_block: usize,
    init: i32,
    sums: *mut i32,
) {
    let kernel = match Kernel::in_use() {
        Kernel::Portable => portable::sums_q8,
        Kernel::Avx2 => avx2::sums_q8,
        Kernel::Vnni => vnni::sums_q8,
    };
    // SAFETY: the caller's promise; the processor has the instructions.
    unsafe { kernel(tiles, input, n_col16, n_block, init, sums) }
}

/// See [`Sums`](super::multiplier::Sums).
///
/// # Safety
/// That of [`Sums`](super::multiplier::Sums).
pub(super) unsafe extern "C" fn sums_q4(
    tiles: *const u8,
    input: *const u32,
    n_col16: usize,
    n_block: usize,
    init: i32,
    sums: *mut i32,
) {
    let kernel = match Kernel::in_use() {
        Kernel::Portable => portable::sums_q4,
        Kernel::Avx2 => avx2::sums_q4,
        Kernel::Vnni => vnni::sums_q4,
    };
    // SAFETY: the caller's promise; the processor has the instructions.
    unsafe { kernel(tiles, input, n_col16, n_block, init, sums) }
}

/// The name of the functions that attention runs with.
#[allow(dead_code)] // for `check`
pub(super) fn attention_name() -> &'static str {
    name()
}

/// See [`attention::score`].
pub(super) fn score(keys: Records<'_>, query: &[i16], scale: ScoreScale, scores: &mut [i32]) -> i32 {
    if Kernel::in_use() == Kernel::Portable || !x86_attention::suits(keys, query.len()) {
        return attention::score(keys, query, scale, scores);
    }
    // SAFETY: checked above.
    unsafe { x86_attention::score(keys, query, scale, scores) }
}

/// See [`attention::mix`].
pub(super) fn mix(values: Records<'_>, weights: Weights, scores: &mut [i32], out: &mut [i32]) -> u32 {
    if Kernel::in_use() == Kernel::Portable || !x86_attention::suits(values, out.len()) {
        return attention::mix(values, weights, scores, out);
    }
    // SAFETY: checked above.
    unsafe { x86_attention::mix(values, weights, scores, out) }
}

/// See [`attention::attend`].
pub(crate) fn attend(
    heads: Heads<'_>,
    queries: &mut [i32],
    head_dim: usize,
    out: &mut [i32],
    scores: &mut [i32],
    prepare: impl Fn(&mut [i32]) -> ScoreScale,
    finish: impl Fn(u32, &mut [i32]),
) {
    if Kernel::in_use() != Kernel::Vnni || !vnni_attention::suits(heads, queries, head_dim) {
        return attention::attend(heads, queries, head_dim, out, scores, prepare, finish);
    }
    // SAFETY: checked above.
    unsafe { vnni_attention::attend(heads, queries, head_dim, out, prepare, finish) }
}

/// Runs a loop over elements as the compiler vectorizes it for the kernel in use.
#[inline]
pub(super) fn run<L: Loop>(elements: L) -> L::Output {
    /// A loop, compiled for AVX2.
    ///
    /// # Safety
    /// The processor has AVX2.
    #[target_feature(enable = "avx2")]
    fn avx2<L: Loop>(elements: L) -> L::Output {
        elements.run()
    }
    /// A loop, compiled for AVX-512.
    ///
    /// # Safety
    /// The processor has AVX-512F, BW and VL.
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn avx512<L: Loop>(elements: L) -> L::Output {
        elements.run()
    }
    match Kernel::in_use() {
        Kernel::Portable => elements.run(),
        // SAFETY: the processor has the instructions.
        Kernel::Avx2 => unsafe { avx2(elements) },
        // SAFETY: the processor has the instructions.
        Kernel::Vnni => unsafe { avx512(elements) },
    }
}

/// The name of the functions that go through elements.
#[allow(dead_code)] // for `check`
pub(super) fn elementwise_name() -> &'static str {
    name()
}

/// See [`activation::gate`].
pub(crate) fn gate(values: &mut [i32], samples: Samples, to_x: Factor, up: &[i32], up_left: u32) {
    match Kernel::in_use() {
        Kernel::Portable => return activation::gate(values, samples, to_x, up, up_left),
        // SAFETY: the processor has the instructions.
        Kernel::Avx2 => unsafe { x86_activation::avx2(values, samples, to_x) },
        // SAFETY: the processor has the instructions.
        Kernel::Vnni => unsafe { x86_activation::avx512(values, samples, to_x) },
    }
    activation::multiply(values, up, up_left);
}

/// See [`largest_byte`](super::largest_byte); `None` where words do not help.
pub(super) fn largest_byte(records: &[i8], len: usize, at: usize, n: usize) -> Option<u8> {
    let are_words = n > 0 && at.is_multiple_of(4) && at + n.next_multiple_of(4) <= len;
    // SAFETY: checked, and every processor of x86-64 has SSE2.
    are_words.then(|| unsafe { x86_attention::largest_byte(records, len, at, n) })
}
