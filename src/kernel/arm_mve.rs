//! Kernels of Armv8.1-M with the vector extension (Helium), as in Cortex-M55 and Cortex-M85.
//!
//! `vld40` to `vld43` bring 64 bytes of weights and put the words of each row into a vector of its own. `vmladava`
//! multiplies 16 pairs of bytes and adds all products to a core register. Its operands are both signed or both
//! unsigned, and its sums stand in even registers. Eight of these are enough for two sums of each of four rows, as
//! the loop counts in an odd one.
//!
//! Inputs of `q8` have 16 bits: `x = 256 · high + low`, high signed and low unsigned. With `code = weight + 128`
//! the sum is `Σ code · x = 256 · Σ weight · high + 2¹⁵ · Σ high + Σ code · low`. A byte's sign bit is flipped in
//! between.

use core::arch::global_asm;

use super::Layout;
pub(super) use super::assembler::{egpt_sums_q4 as sums_q4, egpt_sums_q8 as sums_q8};

pub(super) const Q8_LAYOUT: Layout = Layout::SplitBytes;
pub(super) const Q4_LAYOUT: Layout = Layout::TileBytes;

/// The kernel's name.
pub(super) fn name() -> &'static str {
    "arm-mve"
}

// SAFETY: both functions read and write what `Sums` allows, keep the registers that the procedure call standard (AAPCS)
// says, and give back the stack that they take, about 100 bytes.
global_asm!(super::assembly!("arm_mve.s"), options(raw));
