//! One runner for every kernel, on the host and on a device: the same seeded shapes and extreme values against
//! naive loops.
//!
//! A kernel must give the same bits as the loops for all that `Sums` allows: any padding weights (only the input's
//! padding is zero), any start value, no block at all, and nothing written behind the last sum.

pub(super) mod attention;
pub(super) mod elementwise;

use core::fmt;

use super::{Input, Multiplier, input_words, name};
use crate::format::tile::{BLOCK_ROWS, COLUMN_UNIT};

/// Words of memory that [`run`] works in.
pub const WORDS: usize = 4096;

/// Widths around every unroll that a kernel may have, and those of real models.
const COLS: [usize; 18] = [1, 3, 4, 8, 15, 16, 17, 31, 32, 33, 48, 64, 65, 112, 172, 176, 288, 768];
/// Numbers of rows, through the wrapper that takes any number of them.
const ROWS: [usize; 8] = [0, 1, 3, 4, 5, 8, 11, 12];

/// What a kernel got wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `sums_q8`, `sums_q4`, `scores`, …
    pub function: &'static str,
    /// Rows asked for, or tokens of attention, or elements.
    pub rows: usize,
    /// Columns, or numbers of a head, or bits of an element.
    pub cols: usize,
    /// Which values were taken.
    pub values: Values,
    /// Number of the wrong result.
    pub at: usize,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, rows, cols, values, at } = self;
        write!(f, "{}: {function} with {rows} rows, {cols} columns, {values:?} values: result {at} is wrong", name())
    }
}

/// Where weights and inputs come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Values {
    /// Any codes and inputs.
    Random,
    /// The largest codes and the largest inputs.
    Largest,
    /// The largest codes and the most negative inputs.
    MostNegative,
    /// The smallest codes and the largest inputs.
    Smallest,
    /// The largest codes; inputs that alternate between both ends.
    Alternating,
}

const VALUES: [Values; 5] =
    [Values::Random, Values::Largest, Values::MostNegative, Values::Smallest, Values::Alternating];

impl Values {
    fn code(self, row: usize, col: usize, max: u32) -> u32 {
        match self {
            Self::Random => hash(row as u32 * 4099 + col as u32) & max,
            Self::Smallest => 0,
            _ => max,
        }
    }

    fn input(self, col: usize, limit: i32) -> i32 {
        match self {
            Self::Random => (hash(col as u32 + 77_777) % (2 * limit as u32 + 1)) as i32 - limit,
            Self::MostNegative => -limit,
            Self::Alternating if col.is_multiple_of(2) => -limit,
            _ => limit,
        }
    }
}

fn hash(i: u32) -> u32 {
    let mixed = (i ^ (i >> 15)).wrapping_mul(0x2C1B_3C6D);
    let mixed = (mixed ^ (mixed >> 12)).wrapping_mul(0x297A_2D39);
    mixed ^ (mixed >> 15)
}

/// Names of the kernels that this processor can run. The last is the one in use, unless another was chosen.
pub fn available() -> impl Iterator<Item = &'static str> {
    #[cfg(kernel = "x86")]
    return super::target::Kernel::available().map(super::target::Kernel::name);
    #[cfg(not(kernel = "x86"))]
    core::iter::once(name())
}

/// Puts a kernel to use by its name; `false` if this processor does not have it.
pub fn choose(kernel: &str) -> bool {
    #[cfg(kernel = "x86")]
    return super::target::Kernel::available()
        .find(|one| one.name() == kernel)
        .map(super::target::Kernel::put_to_use)
        .is_some();
    #[cfg(not(kernel = "x86"))]
    return kernel == name();
}

/// Puts the target's kernels through everything. Returns the number of results compared.
///
/// `memory` holds at least [`WORDS`] words.
///
/// # Errors
/// The first [`Failure`].
pub fn run(memory: &mut [u32]) -> Result<usize, Failure> {
    let mut n = 0;
    for (function, multiplier) in Multiplier::ALL {
        n += check_format(function, &multiplier, memory)?;
    }
    n += attention::check(&attention::TARGET, memory)?;
    n += elementwise::check(&elementwise::TARGET, memory)?;
    Ok(n)
}

