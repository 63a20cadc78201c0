//! A table of a page: generated between two comments, read back and compared with what was measured.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::{console, workspace};

/// The comment before a table, and the one behind it.
const BEFORE: &str = "<!-- The table is written by `cargo xtask targets` from what it measures. -->";
const BEHIND: &str = "<!-- The end of that table. -->";

/// A table, and the page that it is in.
#[derive(Debug)]
pub struct Table {
    pub page: &'static str,
    pub columns: Vec<Column>,
    /// What the rows say beside figures.
    pub rows: Vec<Facts>,
}

/// What a column shows.
#[derive(Debug)]
pub struct Column {
    pub head: &'static str,
    pub content: Content,
}

/// What the cells of a column have in them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Content {
    /// The next of the facts.
    Fact,
    /// A measured number of bytes, and the next of the facts. In percent: how far another compiler's may be from it.
    Bytes { percent: f64 },
    /// A measured number of instructions, shown in millions.
    Instructions { percent: f64 },
    /// The instructions of the column before, at one per cycle of the chip's clock.
    Milliseconds,
}

/// What is known of a row without measuring.
#[derive(Debug)]
pub struct Facts {
    pub name: &'static str,
    /// What the cells of [`Content::Fact`] and [`Content::Bytes`] say.
    pub texts: Vec<String>,
    pub mhz: f64,
}

/// The measured figures of a row, column by column; none where it was not measured.
pub type Figures = Vec<Option<u64>>;

impl Table {
    /// Puts the table with these figures into its page.
    ///
    /// # Errors
    /// When one is missing, or the page has no place for it.
    pub fn write(&self, figures: &[Figures]) -> Result<()> {
        let rows = self.rows.iter().zip(figures).map(|(facts, figures)| {
            let numbers = figures.iter().zip(self.measured()).map(|(figure, content)| {
                let figure = figure.with_context(|| format!("{} was not measured", facts.name))?;
                Ok(figure as f64 / content.unit())
            });
            Ok(self.row(facts, &numbers.collect::<Result<Vec<_>>>()?))
        });
        let rows = rows.collect::<Result<Vec<_>>>()?.concat();
        let path = workspace::root().join(self.page);
        let page = fs::read_to_string(&path).with_context(|| format!("cannot read {}", self.page))?;
        let (start, _, end) = parts(&page).with_context(|| self.page)?;
        let new = path.with_extension("md.new");
        fs::write(&new, format!("{start}{}{rows}{end}", self.head())).and_then(|()| fs::rename(&new, &path))?;
        console::line(&format!("written: {}", self.page));
        Ok(())
    }

    /// Compares the table in its page with these figures; names the columns that nothing was measured of in some row.
    ///
    /// # Errors
    /// When the page says something else.
    pub fn check(&self, figures: &[Figures]) -> Result<Vec<&'static str>> {
        let page = fs::read_to_string(workspace::root().join(self.page))?;
        let (_, table, _) = parts(&page).with_context(|| self.page)?;
        self.compare(table, figures).with_context(|| format!("{} is outdated: run `cargo xtask targets`", self.page))
    }

    fn compare(&self, table: &str, figures: &[Figures]) -> Result<Vec<&'static str>> {
        let rows = table.strip_prefix(&self.head()).context("the head of the table differs")?;
        ensure!(rows.lines().count() == self.rows.len(), "the table should have {} rows", self.rows.len());
        let mut missing = Vec::new();
        for ((row, facts), figures) in rows.split_inclusive('\n').zip(&self.rows).zip(figures) {
            let numbers = self.numbers(row).with_context(|| format!("in the row of {}", facts.name))?;
            // Facts, milliseconds and how numbers are written: all but the measured numbers follows from them.
            let right = self.row(facts, &numbers);
            ensure!(row == right, "the row is\n{row}and would be\n{right}");
            let columns = self.columns.iter().filter(|column| column.content.percent().is_some());
            for ((column, number), figure) in columns.zip(numbers).zip(figures) {
                if let Some(figure) = figure {
                    column.compare(number, *figure).with_context(|| facts.name)?;
                } else if !missing.contains(&column.head) {
                    missing.push(column.head);
                }
            }
        }
        Ok(missing)
    }

    fn head(&self) -> String {
        let heads: Vec<&str> = self.columns.iter().map(|column| column.head).collect();
        let rules = self.columns.iter().map(|column| if column.content == Content::Fact { "---" } else { "---:" });
        format!("| {} |\n|{}|\n", heads.join(" | "), rules.collect::<Vec<_>>().join("|"))
    }

    /// The contents of the columns whose figures are measured.
    fn measured(&self) -> impl Iterator<Item = Content> {
        self.columns.iter().map(|column| column.content).filter(|content| content.percent().is_some())
    }

    /// A line with its facts, and numbers in the units of the columns.
    fn row(&self, facts: &Facts, numbers: &[f64]) -> String {
        let (mut texts, mut numbers) = (facts.texts.iter(), numbers.iter());
        let mut number = 0.0;
        let mut line = String::from("|");
        for column in &self.columns {
            if column.content.percent().is_some() {
                number = *numbers.next().unwrap_or(&0.0);
            }
            let mut text = || texts.next().map_or("", String::as_str);
            line += &match column.content {
                Content::Fact => format!(" {} |", text()),
                Content::Bytes { .. } => format!(" {number:.1}{} |", text()),
                Content::Instructions { .. } => format!(" {number:.2} |"),
                // Of the number as it is shown, so that it can be told from the table alone.
                Content::Milliseconds => format!(" {:.0} |", hundredths(number) * 1000.0 / facts.mhz),
            };
        }
        line + "\n"
    }

    /// The measured numbers of a line.
    fn numbers(&self, line: &str) -> Result<Vec<f64>> {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').collect();
        ensure!(cells.len() == self.columns.len(), "there should be {} columns", self.columns.len());
        let measured = cells.iter().zip(&self.columns).filter(|(_, column)| column.content.percent().is_some());
        let number = |(cell, column): (&&str, &Column)| {
            let word = cell.split_whitespace().next().unwrap_or_default();
            word.parse::<f64>().with_context(|| format!("no number in the column `{}`: `{cell}`", column.head))
        };
        measured.map(number).collect()
    }
}

