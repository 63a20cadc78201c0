//! What a checkpoint directory says about its model, for people: `egpt.json`, later the blob's `META` section.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::replace_file::replace_file;

const FILE: &str = "egpt.json";

/// A model's origin: corpus, licence, training.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    pub name: String,
    /// Text that it was trained on.
    pub corpus: String,
    /// Licence of that text.
    pub licence: Option<String>,
    /// Code of the language whose capitals have rules of their own, such as `tr`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What words are made of, such as `pieces`; letters unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word_rule: Option<String>,
    /// How it was trained.
    pub training: String,
    /// Bits per byte of the validation text, at the end of training.
    pub bits_per_byte: Option<f64>,
}

impl ModelCard {
    /// Writes the card into a checkpoint directory.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save(&self, dir: &Path) -> Result<()> {
        let path = dir.join(FILE);
        replace_file(&path, &serde_json::to_vec_pretty(self)?)
            .with_context(|| format!("cannot write {}", path.display()))
    }

    /// Reads the card of a checkpoint directory; `None` if there is none, as in imported models.
    ///
    /// # Errors
    /// If there is a card that cannot be read.
    pub fn load(dir: &Path) -> Result<Option<Self>> {
        let path = dir.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        let card = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Some(serde_json::from_slice(&card).with_context(|| format!("{} is not a model card", path.display()))?))
    }

    /// The card that [`text`](Self::text) was made of; `None` if it was another text.
    pub fn from_text(text: &str) -> Option<Self> {
        let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        Some(Self {
            name: line("name")?.to_owned(),
            corpus: line("corpus")?.to_owned(),
            licence: line("licence of the corpus").map(str::to_owned),
            language: None,
            word_rule: None,
            training: line("training")?.to_owned(),
            bits_per_byte: line("held-out bits per byte (f32)").and_then(|bits| bits.parse().ok()),
        })
    }

    /// The card as lines of text.
    pub fn text(&self) -> String {
        let mut lines = vec![format!("name: {}", self.name), format!("corpus: {}", self.corpus)];
        lines.extend(self.licence.iter().map(|licence| format!("licence of the corpus: {licence}")));
        lines.push(format!("training: {}", self.training));
        lines.extend(self.bits_per_byte.map(|bits| format!("held-out bits per byte (f32): {bits:.4}")));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_comes_back_as_it_was_saved() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(ModelCard::load(dir.path()).unwrap(), None);
        let card = ModelCard { name: "tiny".into(), bits_per_byte: Some(2.5), ..ModelCard::default() };
        for language in [Some("tr".to_owned()), None] {
            let card = ModelCard { language, ..card.clone() };
            card.save(dir.path()).unwrap();
            assert_eq!(ModelCard::load(dir.path()).unwrap(), Some(card));
        }
        assert!(card.text().contains("bits per byte (f32): 2.5000"));
        assert_eq!(ModelCard::from_text(&card.text()), Some(card));
        assert_eq!(ModelCard::from_text("my own words: a model"), None);
    }
}
