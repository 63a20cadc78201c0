//! The kernels of the target against naive loops, and what a multiply-accumulate costs.

use core::hint::black_box;

use embedded_gpt::{kernel_check, kernel_name};

use crate::{Board, RunError};

/// Shapes of stories260K and of a model of width 288: rows, columns.
const SHAPES: [(usize, usize); 5] = [(64, 64), (172, 64), (64, 172), (512, 64), (288, 288)];

/// Words of memory that [`kernels`] works in.
pub const KERNEL_WORDS: usize = max(kernel_check::WORDS, kernel_check::measured_words(288, 288));

const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// Checks the kernels; prints which one runs and, where instructions are counted, how many one multiply-accumulate takes.
///
/// # Errors
/// [`RunError::Kernel`] with the first wrong result.
pub fn kernels(memory: &mut [u32; KERNEL_WORDS], board: &mut impl Board) -> Result<(), RunError> {
    let n = kernel_check::run(memory).map_err(RunError::Kernel)?;
    writeln!(board, "kernel {}: {n} results are right", kernel_name())?;
    if board.instructions().is_none() {
        return Ok(());
    }
    for (rows, cols) in SHAPES {
        for bits in [8, 4] {
            let mut multiply = kernel_check::multiply(bits, rows, cols, memory);
            let before = board.instructions();
            black_box(&mut multiply)();
            let count = board.instructions().zip(before).map_or(0, |(after, before)| after - before);
            let thousandths = count * 1000 / (rows * cols * kernel_check::N_MEASURED) as u64;
            writeln!(board, "q{bits} {rows}x{cols}: {}.{:03}", thousandths / 1000, thousandths % 1000)?;
        }
    }
    Ok(())
}
