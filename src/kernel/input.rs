//! The vector that a matrix is multiplied by, in the layout that the target's kernel reads.

use super::whole_words::{self, Factors};
use crate::fixed::mul17;
use crate::format::tile::{COLUMN_UNIT, column_units};

/// How a kernel wants its input. Every layout is padded with zeros to a multiple of 32 columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code)] // no target uses all of them
pub(crate) enum Layout {
    /// 16 bits per column, in order.
    Halves,
    /// A word per column, as [`whole_words::finish_q8`] leaves them.
    WholeWords,
    /// A word per pair of columns, in groups of 32 columns, as [`whole_words::finish_q4`] leaves them for `smlad`.
    GroupsOfHalves,
    /// A word per pair of columns, in groups of 32 columns, with the factors of cores without `smlad`.
    GroupsOfWords,
    /// For each 16 columns the upper bytes (signed), then the lower bytes (unsigned), in the order of a `q8` tile:
    /// columns 0, 2, 1, 3 of each four.
    SplitBytes,
    /// A byte per column. The bytes of each 8 columns are those of columns 0, 4, 1, 5, 2, 6, 3, 7: first those that
    /// meet the lower nibbles of a `q4` tile, then those that meet the upper ones.
    TileBytes,
}

impl Layout {
    /// How many words a number of columns takes.
    pub(super) const fn words(self, cols: usize) -> usize {
        match self {
            Self::Halves | Self::SplitBytes => padded(cols) / 2,
            Self::TileBytes => padded(cols) / 4,
            Self::WholeWords => padded(cols),
            Self::GroupsOfHalves | Self::GroupsOfWords => whole_words::group_words(column_units(cols)),
        }
    }

    /// Writes one column. Columns come in order, into zeros.
    fn put(self, words: &mut [u32], column: usize, value: i32) {
        let value = value as u32;
        let mut add = |at: usize, bits: u32| {
            if let Some(word) = words.get_mut(at) {
                *word |= bits;
            }
        };
        match self {
            Self::WholeWords => add(column, value),
            Self::Halves | Self::GroupsOfHalves | Self::GroupsOfWords => {
                add(column / 2, (value & 0xFFFF) << (column % 2 * 16));
            }
            Self::SplitBytes => {
                let (word, shift) = (column / 16 * 8 + column % 16 / 4, [0, 16, 8, 24][column % 4]);
                add(word, (value >> 8 & 0xFF) << shift);
                add(word + 4, (value & 0xFF) << shift);
            }
            Self::TileBytes => {
                let byte = column % 4 * 2 + column % 8 / 4;
                add(column / 8 * 2 + byte / 4, (value & 0xFF) << (8 * (byte % 4)));
            }
        }
    }

    /// Does what remains to be done when all columns are there.
    fn finish(self, words: &mut [u32], cols: usize) {
        match self {
            Self::Halves | Self::SplitBytes | Self::TileBytes => {}
            Self::WholeWords => whole_words::finish_q8(words),
            Self::GroupsOfHalves => whole_words::finish_q4(words, column_units(cols), Factors::Halves),
            Self::GroupsOfWords => whole_words::finish_q4(words, column_units(cols), Factors::Words),
        }
    }
}

/// How integers become smaller ones. `value << left` times `factor / 2¹⁷`, shifted to the `right`, is rounded to
/// the nearest integer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounding {
    pub(crate) left: u32,
    pub(crate) factor: u16,
    /// Shift to the right, at least 1.
    pub(crate) right: u32,
}

impl Rounding {
    /// Rounds to the nearest integer, halves up.
    #[inline(always)]
    pub(crate) fn round(self, value: i32) -> i32 {
        mul17(value << self.left, self.factor).wrapping_add(1 << (self.right - 1)) >> self.right
    }
}

pub(super) const fn padded(cols: usize) -> usize {
    cols.wrapping_add(2 * COLUMN_UNIT - 1) & !(2 * COLUMN_UNIT - 1)
}

/// The input of a matrix, ready for the target's kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Input<'a> {
    layout: Layout,
    cols: usize,
    sum: i32,
    words: &'a [u32],
}

impl<'a> Input<'a> {
    /// Rounds `values` and lays them out.
    ///
    /// Without columns if `words` is shorter than [`input_words`].
    pub(crate) fn rounded(layout: Layout, words: &'a mut [u32], values: &[i32], rounding: Rounding) -> Self {
        let cols = values.len();
        if matches!(layout, Layout::SplitBytes | Layout::TileBytes) {
            return Self::new(layout, words, cols, values.iter().map(|&value| rounding.round(value)));
        }
        let Some(words) = words.get_mut(..layout.words(cols)) else {
            return Self { layout, cols: 0, sum: 0, words: &[] };
        };
        if layout == Layout::WholeWords {
            let sum = super::round_to_tiles(words, values, rounding);
            return Self { layout, cols, sum, words };
        }
        let sum = super::round_to_halves(words, values, rounding);
        layout.finish(words, cols);
        Self { layout, cols, sum, words }
    }

    /// Lays out `cols` values; values that are missing are 0. Without columns if `words` is too short.
    pub(super) fn new(layout: Layout, words: &'a mut [u32], cols: usize, values: impl Iterator<Item = i32>) -> Self {
        let Some(words) = words.get_mut(..layout.words(cols)) else {
            return Self { layout, cols: 0, sum: 0, words: &[] };
        };
        let mut sum: i32 = 0;
        words.fill(0);
        for (column, value) in values.take(cols).enumerate() {
            sum = sum.wrapping_add(value);
            layout.put(words, column, value);
        }
        layout.finish(words, cols);
        Self { layout, cols, sum, words }
    }

    /// The input that is laid out in `words` already, with what [`sum`](Self::sum) says of it.
    pub(crate) fn laid_out(layout: Layout, words: &'a [u32], cols: usize, sum: i32) -> Self {
        let cols = if words.len() < layout.words(cols) { 0 } else { cols };
        Self { layout, cols, sum, words }
    }

    pub(super) fn layout(&self) -> Layout {
        self.layout
    }

    pub(super) fn n_col16(&self) -> usize {
        column_units(self.cols)
    }

    pub(super) fn words(&self) -> &'a [u32] {
        self.words
    }

    /// Sum of all values.
    pub(crate) fn sum(&self) -> i32 {
        self.sum
    }
}
