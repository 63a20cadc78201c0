//! What a page is made from, beside the model and its history: `report.json`.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use egpt_core::replace_file::replace_file;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::samples::Prompt;
use crate::chart::savings::Savings;

const FILE: &str = "report.json";

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Record {
    pub prompts: Vec<Prompt>,
    /// Frequent words of the training text, most frequent first.
    pub words: Vec<String>,
    /// Lines that `egpt eval --json` printed.
    pub evaluation: Vec<Value>,
}

impl Record {
    /// What is recorded in `dir`; nothing if it is not.
    pub fn load(dir: &Path) -> Result<Self> {
        let path = dir.join(FILE);
        if !path.exists() {
            return Ok(Self::default());
        }
        let file = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_slice(&file).with_context(|| format!("{} is damaged", path.display()))
    }

    pub fn save(&self, dir: &Path) -> Result<()> {
        let path = dir.join(FILE);
        replace_file(&path, &serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// The lines of an evaluation, of which one at least is of a predictor.
pub(super) fn evaluation(lines: &str) -> Result<Vec<Value>> {
    let lines = lines.lines().filter(|line| !line.trim().is_empty());
    let parsed: Vec<Value> = lines
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .context("the evaluation is not JSON, a line per object: write it with `egpt eval … --json > FILE`")?;
    ensure!(
        parsed.iter().any(|line| savings(line).is_some()),
        "the evaluation has no keystrokes saved: write it with `egpt eval … --json > FILE`"
    );
    Ok(parsed)
}

/// What a line of an evaluation says of a predictor; `None` where it says something else.
pub(super) fn savings(line: &Value) -> Option<Savings> {
    let ksr = |of: &Value| Some([of["ksr1"].as_f64()?, of["ksr3"].as_f64()?]);
    let name = line["predictor"].as_str()?;
    Some(Savings {
        name: Path::new(name).file_stem().map_or(name.into(), |stem| stem.to_string_lossy().into_owned()),
        is_table: line["kind"] == "trigram",
        bytes: line["bytes"].as_f64()?,
        ksr: ksr(line)?,
        new_only: ksr(&line["new_only"]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_an_evaluation_are_told_from_others() {
        let model = r#"{"predictor": "a/m.egpt", "kind": "model", "bytes": 1000, "ksr1": 40.0, "ksr3": 50.0}"#;
        let lines = evaluation(&format!("{model}\n\n{{\"model\": \"m\"}}\n")).unwrap();
        let savings: Vec<_> = lines.iter().map(savings).collect();
        assert_eq!(savings[0].as_ref().map(|s| (s.name.as_str(), s.ksr, s.new_only)), Some(("m", [40.0, 50.0], None)));
        assert!(savings[1].is_none());
        for wrong in ["no json", "{}", ""] {
            assert!(evaluation(wrong).unwrap_err().to_string().contains("egpt eval"), "{wrong}");
        }
    }
}
