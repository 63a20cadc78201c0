//! A matrix times a vector as the decoder does it, for firmware that counts what it takes.

use crate::fixed::Scale;
use crate::format::tensor::{Format, Role, Tensor, TensorSpec};
#[cfg(not(target_os = "none"))]
pub use crate::kernel::ON_READ;
use crate::quant::{Operand, QMatrix};

/// A matrix and a vector of arbitrary numbers, ready to be multiplied.
#[derive(Debug)]
pub struct Multiplication<'m> {
    matrix: QMatrix<'m>,
    operand: Operand<'m>,
    out: &'m mut [i32],
}

impl<'m> Multiplication<'m> {
    /// Makes both in `memory`; `None` if it is too small.
    pub fn new(format: Format, rows: usize, cols: usize, memory: &'m mut [u32]) -> Option<Self> {
        let skip = memory.as_ptr().addr().wrapping_neg() % 16 / 4;
        let words = memory.get_mut(skip..)?;
        let (matrix, rest) = words.split_at_mut_checked(byte_len(format, rows, cols).div_ceil(16) * 4)?;
        let (input, rest) = rest.split_at_mut_checked(crate::kernel::input_words(cols))?;
        let (values, out) = rest.split_at_mut_checked(cols)?;
        let (values, out): (&mut [i32], &mut [i32]) = (bytemuck::cast_slice_mut(values), bytemuck::cast_slice_mut(out));
        let mut state = 1_u32;
        let mut number = || {
            state = state.wrapping_mul(0x0019_660D).wrapping_add(0x3C6E_F35F);
            state
        };
        matrix.fill_with(&mut number);
        values.fill_with(|| (number() >> 4) as i32);
        let bytes = &bytemuck::cast_slice(matrix)[..byte_len(format, rows, cols)];
        let matrix = QMatrix::new(Tensor { format, exponent: -16, bytes }, rows, cols);
        let operand = matrix.quantize(values, Scale::power_of_two(0), input);
        Some(Self { matrix, operand, out: out.get_mut(..rows)? })
    }

    /// Multiplies, row scales included; the vector is quantized already.
    #[inline(never)]
    pub fn run(&mut self) {
        self.matrix.multiply(&self.operand, self.out);
        core::hint::black_box(&mut *self.out);
    }
}

fn byte_len(format: Format, rows: usize, cols: usize) -> usize {
    TensorSpec { role: Role::Query, layer: 0, rows, cols }.byte_len(format)
}
