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

/// How a matrix format packs weights into tiles. Everything else about its bytes follows from these numbers.
///
/// [`Format::packing`](crate::format::tensor::Format::packing) has that of each format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packing {
    /// Logarithm to base 2 of the bits of a stored weight, at most 3.
    pub(crate) log2_bits: u32,
    /// Whether a kernel may read 32 columns at once, beyond the end of an odd number of [groups](column_units).
    pub(crate) is_read_in_pairs: bool,
}

impl Packing {
    /// Bits of a stored weight.
    pub const fn bits(self) -> u32 {
        1 << self.log2_bits
    }

    /// What is added to a weight before it is stored, so that no stored weight is negative.
    pub const fn zero_point(self) -> i32 {
        1 << (self.bits() - 1)
    }

    /// Bytes of 16 columns of a block.
    pub const fn unit_len(self) -> usize {
        (BLOCK_ROWS * COLUMN_UNIT / 8) << self.log2_bits
    }

    /// Bytes of the tiles of a matrix, with what a kernel may read beyond them.
    pub const fn len(self, rows: usize, cols: usize) -> usize {
        let units = column_units(cols);
        let beyond = units % 2 * self.is_read_in_pairs as usize;
        let blocks = rows.wrapping_add(BLOCK_ROWS - 1) / BLOCK_ROWS;
        blocks.wrapping_mul(units).wrapping_add(beyond).wrapping_mul(self.unit_len())
    }

    /// Byte that holds a stored weight, from the start of the tiles, and the bit of that byte where it starts.
    ///
    /// The words of a row hold even columns in their lower half and odd ones in their upper half.
    pub const fn place(self, row: usize, col: usize, cols: usize) -> (usize, u32) {
        // Logarithm of the columns of a word.
        let log2_cols = 5 - self.log2_bits;
        let block = (row / BLOCK_ROWS).wrapping_mul(column_units(cols)).wrapping_mul(self.unit_len());
        let word = (col >> log2_cols).wrapping_mul(TILE_LEN).wrapping_add(row % BLOCK_ROWS * 4);
        let pair = col % (1 << log2_cols) / 2;
        let bit = ((pair as u32) << self.log2_bits) + col as u32 % 2 * 16;
        (block.wrapping_add(word).wrapping_add(bit as usize / 8), bit % 8)
    }

    /// The weight at a place of the tiles; `None` beyond their end.
    pub const fn weight(self, tiles: &[u8], (byte, bit): (usize, u32)) -> Option<i32> {
        if byte >= tiles.len() {
            return None;
        }
        let code = tiles[byte] as i32 >> bit & ((1 << self.bits()) - 1);
        Some(code - self.zero_point())
    }

    /// Stores a weight at a place inside the tiles.
    ///
    /// # Panics
    /// If the place is outside.
    pub fn put(self, tiles: &mut [u8], (byte, bit): (usize, u32), weight: i32) {
        let mask = ((1 << self.bits()) - 1) << bit;
        let code = ((weight + self.zero_point()) << bit) as u32;
        tiles[byte] = (u32::from(tiles[byte]) & !mask | code & mask) as u8;
    }
}

/// Groups of 16 columns, the last one padded.
pub const fn column_units(cols: usize) -> usize {
    cols.wrapping_add(COLUMN_UNIT - 1) / COLUMN_UNIT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::tensor::Format;

    extern crate std;
    use std::collections::BTreeSet;

    const Q8: Packing = Format::Q8.packing().unwrap();
    const Q4: Packing = Format::Q4.packing().unwrap();

    #[test]
    fn no_size_panics() {
        for packing in [Q8, Q4] {
            for n in [0, 1, usize::MAX / 64, usize::MAX - 1, usize::MAX] {
                let _ = (packing.len(n, n), packing.place(n, n, n), packing.weight(&[0; 4], (n, 4)));
            }
        }
    }

    /// The masks of the specification, applied to words with a different weight in each column.
    #[test]
    fn words_come_apart_in_pairs_of_columns() {
        let mut tiles = [0u8; 64];
        (0..4).for_each(|col| Q8.put(&mut tiles, Q8.place(2, col, 4), col as i32 - 127));
        let word = u32::from_le_bytes(tiles[8..12].try_into().unwrap());
        assert_eq!((word & 0x00FF_00FF, word >> 8 & 0x00FF_00FF), (0x0002_0001, 0x0004_0003));

        let mut tiles = [0u8; 32];
        (0..8).for_each(|col| Q4.put(&mut tiles, Q4.place(1, col, 8), col as i32 - 7));
        let word = u32::from_le_bytes(tiles[4..8].try_into().unwrap());
        let pairs = [0, 4, 8, 12].map(|shift| word >> shift & 0x000F_000F);
        assert_eq!(pairs, [0x0002_0001, 0x0004_0003, 0x0006_0005, 0x0008_0007]);
    }

    /// The formulas in numbers of the specification.
    #[test]
    fn places_are_those_of_the_specification() {
        for (rows, cols) in [(1_usize, 1_usize), (5, 17), (12, 48)] {
            let units = cols.div_ceil(16);
            for (row, col) in (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col))) {
                let q8 = (row / 4 * 4 * units + col / 4) * 16 + row % 4 * 4 + [0, 2, 1, 3][col % 4];
                assert_eq!(Q8.place(row, col, cols), (q8, 0));
                let word = (row / 4 * 2 * units + col / 8) * 16 + row % 4 * 4;
                let nibble = col % 8 / 2 + col % 2 * 4;
                assert_eq!(Q4.place(row, col, cols), (word + nibble / 2, nibble as u32 % 2 * 4));
            }
        }
    }

    #[test]
    fn every_weight_has_a_place_of_its_own_inside() {
        for packing in [Q8, Q4] {
            for (rows, cols) in [(1, 1), (4, 16), (5, 17), (7, 172), (12, 48)] {
                let places: BTreeSet<usize> = (0..rows * cols)
                    .map(|i| packing.place(i / cols, i % cols, cols))
                    .map(|(byte, bit)| byte * 8 + bit as usize)
                    .collect();
                assert_eq!(places.len(), rows * cols);
                assert!(*places.last().unwrap() < 8 * packing.len(rows, cols));
            }
        }
        assert_eq!((Q8.len(5, 17), Q4.len(5, 17), Q4.len(4, 16)), (256, 128, 64));
    }

    #[test]
    fn weights_are_read_as_they_were_put() {
        for (packing, range) in [(Q8, -128..128), (Q4, -8..8)] {
            let mut tiles = [0xFF; 128];
            for weight in range {
                packing.put(&mut tiles, packing.place(3, 6, 7), weight);
                assert_eq!(packing.weight(&tiles, packing.place(3, 6, 7)), Some(weight));
            }
            assert_eq!(packing.weight(&tiles, (128, 0)), None);
        }
    }
}
