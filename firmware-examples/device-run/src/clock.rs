//! Whether a board's clock counts instructions.

use core::arch::asm;

use crate::{Board, RunError};

const MILLION: u64 = 1_000_000;
/// A tick of the clock, and the instructions around the loop.
const TOLERANCE: u64 = 100;

/// Counts a loop of a million instructions, and prints the count.
///
/// # Errors
/// [`RunError::Clock`] if the clock counts something else.
pub fn check_clock(board: &mut impl Board) -> Result<(), RunError> {
    let before = board.instructions();
    loop_of_a_million();
    let count = board.instructions().zip(before).map_or(0, |(after, before)| after - before);
    if count.abs_diff(MILLION) > TOLERANCE {
        return Err(RunError::Clock(count));
    }
    writeln!(board, "clock: a loop of {MILLION} instructions counts {count}")?;
    Ok(())
}

/// Two instructions a turn.
fn loop_of_a_million() {
    // SAFETY: only changes the named register and the flags.
    unsafe {
        #[cfg(target_arch = "arm")]
        asm!("2: subs {n}, #1", "bne 2b", n = inout(reg) 500_000_u32 => _, options(nomem, nostack));
        #[cfg(target_arch = "riscv32")]
        asm!("2: addi {n}, {n}, -1", "bnez {n}, 2b", n = inout(reg) 500_000_u32 => _, options(nomem, nostack));
    }
}
