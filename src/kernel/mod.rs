//! The inner loops over weights and over the KV cache: one file per kernel, one interface.
//!
//! A kernel is a module with `name`, `sums_q8`, `sums_q4`, `Q8_LAYOUT` and `Q4_LAYOUT`, as `portable` has them.
//! `build.rs` chooses one by the target and says so in `cfg(kernel = "…")`. A new kernel is a file here, its line
//! below, and its name in `build.rs`.
//!
//! Every kernel accumulates in wrapping `i32`, so the order of a sum does not matter and any kernel gives the same
//! bits. `check` holds all of them to that.
//!
//! This is the only module with unsafe code: loads without bounds checks, and functions in assembler.
#![allow(unsafe_code)]

mod activation;
#[cfg(not(any(kernel = "portable", kernel = "x86")))]
mod assembler;
// Other kernels take parts of these.
#[allow(dead_code)]
mod attention;
#[cfg(any(test, feature = "kernel-check"))]
pub mod check;
#[allow(dead_code)] // as above
mod elementwise;
mod input;
#[allow(dead_code)] // as above
mod portable;
#[cfg(all(feature = "kernel-check", not(target_os = "none")))]
mod reads;
#[allow(dead_code)] // as above
mod whole_words;

/// Names the processor for the assembler. The DSP extension is optional in Armv8-M, and what `-C target-cpu` says
/// does not reach the assembler in every step of compiling.
#[cfg(all(armv8m, kernel = "arm-dsp"))]
macro_rules! arm_cpu {
    () => {
        ".cpu cortex-m33"
    };
}
#[cfg(all(armv8m, kernel = "arm-mve"))]
macro_rules! arm_cpu {
    () => {
        ".cpu cortex-m55"
    };
}
#[cfg(all(not(armv8m), kernel = "arm-dsp"))]
macro_rules! arm_cpu {
    () => {
        ""
    };
}
#[cfg(any(kernel = "arm-dsp", kernel = "arm-mve"))]
use arm_cpu;

#[cfg(kernel = "arm-dsp")]
mod arm_dsp;
#[cfg(kernel = "arm-mve")]
mod arm_mve;
#[cfg(kernel = "arm-v6m")]
mod arm_v6m;
#[cfg(kernel = "arm-v7m")]
mod arm_v7m;
#[cfg(kernel = "riscv32")]
mod riscv32;
#[cfg(thumb2)]
mod thumb2_attention;
#[cfg(thumb2)]
mod thumb2_elementwise;
#[cfg(kernel = "x86")]
mod x86;
#[cfg(kernel = "x86")]
mod x86_activation;
#[cfg(kernel = "x86")]
mod x86_attention;
#[cfg(kernel = "x86")]
mod x86_avx2;
#[cfg(kernel = "x86")]
mod x86_vnni;
#[cfg(kernel = "x86")]
mod x86_vnni_attention;
#[cfg(kernel = "x86")]
mod x86_vnni_records;

#[cfg(kernel = "arm-dsp")]
use arm_dsp as target;
#[cfg(kernel = "arm-mve")]
use arm_mve as target;
#[cfg(kernel = "arm-v6m")]
use arm_v6m as target;
#[cfg(kernel = "arm-v7m")]
use arm_v7m as target;
#[cfg(kernel = "portable")]
use portable as target;
#[cfg(kernel = "riscv32")]
use riscv32 as target;
#[cfg(kernel = "x86")]
use x86 as target;

pub(crate) use activation::{SAMPLE_BITS, Samples};
#[cfg(not(any(thumb2, kernel = "x86")))]
use attention as target_attention;
#[cfg(not(kernel = "x86"))]
pub(crate) use attention::attend;
pub(crate) use attention::{Heads, Records, ScoreScale};
#[cfg(not(any(thumb2, kernel = "x86")))]
use elementwise as target_elementwise;
pub(crate) use elementwise::{bits_of_any, fill_bytes, largest_byte, map_with};
pub(crate) use input::{Input, Rounding, input_words};
#[cfg(kernel = "x86")]
pub(crate) use target::attend;
use target_attention::{mix, score};
pub(crate) use target_elementwise::{bits, gate, largest, scale_rows, subtract, times, times_gain};
use target_elementwise::{round_to_halves, round_to_tiles};
#[cfg(thumb2)]
use {thumb2_attention as target_attention, thumb2_elementwise as target_elementwise};
#[cfg(kernel = "x86")]
use {x86 as target_attention, x86 as target_elementwise};

