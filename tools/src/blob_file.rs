//! A blob read from a file into memory aligned as the runtime wants it.

use std::path::Path;

use anyhow::{Context, Result};
use embedded_gpt::Model;

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
    /// If the file cannot be read.
    pub fn read(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
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
        Model::parse(self.bytes()).with_context(|| format!("{} is not a usable model blob", self.name))
    }
}
