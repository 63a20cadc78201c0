//! Rows of integer weights ↔ the tiles of a blob.

use embedded_gpt::format::tensor::Format;
use embedded_gpt::format::tile::{
    BLOCK_ROWS, COLUMN_UNIT, Q4_ZERO_POINT, Q8_ZERO_POINT, column_units, q4_len, q4_place, q8_len, q8_place,
};

/// Puts row-major (rows, cols) weights into the tiles of a matrix format; what pads rows and columns are zero weights.
///
/// # Panics
/// If there are no columns, or a weight is outside the format: −128 to 127 for `q8`, −8 to 7 for `q4`.
pub fn pack_tiles(weights: &[i8], cols: usize, format: Format) -> Vec<u8> {
    let rows = weights.len() / cols;
    let padded_rows = rows.next_multiple_of(BLOCK_ROWS);
    let padded_cols = column_units(cols) * COLUMN_UNIT;
    let weight = |row, col| if row < rows && col < cols { i32::from(weights[row * cols + col]) } else { 0 };
    let mut tiles = vec![0; if format == Format::Q4 { q4_len(rows, cols) } else { q8_len(rows, cols) }];
    for (row, col) in (0..padded_rows).flat_map(|row| (0..padded_cols).map(move |col| (row, col))) {
        match format {
            Format::Q4 => {
                let code = weight(row, col) + Q4_ZERO_POINT;
                assert!((0..16).contains(&code), "row {row}, column {col} does not fit into 4 bits");
                let (byte, bit) = q4_place(row, col, cols);
                tiles[byte] |= (code as u8) << bit;
            }
            _ => tiles[q8_place(row, col, cols)] = (weight(row, col) + Q8_ZERO_POINT) as u8,
        }
    }
    tiles
}

/// Takes the tiles of a matrix apart into row-major (rows, cols) weights.
///
/// # Panics
/// If there are fewer tiles than the matrix has.
pub fn unpack_tiles(tiles: &[u8], rows: usize, cols: usize, format: Format) -> Vec<i8> {
    let places = (0..rows).flat_map(|row| (0..cols).map(move |col| (row, col)));
    let weight = |(row, col)| match format {
        Format::Q4 => {
            let (byte, bit) = q4_place(row, col, cols);
            (i32::from(tiles[byte] >> bit & 15) - Q4_ZERO_POINT) as i8
        }
        _ => (i32::from(tiles[q8_place(row, col, cols)]) - Q8_ZERO_POINT) as i8,
    };
    places.map(weight).collect()
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
