//! Figures as tables for people.

use super::record::Record;
use crate::console;

/// Prints a table of each kind of figure.
pub fn print(records: &[Record]) {
    print_one(
        "Instructions per multiply-accumulate, row scales included",
        &["target", "kernel", "format", "rows", "columns", "per MAC"],
        records.iter().filter_map(kernel),
    );
    print_one(
        "Instructions per token",
        &["target", "model", "format", "position", "instructions"],
        records.iter().filter_map(token),
    );
    print_one(
        "Instructions of three suggestions after a key",
        &[
            "target",
            "model",
            "format",
            "keys",
            "user dictionary",
            "median",
            "99 of 100",
            "most",
            "longest poll",
            "longest best",
            "decode steps",
            "RAM",
        ],
        records.iter().filter_map(keystroke),
    );
    print_one(
        "A token of a prompt, several per pass over the weights (flash behind a cache of 16 KiB)",
        &["target", "model", "format", "tokens per pass", "RAM", "bytes from flash", "instructions"],
        records.iter().filter_map(prefill),
    );
    print_one(
        "Memory of the runtime in bytes",
        &["target", "model", "context", "code", "RAM", "stack"],
        records.iter().filter_map(memory),
    );
}

fn kernel(record: &Record) -> Option<Vec<String>> {
    let Record::Kernel { target, kernel, format, rows, cols, instr_per_mac } = record else { return None };
    let shape = [rows.to_string(), cols.to_string()];
    let [rows, cols] = shape;
    Some(vec![target.clone(), kernel.clone(), format.clone(), rows, cols, format!("{instr_per_mac:.3}")])
}

fn token(record: &Record) -> Option<Vec<String>> {
    let Record::Token { target, model, format, position, instructions } = record else { return None };
    Some(vec![target.clone(), model.clone(), format.clone(), position.clone(), console::thousands(*instructions)])
}

fn keystroke(record: &Record) -> Option<Vec<String>> {
    let Record::Keystroke {
        target,
        model,
        format,
        keys,
        user_dictionary_bytes,
        n: _,
        median,
        p99,
        most,
        longest_poll,
        longest_best,
        mean_steps,
        ram_bytes,
    } = record
    else {
        return None;
    };
    let first = [target.clone(), model.clone(), format.clone(), keys.clone()];
    let counts = [user_dictionary_bytes, median, p99, most, longest_poll, longest_best];
    let counts = counts.map(|&count| console::thousands(count));
    let last = [format!("{mean_steps:.2}"), console::thousands(*ram_bytes)];
    Some(first.into_iter().chain(counts).chain(last).collect())
}

fn prefill(record: &Record) -> Option<Vec<String>> {
    let Record::Prefill { target, model, format, n_prefill, ram_bytes, flash_bytes, instructions } = record else {
        return None;
    };
    let names = [target.clone(), model.clone(), format.clone(), n_prefill.to_string()];
    let counts = [ram_bytes, flash_bytes, instructions].map(|&count| console::thousands(count));
    Some(names.into_iter().chain(counts).collect())
}

fn memory(record: &Record) -> Option<Vec<String>> {
    let Record::Memory { target, model, context, code_bytes, ram_bytes, stack_bytes } = record else { return None };
    let bytes = [code_bytes, ram_bytes, stack_bytes].map(|&bytes| console::thousands(bytes));
    Some([target.clone(), model.clone(), context.to_string()].into_iter().chain(bytes).collect())
}

fn print_one(title: &str, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let heads: Vec<String> = heads.iter().map(|&head| head.to_owned()).collect();
    let table: Vec<Vec<String>> = std::iter::once(heads).chain(rows).collect();
    if table.len() == 1 {
        return;
    }
    console::heading(title);
    for line in aligned(&table) {
        console::line(&line);
    }
}

/// Words to the left, numbers to the right.
fn aligned(table: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| table.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let is_number = |column: usize| table[1..].iter().all(|row| row[column].starts_with(|c: char| c.is_ascii_digit()));
    let columns: Vec<(usize, bool)> = (0..table[0].len()).map(|column| (width(column), is_number(column))).collect();
    let line =
        |row: &Vec<String>| {
            let cells = row.iter().zip(&columns).map(|(cell, &(width, is_number))| {
                if is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
    table.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let rows = [["target", "count"], ["cortex-m4f", "7"], ["rv32", "1,234"]];
        let table: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| cell.to_string()).collect()).collect();
        assert_eq!(aligned(&table), ["target      count", "cortex-m4f      7", "rv32        1,234"]);
    }
}
