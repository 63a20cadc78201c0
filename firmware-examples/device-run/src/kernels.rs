//! The kernels of the target against naive loops.

use embedded_gpt::{kernel_check, kernel_name};

use crate::{Board, RunError};

/// Checks the kernels; prints which ones they are.
///
/// # Errors
/// [`RunError::Kernel`] with the first wrong result.
pub fn kernels(memory: &mut [u32; kernel_check::WORDS], board: &mut impl Board) -> Result<(), RunError> {
    let n = kernel_check::run(memory).map_err(RunError::Kernel)?;
    let (attention, elementwise) = (kernel_check::attention_name(), kernel_check::elementwise_name());
    writeln!(
        board,
        "kernel {}, attention {attention}, elementwise {elementwise}: {n} results are right",
        kernel_name()
    )?;
    Ok(())
}
