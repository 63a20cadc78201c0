//! Keystrokes saved against bytes: models beside the lookup table.

use anyhow::Result;

use super::{Axis, COLOURS, Chart, Mark, Scale, Series, svg};

/// What a predictor of some size saves.
#[derive(Clone, Debug, PartialEq)]
pub struct Savings {
    pub name: String,
    /// Whether it is the table, whose sizes make a curve.
    pub is_table: bool,
    pub bytes: f64,
    /// Keystrokes saved in percent, with one suggestion and with three.
    pub ksr: [f64; 2],
    /// Savings in percent where a word that was not taken is not shown again.
    pub new_only: Option<[f64; 2]>,
}

const SIZE: (u32, u32) = (520, 380);

/// Draws a chart for one suggestion shown and one for three.
///
/// # Errors
/// If the drawing library fails.
pub fn draw(all: &[Savings]) -> Result<String> {
    let titles = ["One suggestion shown", "Three suggestions shown"];
    let charts: Vec<Chart> = titles.iter().enumerate().map(|(i, title)| chart(title, all, i)).collect();
    svg(&charts, SIZE)
}

fn chart(title: &str, all: &[Savings], i: usize) -> Chart {
    let mut all: Vec<&Savings> = all.iter().collect();
    all.sort_by(|a, b| a.bytes.total_cmp(&b.bytes));
    let mut series = Vec::new();
    let kinds = [("model", false, COLOURS[0], Mark::Points), ("trigram table", true, COLOURS[1], Mark::Line)];
    for (name, is_table, colour, mark) in kinds {
        let of_kind = || all.iter().filter(move |savings| savings.is_table == is_table);
        let with_repeats: Vec<_> = of_kind().map(|savings| (savings.bytes, savings.ksr[i])).collect();
        // A single table is no curve.
        let mark = if with_repeats.len() == 1 { Mark::Points } else { mark };
        let new_only: Vec<_> = of_kind().filter_map(|savings| Some((savings.bytes, savings.new_only?[i]))).collect();
        if with_repeats.is_empty() {
            continue;
        }
        let labels = if is_table { Vec::new() } else { of_kind().map(|savings| savings.name.clone()).collect() };
        series.push(Series { name: name.into(), colour, mark, points: with_repeats, labels });
        if !new_only.is_empty() {
            // A dash has no width where there is a single point.
            let mark = if new_only.len() == 1 { Mark::Points } else { Mark::Dashes };
            let name = format!("{name}, nothing shown twice");
            series.push(Series { name, colour: lighter(colour), mark, points: new_only, labels: Vec::new() });
        }
    }
    Chart {
        title: title.into(),
        x: Axis { name: "flash".into(), scale: Scale::Bytes },
        y: Axis { name: "keystrokes saved, %".into(), scale: Scale::Linear },
        series,
    }
}

fn lighter(colour: plotters::style::RGBColor) -> plotters::style::RGBColor {
    let mix = |channel: u8| channel + (255 - channel) / 2;
    plotters::style::RGBColor(mix(colour.0), mix(colour.1), mix(colour.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_named_and_tables_are_a_curve() {
        let savings = |name: &str, is_table, bytes| Savings {
            name: name.into(),
            is_table,
            bytes,
            ksr: [40.0, 50.0],
            new_only: is_table.then_some([42.0, 51.0]),
        };
        let all = [savings("t1", true, 1e5), savings("m.egpt", false, 2e5), savings("t2", true, 4e5)];
        let document = draw(&all).unwrap();
        assert_eq!(document.matches("\nm.egpt\n").count(), 2, "once per chart");
        assert!(!document.contains("\nt1\n") && document.contains("trigram table, nothing shown twice"));
        assert!(!document.contains("model, nothing shown twice"), "it was not measured");
    }
}
