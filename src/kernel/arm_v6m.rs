//! Kernels of Armv6-M: Cortex-M0 and M0+, and Armv8-M cores of the baseline.
//!
//! Only eight registers can be multiplied, and a product takes the place of one of its factors. The sums need none
//! of these: `add` reaches the upper registers. Words are loaded and shifted rather than bytes loaded: as many
//! instructions, but a load takes two cycles. [`whole_words`](super::whole_words) tells how words are multiplied
//! whole, and two products of `q4` at once.

use core::arch::global_asm;

use super::Layout;
pub(super) use super::assembler::{egpt_sums_q4 as sums_q4, egpt_sums_q8 as sums_q8};

pub(super) const Q8_LAYOUT: Layout = Layout::WholeWords;
pub(super) const Q4_LAYOUT: Layout = Layout::GroupsOfWords;

/// The kernel's name.
pub(super) fn name() -> &'static str {
    "arm-v6m"
}

// SAFETY: both functions read and write what `Sums` allows, keep the registers that the procedure call standard (AAPCS)
// says, and give back the stack that they take, less than 100 bytes.
global_asm!(super::assembly!("arm_v6m.s"), options(raw));
