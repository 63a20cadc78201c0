//! Where the weights of a matrix lie: blocks of four rows, cut into tiles of 16 bytes.
//!
//! `docs/format.md` is the specification. A tile holds one 32-bit word for each of four rows, so that a
//! kernel loads every input once for four rows, and reads the weights straight on.

/// Rows of a block.
pub const BLOCK_ROWS: usize = 4;
/// Columns are padded to a multiple of this.
pub const COLUMN_UNIT: usize = 16;
/// Bytes of a tile.
pub const TILE_LEN: usize = 16;

/// A `q8` weight is stored as weight + 128.
pub const Q8_ZERO_POINT: i32 = 128;
/// A `q4` weight is stored as weight + 8.
pub const Q4_ZERO_POINT: i32 = 8;

/// Column of each byte in a row's word of a `q8` tile; also the inverse permutation.
const Q8_COLUMNS: [usize; 4] = [0, 2, 1, 3];

/// Groups of 16 columns, the last one padded.
pub const fn column_units(cols: usize) -> usize {
    cols.div_ceil(COLUMN_UNIT)
}

/// Bytes of the tiles of a `q8` matrix.
pub const fn q8_len(rows: usize, cols: usize) -> usize {
    rows.div_ceil(BLOCK_ROWS) * column_units(cols) * 4 * TILE_LEN
}

/// Bytes of the tiles of a `q4` matrix, with what a kernel that takes 32 columns at once may read beyond them.
pub const fn q4_len(rows: usize, cols: usize) -> usize {
    (rows.div_ceil(BLOCK_ROWS) * column_units(cols) + column_units(cols) % 2) * 2 * TILE_LEN
}

/// Byte that holds a `q8` weight, from the start of the tiles.
pub const fn q8_place(row: usize, col: usize, cols: usize) -> usize {
    let tile = row / BLOCK_ROWS * (column_units(cols) * 4) + col / 4;
    tile * TILE_LEN + row % BLOCK_ROWS * 4 + Q8_COLUMNS[col % 4]
}

/// Byte that holds a `q4` weight, from the start of the tiles, and the bit of that byte where it starts.
pub const fn q4_place(row: usize, col: usize, cols: usize) -> (usize, u32) {
    let tile = row / BLOCK_ROWS * (column_units(cols) * 2) + col / 8;
    let nibble = col % 8 / 2 + col % 2 * 4;
    (tile * TILE_LEN + row % BLOCK_ROWS * 4 + nibble / 2, (nibble % 2 * 4) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;
    use std::collections::BTreeSet;

    /// The masks of the specification, applied to words with a different weight in each column.
    #[test]
    fn words_come_apart_in_pairs_of_columns() {
        let mut tiles = [0u8; 64];
        (0..4).for_each(|col| tiles[q8_place(2, col, 4)] = col as u8 + 1);
        let word = u32::from_le_bytes(tiles[8..12].try_into().unwrap());
        assert_eq!((word & 0x00FF_00FF, word >> 8 & 0x00FF_00FF), (0x0002_0001, 0x0004_0003));

        let mut tiles = [0u8; 32];
        for col in 0..8 {
            let (byte, bit) = q4_place(1, col, 8);
            tiles[byte] |= (col as u8 + 1) << bit;
        }
        let word = u32::from_le_bytes(tiles[4..8].try_into().unwrap());
        let pairs = [0, 4, 8, 12].map(|shift| word >> shift & 0x000F_000F);
        assert_eq!(pairs, [0x0002_0001, 0x0004_0003, 0x0006_0005, 0x0008_0007]);
    }

    #[test]
    fn every_weight_has_a_place_of_its_own_inside() {
        for (rows, cols) in [(1, 1), (4, 16), (5, 17), (7, 172), (12, 48)] {
            let places = |place: &dyn Fn(usize, usize) -> usize| -> BTreeSet<usize> {
                (0..rows * cols).map(|i| place(i / cols, i % cols)).collect()
            };
            let q8 = places(&|row, col| q8_place(row, col, cols));
            assert_eq!(q8.len(), rows * cols);
            assert!(*q8.last().unwrap() < q8_len(rows, cols));
            let q4 = places(&|row, col| {
                let (byte, bit) = q4_place(row, col, cols);
                byte * 2 + bit as usize / 4
            });
            assert_eq!(q4.len(), rows * cols);
            assert!(*q4.last().unwrap() < 2 * q4_len(rows, cols));
        }
        assert_eq!((q8_len(5, 17), q4_len(5, 17), q4_len(4, 16)), (256, 128, 64));
    }
}
