//! Kernels in plain Rust, for every target that has none of its own.

use super::Layout;

pub(super) const Q8_LAYOUT: Layout = Layout::Halves;
pub(super) const Q4_LAYOUT: Layout = Layout::Halves;

/// The kernel's name.
pub(super) fn name() -> &'static str {
    "portable"
}

/// See [`Sums`](super::multiplier::Sums).
///
/// # Safety
/// That of [`Sums`](super::multiplier::Sums).
pub(super) unsafe extern "C" fn sums_q8(
    tiles: *const u8,
    input: *const u32,
    n_col16: usize,
    n_block: usize,
    init: i32,
    sums: *mut i32,
) {
    // SAFETY: the caller's promise; a word of `Halves` is two numbers.
    let (tiles, input, sums) = unsafe {
        (
            core::slice::from_raw_parts(tiles, n_block * n_col16 * 64),
            core::slice::from_raw_parts(input.cast::<i16>(), n_col16 * 16),
            core::slice::from_raw_parts_mut(sums, n_block * 4),
        )
    };
    for (block, sums) in tiles.chunks_exact(n_col16 * 64).zip(sums.chunks_exact_mut(4)) {
        sums.fill(init);
        for (tile, x) in block.chunks_exact(16).zip(input.chunks_exact(4)) {
            for (sum, code) in sums.iter_mut().zip(tile.chunks_exact(4)) {
                let product = |byte: usize, column: usize| i32::from(code[byte]) * i32::from(x[column]);
                *sum = sum.wrapping_add(product(0, 0) + product(1, 2) + product(2, 1) + product(3, 3));
            }
        }
    }
}

/// See [`Sums`](super::multiplier::Sums).
///
/// # Safety
/// That of [`Sums`](super::multiplier::Sums).
pub(super) unsafe extern "C" fn sums_q4(
    tiles: *const u8,
    input: *const u32,
    n_col16: usize,
    n_block: usize,
    init: i32,
    sums: *mut i32,
) {
    // SAFETY: the caller's promise; a word of `Halves` is two numbers.
    let (tiles, input, sums) = unsafe {
        (
            core::slice::from_raw_parts(tiles, n_block * n_col16 * 32),
            core::slice::from_raw_parts(input.cast::<i16>(), n_col16 * 16),
            core::slice::from_raw_parts_mut(sums, n_block * 4),
        )
    };
    for (block, sums) in tiles.chunks_exact(n_col16 * 32).zip(sums.chunks_exact_mut(4)) {
        sums.fill(init);
        for (tile, x) in block.chunks_exact(16).zip(input.chunks_exact(8)) {
            for (sum, code) in sums.iter_mut().zip(tile.chunks_exact(4)) {
                let word = u32::from_le_bytes([code[0], code[1], code[2], code[3]]);
                for (k, pair) in x.chunks_exact(2).enumerate() {
                    let (even, odd) = (word >> (4 * k) & 15, word >> (4 * k + 16) & 15);
                    *sum = sum.wrapping_add(even as i32 * i32::from(pair[0]) + odd as i32 * i32::from(pair[1]));
                }
            }
        }
    }
}
