//! Kernels of Armv7-M without the DSP extension: Cortex-M3, and Armv8-M cores without it.
//!
//! `mla` takes one product of `q8` and two of `q4`; how, and why words are multiplied whole, is told in
//! [`whole_words`](super::whole_words). `mla` takes two cycles on a Cortex-M3, and the long products (`smlal`) four
//! to seven.

use core::arch::global_asm;

use super::Layout;
pub(super) use super::assembler::{egpt_sums_q4 as sums_q4, egpt_sums_q8 as sums_q8};

pub(super) const Q8_LAYOUT: Layout = Layout::WholeWords;
pub(super) const Q4_LAYOUT: Layout = Layout::GroupsOfWords;

/// The kernel's name.
pub(super) fn name() -> &'static str {
    "arm-v7m"
}

// SAFETY: both functions read and write what `Sums` allows, keep the registers that the procedure call standard (AAPCS)
// says, and give back the stack that they take, less than 100 bytes.
global_asm!(super::assembly!("arm_v7m.s"), options(raw));
// SAFETY: as above.
global_asm!(
    r"
    .macro egpt_q4_multiply sum, codes, input, start
    mla \sum, \codes, \input, \start
    .endm
    .macro egpt_q4_drain total, sum
    add \total, \total, \sum, asr #16
    .endm",
    super::assembly!("thumb2_q4.s"),
    options(raw)
);
