//! This project's runtime.

use std::path::Path;

use anyhow::Result;
use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::Checkpoint;
use egpt_core::export::blob_of;
use egpt_core::quantize::Quant;
use egpt_core::session_memory::SessionMemory;
use embedded_gpt::TokenId;

use crate::run::{Run, cpu_seconds};

/// A blob and memory for a session.
pub struct Ours {
    blob: BlobFile,
    memory: SessionMemory,
    n_vocab: usize,
}

impl Ours {
    /// # Errors
    /// If the file is not a blob.
    pub fn read(path: &Path) -> Result<Self> {
        Self::new(BlobFile::read(path)?)
    }

    /// # Errors
    /// If the format is unknown, or the checkpoint cannot be exported.
    pub fn export(checkpoint: &Checkpoint, format: &str) -> Result<Self> {
        let format = format.parse::<Quant>()?.format();
        Self::new(BlobFile::new(&blob_of(checkpoint, |_| format, "")?))
    }

    fn new(blob: BlobFile) -> Result<Self> {
        let model = blob.model()?;
        let (memory, n_vocab) = (SessionMemory::new(model.config(), None), model.config().n_vocab);
        Ok(Self { blob, memory, n_vocab })
    }
}

impl Run for Ours {
    fn seconds(&mut self, n: usize) -> Result<f64> {
        let model = self.blob.model()?;
        let mut session = self.memory.session(&model)?;
        let start = cpu_seconds()?;
        for position in 0..n {
            session.step((position * 7919 % self.n_vocab) as TokenId)?;
        }
        Ok(cpu_seconds()? - start)
    }
}
