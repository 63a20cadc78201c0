//! What a training learns from, as hashes that tell whether it goes on with the same.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::weights::Weights;

/// The text, the tokenizer and the teachers of a training, each as a SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Hash of the tokens of the training and the validation text.
    text: String,
    /// Hash of tokenizer.json.
    tokenizer: String,
    /// Hash of their parameters, in the order in which they were named.
    teachers: String,
}

impl Source {
    /// Hashes all three.
    ///
    /// # Errors
    /// If `tokenizer` cannot be read.
    pub fn new([train, valid]: [&[u16]; 2], tokenizer: &Path, teachers: &[Weights]) -> Result<Self> {
        let file = fs::read(tokenizer).with_context(|| format!("cannot read {}", tokenizer.display()))?;
        let parameters = teachers.iter().flat_map(|teacher| {
            teacher.config.tensors().filter_map(|spec| teacher.tensor(&spec)).map(bytemuck::cast_slice)
        });
        let text = hash([train, valid].map(bytemuck::cast_slice));
        Ok(Self { text, tokenizer: hash([&file[..]]), teachers: hash(parameters) })
    }

    /// Refuses another source than the `earlier` one.
    pub(super) fn check(&self, earlier: &Self) -> Result<()> {
        ensure!(
            self.tokenizer == earlier.tokenizer,
            "tokenizer.json is not the one that this training was begun with: put that one back, or train anew with \
             another --out"
        );
        ensure!(
            self.text == earlier.text,
            "the text is not the one that this training was begun with: give the same --corpus with the same content, \
             or train anew with another --out"
        );
        ensure!(
            self.teachers == earlier.teachers,
            "the teachers are not those that this training was begun with: give the same --teacher"
        );
        Ok(())
    }
}

fn hash<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> String {
    let mut sha256 = Sha256::new();
    for part in parts {
        sha256.update((part.len() as u64).to_le_bytes());
        sha256.update(part);
    }
    sha256.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::random::llama_config;

    #[test]
    fn what_differs_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let [one, other] = ["one.json", "other.json"].map(|name| dir.path().join(name));
        fs::write(&one, "{}").unwrap();
        fs::write(&other, "{ }").unwrap();
        let teacher = |seed| [Weights::random(llama_config(), seed)];
        let source = |text: [&[u16]; 2], tokenizer, seed| Source::new(text, tokenizer, &teacher(seed)).unwrap();
        let earlier = source([&[1, 2], &[3]], &one, 1);
        source([&[1, 2], &[3]], &one, 1).check(&earlier).unwrap();
        for (now, reason) in [
            (source([&[2, 1], &[3]], &one, 1), "the text is not the one"),
            (source([&[1], &[2, 3]], &one, 1), "the text is not the one"),
            (source([&[2, 1], &[3]], &other, 1), "tokenizer.json is not the one"),
            (source([&[1, 2], &[3]], &one, 2), "the teachers are not those"),
        ] {
            assert!(now.check(&earlier).unwrap_err().to_string().contains(reason), "{reason}");
        }
    }
}