/// The name of the functions that attention runs with.
pub fn attention_name() -> &'static str {
    super::target_attention::attention_name()
}

/// The name of the functions that go through elements.
pub fn elementwise_name() -> &'static str {
    super::target_elementwise::elementwise_name()
}

/// Puts the kernel of one format through all shapes and values; `function` is what it is called in a failure.
pub(super) fn check_format(
    function: &'static str,
    multiplier: &Multiplier,
    memory: &mut [u32],
) -> Result<usize, Failure> {
    let mut n = 0;
    for cols in COLS {
        for values in VALUES {
            for rows in ROWS {
                let failure = |at| Failure { function, rows, cols, values, at };
                n += check_sums(multiplier, rows, cols, values, memory).map_err(failure)?;
            }
        }
    }
    Ok(n)
}

/// One matrix: through the kernel itself with a start value, and through the wrapper. The error is the number of the
/// first wrong result.
fn check_sums(
    multiplier: &Multiplier,
    rows: usize,
    cols: usize,
    values: Values,
    memory: &mut [u32],
) -> Result<usize, usize> {
    let packing = multiplier.packing;
    let n_block = rows.div_ceil(BLOCK_ROWS);
    memory.fill(0xDEAD_BEEF);
    let skip = memory.as_ptr().addr().wrapping_neg() % 16 / 4;
    let (tiles, rest) = memory[skip..].split_at_mut(packing.len(rows, cols) / 4);
    let (words, rest) = rest.split_at_mut(input_words(cols));
    let sums: &mut [i32] = bytemuck::cast_slice_mut(&mut rest[..n_block * BLOCK_ROWS + 1]);
    let tiles: &mut [u8] = bytemuck::cast_slice_mut(tiles);
    let zero_point = packing.zero_point();
    let max = 2 * zero_point as u32 - 1;
    let padded = cols.next_multiple_of(COLUMN_UNIT);
    for (row, col) in (0..n_block * BLOCK_ROWS).flat_map(|row| (0..padded).map(move |col| (row, col))) {
        let weight = values.code(row, col, max) as i32 - zero_point;
        packing.put(tiles, packing.place(row, col, cols), weight);
    }
    let limit = multiplier.largest_input(cols);
    let inputs = (0..cols).map(|col| values.input(col, limit));
    let input = Input::new(multiplier.layout, words, cols, inputs);
    let expected = |row: usize, init: i32, zero_point: i32| {
        (0..cols).fold(init, |sum: i32, col| {
            let weight = values.code(row, col, max) as i32 - zero_point;
            sum.wrapping_add(weight.wrapping_mul(values.input(col, limit)))
        })
    };

    let init = hash(cols as u32) as i32;
    // SAFETY: tiles, input and sums are as long as the contract asks, and tiles are aligned.
    unsafe {
        (multiplier.sums)(tiles.as_ptr(), input.words().as_ptr(), input.n_col16(), n_block, init, sums.as_mut_ptr());
    }
    compare(sums, n_block * BLOCK_ROWS, |row| expected(row, init, 0))?;
    sums.fill(CANARY);
    multiplier.multiply(tiles, &input, &mut sums[..rows]);
    compare(sums, rows, |row| expected(row, 0, zero_point))?;
    Ok(n_block * BLOCK_ROWS + rows)
}

const CANARY: i32 = 0xDEAD_BEEF_u32 as i32;

/// The number of the first wrong result. What stands behind the results must still be there.
fn compare(results: &[i32], n: usize, expected: impl Fn(usize) -> i32) -> Result<(), usize> {
    let is_right = |at: usize| results[at] == if at < n { expected(at) } else { CANARY };
    (0..results.len()).find(|&at| !is_right(at)).map_or(Ok(()), Err)
}
