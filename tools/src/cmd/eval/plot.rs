//! Draws what was measured.

use std::path::Path;

use anyhow::{Context, Result};
use egpt_core::eval::typed_text::TypedText;
use egpt_core::replace_file::replace_file;

use super::measure::Measured;
use crate::chart::savings::{Savings, draw};

/// Writes keystrokes saved against bytes.
pub(super) fn write(path: &Path, all: &[Measured], typed: &TypedText) -> Result<()> {
    let savings: Vec<Savings> = all.iter().filter_map(|measured| savings(measured, typed)).collect();
    replace_file(path, draw(&savings)?.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

fn savings(measured: &Measured, typed: &TypedText) -> Option<Savings> {
    let ksr = |typing: &egpt_core::eval::typing::Typing| typing.rates(typed).ksr;
    let name =
        Path::new(&measured.name).file_stem().map_or(measured.name.clone(), |s| s.to_string_lossy().into_owned());
    Some(Savings {
        name,
        is_table: measured.table_budget.is_some(),
        bytes: measured.n_bytes as f64,
        ksr: ksr(measured.first()?),
        new_only: measured.with_repeats.as_ref().and(measured.new_only.as_ref()).map(ksr),
    })
}
