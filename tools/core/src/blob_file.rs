//! A blob read from a file into memory aligned as the runtime wants it.

use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use embedded_gpt::Model;
use embedded_gpt::error::LoadError;

/// The bytes of a blob at a multiple of 16.
#[derive(Clone, Debug)]
pub struct BlobFile {
    words: Vec<u128>,
    len: usize,
    /// What error messages call it.
    name: String,
}

impl BlobFile {
    /// Copies bytes to an aligned place.
    pub fn new(bytes: &[u8]) -> Self {
        let mut words = vec![0u128; bytes.len().div_ceil(16)];
        bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(bytes);
        Self { words, len: bytes.len(), name: "the blob".to_owned() }
    }

    /// Reads a whole file.
    ///
    /// # Errors
    /// If the file cannot be read or is a directory.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        ensure!(!path.is_dir(), "{name} is a directory, not a blob: make one with egpt export {name} --out m.egpt");
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
        Ok(Self { name, ..Self::new(&bytes) })
    }

    /// The blob's bytes.
    pub fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.len]
    }

    /// Checks the blob and makes a view of it.
    ///
    /// # Errors
    /// If it is not a blob that this version reads.
    pub fn model(&self) -> Result<Model<'_>> {
        let explain = |error| match error {
            LoadError::NotABlob => anyhow!(
                "{error}; is it a llama2.c or Hugging Face checkpoint? Bring it in with egpt import, then egpt export"
            ),
            _ => error.into(),
        };
        Model::parse(self.bytes()).map_err(explain).with_context(|| format!("{} is not a usable model blob", self.name))
    }
}