use crate::format::tile::{BLOCK_ROWS, Q4_ZERO_POINT, Q8_ZERO_POINT, TILE_LEN, q4_len, q8_len};
use input::Layout;
#[cfg(all(feature = "kernel-check", not(target_os = "none")))]
pub use reads::ON_READ;
#[cfg(all(feature = "kernel-check", not(target_os = "none")))]
pub(crate) use reads::read;

/// `sums[row] = init + Σ code(row, col) · input[col]` in wrapping arithmetic, for all rows of `n_block` blocks of four,
/// where `code` is the weight as stored: 0 to 255 in `q8`, 0 to 15 in `q4`. `n_block` may be 0.
///
/// # Safety
/// - `tiles` is at a multiple of 16 and points to `n_block · n_col16 · 64` bytes (`q8`) or `n_block · n_col16 · 32`
///   (`q4`; 32 more may be read if `n_col16` is odd).
/// - `input` points to the words of an [`Input`] of `n_col16` groups of 16 columns. It is zero beyond the matrix's
///   columns, up to a multiple of 32.
/// - `sums` points to room for `4 · n_block` numbers.
/// - `n_col16` is at least 1.
type Sums = unsafe extern "C" fn(
    tiles: *const u8,
    input: *const u32,
    n_col16: usize,
    n_block: usize,
    init: i32,
    sums: *mut i32,
);

/// Name of the kernel that multiplies matrices on this machine: `portable`, `arm-dsp`, …
pub fn name() -> &'static str {
    target::name()
}

/// What the wrapper has to know of a matrix format.
struct Kernel {
    sums: Sums,
    layout: Layout,
    excess: i32,
    /// Length of 16 columns of a block, in bytes.
    unit_len: usize,
}

/// `out[row] = Σ weight(row, col) · input[col]` of a `q8` matrix; zeros if `tiles` or `input` are not those of one.
pub(crate) fn sums_q8(tiles: &[u8], input: &Input<'_>, out: &mut [i32]) {
    let kernel = Kernel { sums: target::sums_q8, layout: target::Q8_LAYOUT, excess: Q8_ZERO_POINT, unit_len: 64 };
    kernel.run(tiles, q8_len(out.len(), 16 * input.n_col16()), input, out);
}

/// `out[row] = Σ weight(row, col) · input[col]` of a `q4` matrix; zeros if `tiles` or `input` are not those of one.
pub(crate) fn sums_q4(tiles: &[u8], input: &Input<'_>, out: &mut [i32]) {
    let kernel = Kernel { sums: target::sums_q4, layout: target::Q4_LAYOUT, excess: Q4_ZERO_POINT, unit_len: 32 };
    kernel.run(tiles, q4_len(out.len(), 16 * input.n_col16()), input, out);
}

impl Kernel {
    /// `needed` are the bytes of tiles for all rows, with what may be read beyond them.
    #[inline(never)]
    fn run(&self, tiles: &[u8], needed: usize, input: &Input<'_>, out: &mut [i32]) {
        let n_col16 = input.n_col16();
        let is_aligned = tiles.as_ptr().addr().is_multiple_of(TILE_LEN);
        if n_col16 == 0 || tiles.len() < needed || !is_aligned || input.layout() != self.layout {
            return out.fill(0);
        }
        let init = input.sum().wrapping_mul(-self.excess);
        let words = input.words().as_ptr();
        let n_block = out.len() / BLOCK_ROWS;
        let (whole, rest) = out.split_at_mut(n_block * BLOCK_ROWS);
        // SAFETY: an `Input` has all words of its layout, and the rest of the contract is checked above.
        unsafe { (self.sums)(tiles.as_ptr(), words, n_col16, n_block, init, whole.as_mut_ptr()) };
        if rest.is_empty() {
            return;
        }
        let mut last = [0; BLOCK_ROWS];
        let tiles = &tiles[n_block * n_col16 * self.unit_len..];
        // SAFETY: as above; `needed` counts the block that is not whole, too.
        unsafe { (self.sums)(tiles.as_ptr(), words, n_col16, 1, init, last.as_mut_ptr()) };
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

#[cfg(test)]
mod tests;
