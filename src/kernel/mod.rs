//! The inner loops over weights and over the KV cache: one file per kernel, one interface.
//!
//! A kernel is a module with `name` and, for each matrix format, a function `sums_…` and a constant `…_LAYOUT`, as
//! `portable` has them.
//! `build.rs` chooses one by the target and says so in `cfg(kernel = "…")`. A new kernel is a file here, its line
//! below, and its name in `build.rs`.
//!
//! Every kernel accumulates in wrapping `i32`, so the order of a sum does not matter and any kernel gives the same
//! bits. `check` holds all of them to that.
//!
//! This is the only module with unsafe code: loads without bounds checks, and functions in assembler.
#![allow(unsafe_code)]
// build.rs takes this kernel only if the compiler has its functions.
#![cfg_attr(kernel = "x86", allow(clippy::incompatible_msrv))]

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
mod multiplier;
#[allow(dead_code)] // as above
mod portable;
#[cfg(all(feature = "kernel-check", not(target_os = "none")))]
mod reads;
#[allow(dead_code)] // as above
mod whole_words;

/// Declares functions in assembler by their names there. `build.rs` puts a suffix behind these, so that two versions of
/// the crate can be linked into one program.
#[cfg(not(any(kernel = "portable", kernel = "x86")))]
macro_rules! assembled {
    ($($(#[$meta:meta])* $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $out:ty)?;)*) => {
        unsafe extern "C" {
            $(
                $(#[$meta])*
                #[link_name = concat!(stringify!($name), env!("EGPT_SUFFIX"))]
                $visibility unsafe fn $name($($argument: $type),*) $(-> $out)?;
            )*
        }
    };
}
#[cfg(not(any(kernel = "portable", kernel = "x86")))]
use assembled;

/// A file in assembler, with the suffix.
#[cfg(not(any(kernel = "portable", kernel = "x86")))]
macro_rules! assembly {
    ($file:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/", $file))
    };
}
#[cfg(not(any(kernel = "portable", kernel = "x86")))]
use assembly;

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

// Not on hosts, where all features may be switched on at once.
#[cfg(all(feature = "expect-dsp", target_os = "none", not(any(kernel = "arm-dsp", kernel = "arm-mve"))))]
compile_error!(
    "feature expect-dsp: this target gets a kernel without DSP instructions. On a Cortex-M33, M35P, M52, M55 or M85 \
     build with RUSTFLAGS=\"-C target-cpu=cortex-m33\", or the core that it is; other cores need another target"
);

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

#[cfg(not(any(thumb2, kernel = "x86")))]
pub(crate) use activation::gate;
pub(crate) use activation::{SAMPLE_BITS, Samples};
#[cfg(not(any(thumb2, kernel = "x86")))]
use attention as target_attention;
#[cfg(not(kernel = "x86"))]
pub(crate) use attention::attend;
pub(crate) use attention::{Heads, Records, ScoreScale};
#[cfg(not(any(thumb2, kernel = "x86")))]
use elementwise as target_elementwise;
pub(crate) use elementwise::{bits_of_any, fill_bytes, largest_byte, map_with};
pub(crate) use input::{Input, Rounding};
#[cfg(test)]
use multiplier::Sums;
pub(crate) use multiplier::{Multiplier, input_words};
#[cfg(kernel = "x86")]
pub(crate) use target::attend;
use target_attention::{mix, score};
#[cfg(any(thumb2, kernel = "x86"))]
pub(crate) use target_elementwise::gate;
pub(crate) use target_elementwise::{bits, largest, scale_rows, subtract, times, times_gain};
use target_elementwise::{round_to_halves, round_to_tiles};
#[cfg(thumb2)]
use {thumb2_attention as target_attention, thumb2_elementwise as target_elementwise};
#[cfg(kernel = "x86")]
use {x86 as target_attention, x86 as target_elementwise};

use input::Layout;
#[cfg(all(feature = "kernel-check", not(target_os = "none")))]
pub use reads::ON_READ;
#[cfg(all(feature = "kernel-check", not(target_os = "none")))]
pub(crate) use reads::read;

/// Name of the kernel that multiplies matrices on this machine.
///
/// | name | cores |
/// |---|---|
/// | `arm-v6m` | Cortex-M0, M0+, M23 |
/// | `arm-v7m` | Cortex-M3; Cortex-M33 and M55 without `-C target-cpu` |
/// | `arm-dsp` | Cortex-M4, M7; Cortex-M33 and M35P with `-C target-cpu=cortex-m33` or `cortex-m35p` |
/// | `arm-mve` | Cortex-M55, M52 and M85 with `-C target-cpu=cortex-m55` and the like |
/// | `riscv32` | RV32IM and its extensions |
/// | `x86-…` | x86-64 with feature `x86` |
/// | `portable` | all others |
///
/// A slow kernel computes the same bits, so nothing but time tells that a core has a faster one. Feature `expect-dsp`
/// makes that an error while compiling.
pub fn name() -> &'static str {
    target::name()
}

#[cfg(test)]
mod tests;
