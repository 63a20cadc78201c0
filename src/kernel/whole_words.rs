//! Inputs for kernels that multiply whole words of weights: one step less per word.
//!
//! A core without SIMD has to cut each code out of its word before it can multiply it. The first one need not be
//! cut out: multiply the word as it is, and take what that adds too much from the other factors beforehand. In wrapping
//! arithmetic this is exact, whatever overflows on the way.
//!
//! **`q8`.** With `Wj = word >> 8j` (no mask), `code[j] = Wj − 256·W(j+1)`. So `Σ code[j]·x[j] = W0·x[0] + W1·(x[1]
//! − 256·x[0]) + W2·(x[2] − 256·x[1]) + W3·(x[3] − 256·x[2])`. Here `j` counts the bytes of the word, that is
//! columns 0, 2, 1, 3. That is three shifts and four multiplications instead of four and four.
//!
//! **`q4`.** Take two codes that are 16 bits apart, `Pk = code[2k] + 65536·code[2k+1]`, times `Xk = x[2k+1] +
//! 65536·x[2k]`. The upper half of the result has the sum of both products, the lower half a cross product. A word
//! is `P0 + 16·P1 + 256·P2 + 4096·P3`, so `ΣPk·Xk = word·X0 + Σ Pk·(Xk − 16^k·X0)` for k = 1, 2, 3.
//!
//! The lower half holds up to 16 cross products, at most 16·15·127 = 30480 < 2^15, and must not carry into the
//! upper one: the accumulator starts at 2^15. The upper half holds 16 bits of the sum, so the kernel adds it to a
//! total after 32 columns, a *group*. It starts at `−8·Σx` of the group and thus ends at `Σ weight·x`, at most
//! 32·8·127 = 32512 < 2^15. What overflowed on the way has wrapped back.
//!
//! `smlad` adds both products by itself, with `X` and `P` as two separate halves. Then the lower 16 bits of an
//! accumulator are exact by the same formula, although `smlad` takes the whole word's halves for signed.

use core::cell::Cell;

use crate::part::{head, head_mut, tail, tail_mut};

/// How many words the inputs of a `q4` matrix with `n_col16` times 16 columns take.
pub(super) const fn group_words(n_col16: usize) -> usize {
    1 + n_col16.div_ceil(2) + 8 * n_col16
}

/// Turns a word per column into the factors of `q8`. `words` are a multiple of 4.
pub(super) fn finish_q8(words: &mut [u32]) {
    for tile in words.chunks_exact_mut(4) {
        if let &mut [x0, x1, x2, x3] = tile {
            tile.copy_from_slice(&self::tile([x0, x1, x2, x3]));
        }
    }
}

/// The factors of four columns of `q8`.
#[inline(always)]
pub(super) fn tile([x0, x1, x2, x3]: [u32; 4]) -> [u32; 4] {
    let step = |to: u32, from: u32| to.wrapping_sub(from << 8);
    [x0, step(x2, x0), step(x1, x2), step(x3, x1)]
}

/// Turns halves, in order, into `8·Σx` and groups of 32 columns. The first group has 16 columns if the 16s are odd
/// in number. A group is the start value of its accumulators and its factors.
///
/// `words` are [`group_words`], the first `8 · n_col16` of them filled.
pub(super) fn finish_q4(words: &mut [u32], n_col16: usize, factors: Factors) {
    let (mut from, mut to, mut total) = (8 * n_col16, words.len(), 0_i32);
    // Backwards: a group moves to where others have been read already.
    while from > 0 {
        let len = from.min(16);
        (from, to) = (from - len, to.saturating_sub(len + 1));
        let cells = Cell::from_mut(&mut *words).as_slice_of_cells();
        let [moved, group] = [from, to + 1].map(|at| head(tail(cells, at), len));
        // One by one: the library's way to move them takes 1.6 KB of flash.
        for (word, place) in moved.iter().zip(group).rev() {
            place.set(word.get());
        }
        let Some((start, factors_of)) = head_mut(tail_mut(words, to), len + 1).split_first_mut() else { return };
        let sum = factors_of.iter().map(|&pair| i32::from(pair as i16) + (pair as i32 >> 16)).sum::<i32>();
        total += sum;
        *start = factors.start(-8 * sum);
        factors_of.chunks_exact_mut(4).for_each(|tile| factors.finish(tile));
    }
    if let Some(first) = words.first_mut() {
        *first = (8 * total) as u32;
    }
}

/// What the factors of a `q4` kernel are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Factors {
    /// Two halves, for `smlad`.
    Halves,
    /// `x[2k+1] + 65536·x[2k]`, for `mul`.
    Words,
}

impl Factors {
    fn start(self, sum: i32) -> u32 {
        match self {
            Self::Halves => sum as u32,
            Self::Words => (sum << 16) as u32 + (1 << 15),
        }
    }

    fn finish(self, tile: &mut [u32]) {
        if self == Self::Words {
            tile.iter_mut().for_each(|x| *x = ((*x as i32 >> 16) as u32).wrapping_add(*x << 16));
        }
        let first = tile.first().copied().unwrap_or_default();
        for (k, x) in tile.iter_mut().enumerate().skip(1) {
            *x = match self {
                Self::Words => x.wrapping_sub(first << (4 * k)),
                Self::Halves => {
                    let upper = (*x >> 16).wrapping_sub(first >> 16 << (4 * k));
                    upper << 16 | (x.wrapping_sub(first << (4 * k)) & 0xFFFF)
                }
            };
        }
    }
}
