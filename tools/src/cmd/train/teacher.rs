//! `egpt train --teacher`: the larger models that another one learns from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use embedded_gpt::TokenId;

use crate::checkpoint::Checkpoint;
use crate::replace_file::copy_file;
use crate::tokenizer;
use crate::train::{self, Lesson};
use crate::weights::Weights;

/// Trained models of one tokenizer whose expectations are lessons.
pub(super) struct Teachers {
    weights: Vec<Weights>,
    tokenizer: PathBuf,
}

impl Teachers {
    /// Reads checkpoint directories, at least one.
    pub fn load(dirs: &[PathBuf]) -> Result<Self> {
        let (mut weights, mut tokenizers) = (Vec::new(), Vec::new());
        for dir in dirs {
            let read = Checkpoint::load(dir).with_context(|| format!("no teacher in {}", dir.display()))?;
            let tokenizer = read.tokenizer;
            let tokenizer =
                tokenizer.with_context(|| format!("the teacher in {} has no tokenizer.json", dir.display()))?;
            weights.push(read.weights);
            tokenizers.push(tokenizer);
        }
        let tokenizer = tokenizers.first().context("a teacher is needed")?.clone();
        for other in tokenizers.iter().skip(1) {
            ensure!(
                is_same_file(other, &tokenizer)?,
                "{} and {} differ: teachers must have the same tokenizer",
                tokenizer.display(),
                other.display()
            );
        }
        Ok(Self { weights, tokenizer })
    }

    /// Copies the tokenizer for a model that wants at most `wanted` tokens. Returns how many there are.
    pub fn lend_tokenizer(&self, wanted: usize, out: &Path) -> Result<usize> {
        let n_vocab = tokenizer::n_vocab(&self.tokenizer)?;
        ensure!(
            n_vocab <= wanted,
            "the teacher of {} knows {n_vocab} tokens, this model is made for {wanted}: \
             train a teacher with --n-vocab {wanted}, or add --n-vocab {n_vocab} where flash is no matter",
            self.tokenizer.display()
        );
        copy_file(&self.tokenizer, out).with_context(|| format!("cannot write {}", out.display()))?;
        Ok(n_vocab)
    }

    /// Whether they read as the learner does, whose `tokenizer` it is.
    pub fn check(&self, tokenizer: &Path) -> Result<()> {
        ensure!(
            is_same_file(tokenizer, &self.tokenizer)?,
            "the teacher has another tokenizer, {}, than the model that this training was begun with",
            self.tokenizer.display()
        );
        Ok(())
    }

    /// Reads the text to learn from.
    pub fn read(self, text: &[TokenId], n_threads: usize) -> Result<Vec<Lesson>> {
        train::lessons(&self.weights, text, n_threads)
    }
}

fn is_same_file(one: &Path, other: &Path) -> Result<bool> {
    let content = |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    Ok(content(one)? == content(other)?)
}
