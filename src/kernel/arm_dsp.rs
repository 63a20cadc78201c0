//! Kernels of Arm cores with the DSP extension: Cortex-M4, M7, and M33 where it is there.
//!
//! `smlad` takes two products at once. The bytes of a `q8` word come as two pairs of halves by `uxtb16`, with and
//! without a rotation: 16 instructions for 16 products, and two loads for four rows and four columns at once.
//! Four rows, four words and two words of input are as many as the registers hold.
//!
//! `q4`: a mask and a shift are one instruction, and the whole word serves for the fourth pair (see
//! [`whole_words`](super::whole_words)).

use core::arch::global_asm;

use super::Layout;
pub(super) use super::assembler::{egpt_sums_q4 as sums_q4, egpt_sums_q8 as sums_q8};

pub(super) const Q8_LAYOUT: Layout = Layout::Halves;
pub(super) const Q4_LAYOUT: Layout = Layout::GroupsOfHalves;

/// The kernel's name.
pub(super) fn name() -> &'static str {
    "arm-dsp"
}

// SAFETY: both functions read and write what `Sums` allows, keep the registers that the procedure call standard (AAPCS)
// says, and give back the stack that they take, less than 100 bytes.
global_asm!(super::arm_cpu!(), super::assembly!("arm_dsp.s"), options(raw));
// SAFETY: as above.
global_asm!(
    super::arm_cpu!(),
    r"
    .macro egpt_q4_multiply sum, codes, input, start
    smlad \sum, \codes, \input, \start
    .endm
    .macro egpt_q4_drain total, sum
    sxtah \total, \total, \sum
    .endm",
    super::assembly!("thumb2_q4.s"),
    options(raw)
);
