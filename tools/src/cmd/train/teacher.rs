//! `egpt train --teacher`: the larger model that another one learns from.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use embedded_gpt::TokenId;

use crate::checkpoint::Checkpoint;
use crate::replace_file::copy_file;
use crate::tokenizer;
use crate::train::{self, Lesson};
use crate::weights::Weights;

/// A trained model whose expectations are lessons.
pub(super) struct Teacher {
    dir: PathBuf,
    weights: Weights,
    tokenizer: PathBuf,
}

impl Teacher {
    /// Reads a checkpoint directory.
    pub fn load(dir: &Path) -> Result<Self> {
        let read = Checkpoint::load(dir).with_context(|| format!("no teacher in {}", dir.display()))?;
        let tokenizer = read.tokenizer;
        let tokenizer = tokenizer.with_context(|| format!("the teacher in {} has no tokenizer.json", dir.display()))?;
        Ok(Self { dir: dir.to_owned(), weights: read.weights, tokenizer })
    }

    /// Copies the tokenizer for a model that wants at most `wanted` tokens. Returns how many there are.
    pub fn lend_tokenizer(&self, wanted: usize, out: &Path) -> Result<usize> {
        let (n_vocab, dir) = (tokenizer::n_vocab(&self.tokenizer)?, self.dir.display());
        ensure!(
            n_vocab <= wanted,
            "the teacher in {dir} knows {n_vocab} tokens, this model is made for {wanted}: \
             train a teacher with --n-vocab {wanted}, or add --n-vocab {n_vocab} where flash is no matter"
        );
        copy_file(&self.tokenizer, out).with_context(|| format!("cannot write {}", out.display()))?;
        Ok(n_vocab)
    }

    /// Reads the text to learn from. `tokenizer` is the learner's.
    pub fn read(self, text: &[TokenId], tokenizer: &Path, n_threads: usize) -> Result<Vec<Lesson>> {
        let content = |path: &Path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
        ensure!(
            content(tokenizer)? == content(&self.tokenizer)?,
            "the teacher in {} has another tokenizer than the model that this training was begun with",
            self.dir.display()
        );
        train::lessons(&self.weights, text, n_threads)
    }
}
