//! Draws the benchmark page: `benchmark-report FIGURES.jsonl PAGE.md`; pictures come into a directory beside the page.

mod chart;
mod host;
mod mcu;
mod page;
mod record;

use std::env;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::page::Page;

/// Figures of others, which do not change with this project.
const PEERS: &str = include_str!("../peers.jsonl");

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [figures, page] = arguments.as_slice() else { bail!("usage: benchmark-report FIGURES.jsonl PAGE.md") };
    let lines = fs::read_to_string(figures).with_context(|| format!("{figures} cannot be read"))?;
    let mut records = record::parse(&lines).with_context(|| format!("in {figures}"))?;
    records.extend(record::parse(PEERS)?);
    let mut drawn = Page::new();
    mcu::write(&records, &mut drawn);
    host::write(&records, &mut drawn);
    drawn.save(Path::new(page))
}
