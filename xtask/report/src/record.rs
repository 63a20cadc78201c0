//! Measured figures: one JSON object per line.

use std::fmt::{self, Display, Formatter};

use anyhow::{Context, Result};
use serde::Deserialize;

/// One line.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "bench", rename_all = "lowercase")]
pub enum Record {
    Run(Run),
    Kernel(Kernel),
    Token(Token),
    Memory(Memory),
    Host(Host),
}

/// When and how the figures of a part were measured.
#[derive(Clone, Debug, Deserialize)]
pub struct Run {
    /// `mcu` or `host`.
    pub part: String,
    pub date: String,
    pub command: String,
    /// What it ran on.
    pub machine: String,
}

/// Instructions per multiply-accumulate.
#[derive(Clone, Debug, Deserialize)]
pub struct Kernel {
    #[serde(default = "ours")]
    pub engine: String,
    pub target: String,
    pub format: String,
    pub rows: u32,
    pub cols: u32,
    pub instr_per_mac: f64,
}

/// Instructions per token.
#[derive(Clone, Debug, Deserialize)]
pub struct Token {
    #[serde(default = "ours")]
    pub engine: String,
    pub target: String,
    pub model: String,
    pub format: String,
    pub position: Position,
    pub instructions: u64,
}

/// Of one token, or the name of a mean.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Position {
    At(u32),
    Mean(String),
}

impl Display for Position {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(position) => position.fmt(f),
            Self::Mean(name) => name.fmt(f),
        }
    }
}

/// Bytes.
#[derive(Clone, Debug, Deserialize)]
pub struct Memory {
    #[serde(default = "ours")]
    pub engine: String,
    pub target: String,
    pub model: String,
    pub context: u32,
    pub code_bytes: Option<u64>,
    pub ram_bytes: u64,
    pub stack_bytes: Option<u64>,
}

/// Speed on a computer.
#[derive(Clone, Debug, Deserialize)]
pub struct Host {
    pub engine: String,
    pub model: String,
    pub format: String,
    pub tokens_per_cpu_second: f64,
}

/// The engine of figures that do not name one.
pub const OURS: &str = "embedded-gpt";

fn ours() -> String {
    OURS.to_owned()
}

/// Reads all lines.
///
/// # Errors
/// When one is not a record; names it.
pub fn parse(lines: &str) -> Result<Vec<Record>> {
    let lines = lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(i, line)| serde_json::from_str(line).with_context(|| format!("line {} is not a figure: {line}", i + 1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_numbers_or_names() {
        let line = |position: &str| {
            format!(
                r#"{{"bench":"token","model":"m","format":"q8","target":"t","position":{position},"instructions":7}}"#
            )
        };
        let records = parse(&format!("{}\n\n{}\n", line("31"), line("\"mean32\""))).unwrap();
        let positions = records.iter().map(|record| match record {
            Record::Token(token) => (token.position.to_string(), token.engine.as_str()),
            other => panic!("{other:?}"),
        });
        assert!(positions.eq([("31".to_owned(), OURS), ("mean32".to_owned(), OURS)]));
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = parse("\n{\"bench\":\"kernel\"}\n").unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }
}
