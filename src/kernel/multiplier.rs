//! How matrices of each format are multiplied: one descriptor per format, and the checked way to a kernel.

use super::input::{Input, Layout, padded};
use super::target;
use crate::format::tensor::Format;
use crate::format::tile::{BLOCK_ROWS, Packing, TILE_LEN};
use crate::part::{sides_mut, tail};

/// `sums[row] = init + Σ code(row, col) · input[col]` in wrapping arithmetic, for all rows of `n_block` blocks of four,
/// where `code` is the weight as stored: 0 to 255 in `q8`, 0 to 15 in `q4`. `n_block` may be 0.
///
/// # Safety
/// - `tiles` is at a multiple of 16 and points to `n_block · n_col16 · 64` bytes (`q8`) or `n_block · n_col16 · 32`
///   (`q4`; 32 more may be read if `n_col16` is odd).
/// - `input` points to the words of an [`Input`] of `n_col16` groups of 16 columns. It is zero beyond the matrix's
///   columns, up to a multiple of 32.
/// - `sums` points to room for `4 · n_block` numbers.
/// - `n_col16` is at least 1.
pub(super) type Sums = unsafe extern "C" fn(
    tiles: *const u8,
    input: *const u32,
    n_col16: usize,
    n_block: usize,
    init: i32,
    sums: *mut i32,
);

/// What the runtime has to know to multiply by matrices of one format.
///
/// The target's kernel gives `layout` and `sums`. What a product is does not depend on the target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Multiplier {
    pub(crate) packing: Packing,
    /// Bits of the rounded numbers that a matrix is multiplied by, with their sign.
    pub(super) input_bits: u32,
    pub(super) layout: Layout,
    pub(super) sums: Sums,
}

static Q8: Multiplier = Multiplier::Q8;
static Q4: Multiplier = Multiplier::Q4;

impl Multiplier {
    pub(super) const Q8: Self = Self {
        packing: Format::Q8.packing().unwrap(),
        input_bits: 16,
        layout: target::Q8_LAYOUT,
        sums: target::sums_q8,
    };
    pub(super) const Q4: Self = Self {
        packing: Format::Q4.packing().unwrap(),
        input_bits: 8,
        layout: target::Q4_LAYOUT,
        sums: target::sums_q4,
    };
    /// The multipliers of all formats, each with the name of its kernel's function.
    pub(super) const ALL: [(&str, Self); 2] = [("sums_q8", Self::Q8), ("sums_q4", Self::Q4)];

    /// The one for a format. A vector has no rows to multiply, so any will do.
    pub(crate) fn of(format: Format) -> &'static Self {
        match format {
            Format::I16 | Format::Q8 => &Q8,
            Format::Q4 => &Q4,
        }
    }

    /// How the input is laid out, with which the compiler learns that no layout but those of the target occurs.
    #[inline(always)]
    pub(crate) fn layout(&self) -> Layout {
        let mut known = Self::ALL[0].1.layout;
        for (_, other) in &Self::ALL[1..] {
            known = if self.layout == other.layout { other.layout } else { known };
        }
        known
    }

    /// Largest magnitude of an input of `cols` columns: as the bits allow, as long as the sums stay below 2³¹.
    pub(crate) fn largest_input(&self, cols: usize) -> i32 {
        let of_bits = (1 << (self.input_bits - 1)) - 1;
        let sum = i32::MAX as u32 >> (self.packing.bits() - 1);
        // Small cores divide by a function of the library.
        let most = if cols as u32 * of_bits <= sum { Some(of_bits) } else { sum.checked_div(cols as u32) };
        most.unwrap_or_default() as i32
    }

    /// Largest magnitude of `values` that the whole range of inputs is to stand for: of 16 bits one may be lost, of 8
    /// none.
    pub(crate) fn range_of(&self, values: &[i32]) -> u32 {
        if self.input_bits > 8 { ((1u64 << super::bits(values)) - 1) as u32 } else { super::largest(values) }
    }

    /// `out[row] = Σ weight(row, col) · input[col]`; zeros if `tiles` or `input` are not those of such a matrix.
    #[inline(never)]
    pub(crate) fn multiply(&self, tiles: &[u8], input: &Input<'_>, out: &mut [i32]) {
        let n_col16 = input.n_col16();
        let is_aligned = tiles.as_ptr().addr().is_multiple_of(TILE_LEN);
        // With the block that is not whole, and what may be read beyond it.
        let needed = self.packing.len(out.len(), 16 * n_col16);
        if n_col16 == 0 || tiles.len() < needed || !is_aligned || input.layout() != self.layout {
            return out.fill(0);
        }
        let init = input.sum().wrapping_mul(-self.packing.zero_point());
        let words = input.words().as_ptr();
        let n_block = out.len() / BLOCK_ROWS;
        let (whole, rest) = sides_mut(out, n_block * BLOCK_ROWS);
        // SAFETY: an `Input` has all words of its layout, and the rest of the contract is checked above.
        unsafe { (self.sums)(tiles.as_ptr(), words, n_col16, n_block, init, whole.as_mut_ptr()) };
        if rest.is_empty() {
            return;
        }
        let mut last = [0; BLOCK_ROWS];
        let tiles = tail(tiles, n_block * n_col16 * self.packing.unit_len());
        // SAFETY: the tiles of one block more are there, as `needed` counts it, and `last` has room for its sums.
        unsafe { (self.sums)(tiles.as_ptr(), words, n_col16, 1, init, last.as_mut_ptr()) };
        rest.iter_mut().zip(last).for_each(|(out, sum)| *out = sum);
    }
}

/// Words to set aside for an input of `cols` columns, enough for the layouts of the target. On hosts, which say how
/// much memory a model needs, they are enough for the layouts of any target.
pub(crate) const fn input_words(cols: usize) -> usize {
    let mut words = if cfg!(not(target_os = "none")) { padded(cols) } else { 0 };
    let mut rest: &[(&str, Multiplier)] = &Multiplier::ALL;
    while let [(_, multiplier), others @ ..] = rest {
        let needed = multiplier.layout.words(cols);
        words = if needed > words { needed } else { words };
        rest = others;
    }
    words
}
