//! Where the bytes of a blob go, as a table with bars.

use std::fmt;

use anyhow::Result;
use embedded_gpt::Model;
use embedded_gpt::format::blob::{self, BLOCKED, NGRAMS, VOCABULARY, WORDS};
use embedded_gpt::format::tensor::Role;

/// Bytes of a blob by what they are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlashMap {
    rows: Vec<(&'static str, usize)>,
    blob_bytes: usize,
}

/// Characters of the longest bar.
const BAR: usize = 40;

impl FlashMap {
    /// Counts the bytes of a model and of the blob that it is in. They add up to its length.
    ///
    /// # Errors
    /// If the section table is not that of a blob.
    pub fn of(model: &Model<'_>, blob: &[u8]) -> Result<Self> {
        let mut rows: Vec<(&'static str, usize)> = Vec::new();
        for spec in model.config().tensors() {
            let (what, bytes) = (part(spec.role), model.tensor(spec.role, spec.layer).bytes.len());
            match rows.iter_mut().find(|row| row.0 == what) {
                Some(row) => row.1 += bytes,
                None => rows.push((what, bytes)),
            }
        }
        let mut blob_bytes = 0;
        for (name, bytes) in blob::sections(blob)? {
            blob_bytes = bytes.as_ptr().addr() - blob.as_ptr().addr() + bytes.len();
            match name {
                VOCABULARY => rows.push(("vocabulary", bytes.len())),
                WORDS => rows.push(("list of words", bytes.len())),
                NGRAMS => rows.push(("n-grams", bytes.len())),
                BLOCKED => rows.push(("blocked words", bytes.len())),
                _ => {}
            }
        }
        let blob_bytes = blob_bytes.next_multiple_of(blob::ALIGN);
        let counted: usize = rows.iter().map(|row| row.1).sum();
        rows.push(("header, directory, padding", blob_bytes.saturating_sub(counted)));
        Ok(Self { rows, blob_bytes })
    }

    /// Length of the blob.
    pub fn blob_bytes(&self) -> usize {
        self.blob_bytes
    }

    /// What for, and how many bytes, in the order of the blob.
    pub fn rows(&self) -> &[(&'static str, usize)] {
        &self.rows
    }
}

fn part(role: Role) -> &'static str {
    match role {
        Role::TokenEmbedding => "token embedding",
        Role::PositionEmbedding => "position embedding",
        Role::Head => "head",
        Role::Query | Role::Key | Role::Value | Role::AttnOut => "attention",
        Role::Gate | Role::Up | Role::Down => "MLP",
        _ => "norms and biases",
    }
}

impl fmt::Display for FlashMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let largest = self.rows.iter().map(|row| row.1).max().unwrap_or(0).max(1);
        for &(what, bytes) in &self.rows {
            let bar = "█".repeat((bytes * BAR).div_ceil(largest));
            let percent = 100.0 * bytes as f64 / self.blob_bytes.max(1) as f64;
            writeln!(f, "{what:<26} {bytes:>9} {percent:>5.1} % {bar}")?;
        }
        writeln!(f, "{:<26} {:>9} bytes of flash", "all", self.blob_bytes)
    }
}
