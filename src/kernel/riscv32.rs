//! Kernels of 32-bit RISC-V with multiplication, such as RV32IMC.
//!
//! There are registers for the inputs of 16 columns (`q8`) or 32 columns (`q4`). So a matrix is multiplied in
//! strips of as many columns: inputs are loaded once for all rows, and for each strip only a row's total is loaded
//! and stored. Four rows at a time with their totals in registers would load the inputs for every four rows
//! instead, which is more.
//!
//! [`whole_words`](super::whole_words) tells how words are multiplied whole, and two products of `q4` at once.

use core::arch::global_asm;

use super::Layout;
pub(super) use super::assembler::{egpt_sums_q4 as sums_q4, egpt_sums_q8 as sums_q8};

pub(super) const Q8_LAYOUT: Layout = Layout::WholeWords;
pub(super) const Q4_LAYOUT: Layout = Layout::GroupsOfWords;

/// The kernel's name.
pub(super) fn name() -> &'static str {
    "riscv32"
}

// SAFETY: both functions read and write what `Sums` allows, keep the registers that the calling convention
// says, and give back the stack that they take, less than 100 bytes.
global_asm!(super::assembly!("riscv32.s"), options(raw));
