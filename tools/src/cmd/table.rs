//! Tables of figures on a terminal: columns without lines, numbers to the right.

use comfy_table::{CellAlignment, Row, Table, presets};

/// A table with a header. The columns `left` of all are text, the others numbers.
pub(super) fn table(header: impl Into<Row>, left: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    for (index, column) in table.column_iter_mut().enumerate() {
        column.set_cell_alignment(if left.contains(&index) { CellAlignment::Left } else { CellAlignment::Right });
    }
    table
}