impl Column {
    /// Whether a number of the table is near enough to what was measured.
    fn compare(&self, number: f64, figure: u64) -> Result<()> {
        let (measured, percent) = (figure as f64 / self.content.unit(), self.content.percent().unwrap_or_default());
        ensure!(
            (number - measured).abs() <= measured * percent / 100.0 + self.content.rounding(),
            "{}: the table says {number}, and {measured} was measured, more than {percent} % from it",
            self.head
        );
        Ok(())
    }
}

impl Content {
    /// How far a measured figure may be from the table; none if it is not measured.
    const fn percent(self) -> Option<f64> {
        match self {
            Content::Bytes { percent } | Content::Instructions { percent } => Some(percent),
            Content::Fact | Content::Milliseconds => None,
        }
    }

    const fn unit(self) -> f64 {
        if matches!(self, Content::Instructions { .. }) { 1_000_000.0 } else { 1_000.0 }
    }

    /// How far a number may be from what it was before it was rounded.
    const fn rounding(self) -> f64 {
        if matches!(self, Content::Instructions { .. }) { 0.005 } else { 0.05 }
    }
}

fn hundredths(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// A page up to its table, the table, and what follows.
fn parts(page: &str) -> Result<(&str, &str, &str)> {
    let start = page.find(BEFORE).map(|at| at + BEFORE.len());
    let start = start.and_then(|at| page[at..].starts_with("\n\n").then_some(at + 2));
    let start = start.with_context(|| format!("there is no line `{BEFORE}`, with an empty one behind it"))?;
    let end = page[start..].find(BEHIND).with_context(|| format!("there is no line `{BEHIND}` behind the table"))?;
    let table = page[start..start + end].trim_end();
    let end = start + table.len() + usize::from(!table.is_empty());
    Ok((&page[..start], &page[start..end], &page[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let column = |head, content| Column { head, content };
        Table {
            page: "a.md",
            columns: vec![
                column("chip", Content::Fact),
                column("flash", Content::Bytes { percent: 2.0 }),
                column("slice", Content::Instructions { percent: 5.0 }),
                column("ms", Content::Milliseconds),
            ],
            rows: vec![Facts { name: "m0", texts: vec!["M0, 16 MHz".into(), " of 64".into()], mhz: 16.0 }],
        }
    }

    #[test]
    fn a_table_says_what_was_measured_and_other_figures_are_found() {
        let table = table();
        let lines = table.head() + &table.row(&table.rows[0], &[43.123, 3.456]);
        assert_eq!(
            lines,
            "| chip | flash | slice | ms |\n|---|---:|---:|---:|\n| M0, 16 MHz | 43.1 of 64 | 3.46 | 216 |\n"
        );
        let compare = |lines: &str, flash, slice| table.compare(lines, &[vec![flash, slice]]);
        assert_eq!(compare(&lines, Some(43_123), Some(3_456_000)).unwrap(), [""; 0]);
        assert_eq!(compare(&lines, Some(43_900), None).unwrap(), ["slice"]);
        let error = format!("{:#}", compare(&lines, Some(44_200), None).unwrap_err());
        assert!(error.contains("m0: flash") && error.contains("44.2"), "{error}");
        assert!(compare(&lines, None, Some(3_200_000)).is_err());
    }

    #[test]
    fn what_was_written_by_hand_is_found() {
        let table = table();
        let lines = table.head() + &table.row(&table.rows[0], &[43.123, 3.456]);
        for (right, wrong) in
            [("216", "200"), ("16 MHz", "64 MHz"), ("of 64", "of 32"), ("| 3.46", "| fast"), ("ms", "s")]
        {
            assert!(table.compare(&lines.replace(right, wrong), &[vec![None, None]]).is_err(), "{wrong}");
        }
        assert!(table.compare(&table.head(), &[vec![None, None]]).is_err());
    }

    #[test]
    fn a_page_has_a_place_for_its_table() {
        let page = format!("text\n{BEFORE}\n\n| a |\n|---|\n\n{BEHIND}\nmore\n");
        let (start, lines, end) = parts(&page).unwrap();
        assert_eq!((lines, end), ("| a |\n|---|\n", format!("\n{BEHIND}\nmore\n").as_str()));
        assert!(start.ends_with("-->\n\n"));
        let empty = format!("{BEFORE}\n\n\n{BEHIND}\n");
        assert_eq!(parts(&empty).unwrap().1, "");
        assert!(parts(&page.replace(BEHIND, "")).is_err());
        assert!(parts(&page.replace(BEFORE, "")).is_err());
    }
}
