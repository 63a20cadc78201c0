//! Rows of integer weights ↔ the tiles of a blob.

use embedded_gpt::format::tensor::Format;
use embedded_gpt::format::tile::{BLOCK_ROWS, COLUMN_UNIT, Packing, column_units};

/// Puts row-major (rows, cols) weights into the tiles of a matrix format; what pads rows and columns are zero weights.
///
/// # Panics
/// If there are no columns, `format` is not that of a matrix, or a weight is outside it: −128 to 127 for `q8`, −8 to 7
/// for `q4`.
pub fn pack_tiles(weights: &[i8], cols: usize, format: Format) -> Vec<u8> {
    let packing = packing_of(format);
    let rows = weights.len() / cols;
    let padded_rows = rows.next_multiple_of(BLOCK_ROWS);
    let padded_cols = column_units(cols) * COLUMN_UNIT;
    let weight = |row, col| if row < rows && col < cols { i32::from(weights[row * cols + col]) } else { 0 };
    let mut tiles = vec![0; packing.len(rows, cols)];
    for (row, col) in (0..padded_rows).flat_map(|row| (0..padded_cols).map(move |col| (row, col))) {
        let weight = weight(row, col);
        let fits = (-packing.zero_point()..packing.zero_point()).contains(&weight);
        assert!(fits, "row {row}, column {col} does not fit into {} bits", packing.bits());
        packing.put(&mut tiles, packing.place(row, col, cols), weight);
    }
    tiles
}

/// Takes the tiles of a matrix apart into row-major (rows, cols) weights.
///
/// # Panics
/// If there are fewer tiles than the matrix has, or `format` is not that of a matrix.
pub fn unpack_tiles(tiles: &[u8], rows: usize, cols: usize, format: Format) -> Vec<i8> {
    let packing = packing_of(format);
    let places = (0..rows).flat_map(|row| (0..cols).map(move |col| packing.place(row, col, cols)));
    places.map(|place| packing.weight(tiles, place).expect("a tile for each weight") as i8).collect()
}

fn packing_of(format: Format) -> Packing {
    format.packing().expect("the format of a matrix")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_come_apart_again() {
        for (rows, cols) in [(1, 1), (5, 20), (4, 172), (9, 33)] {
            for (format, min, n) in [(Format::Q8, -127, 255), (Format::Q4, -8, 16)] {
                let weights: Vec<i8> = (0..rows * cols).map(|i| (min + (i * 7) as i32 % n) as i8).collect();
                let tiles = pack_tiles(&weights, cols, format);
                assert_eq!(unpack_tiles(&tiles, rows, cols, format), weights, "{rows} × {cols}, {format:?}");
            }
        }
    }

    #[test]
    fn padding_is_zero_weights() {
        let mut tiles = pack_tiles(&[1], 1, Format::Q8);
        assert_eq!((tiles.len(), tiles.remove(0)), (64, 129));
        assert!(tiles.iter().all(|&code| code == 128));
        let mut tiles = pack_tiles(&[-1], 1, Format::Q4);
        assert_eq!((tiles.len(), tiles.remove(0)), (64, 0x87));
        assert!(tiles[..31].iter().all(|&codes| codes == 0x88) && tiles[31..].iter().all(|&byte| byte == 0));
    }

    /// The tile of the specification: four rows of eight columns.
    #[test]
    fn a_q4_tile_byte_by_byte() {
        let weights: Vec<i8> = (0..32).map(|i| (i % 16) as i8 - 8).collect();
        let tiles = pack_tiles(&weights, 8, Format::Q4);
        assert_eq!(tiles[..8], [0x20, 0x64, 0x31, 0x75, 0xA8, 0xEC, 0xB9, 0xFD]);
    }
}
