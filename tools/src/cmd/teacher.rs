//! `--teacher`: the larger models that another one learns from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use clap::Args;
use egpt_core::checkpoint::Checkpoint;
use egpt_core::network::soft_targets::SoftTarget;
use egpt_core::replace_file::copy_file;
use egpt_core::weights::Weights;
use egpt_core::{tokenizer, train};
use embedded_gpt::TokenId;

use super::ranges;

/// Whom to learn from, and how much.
#[derive(Args, Debug)]
pub(super) struct TeacherArgs {
    /// Checkpoint directories of larger models, to learn from as well: from the mean of what they expect. They have the
    /// model's tokenizer; a new model takes theirs. Takes 128 bytes of memory per token of the text.
    #[arg(id = "teacher", long = "teacher", value_name = "DIR", num_args = 1..)]
    pub dirs: Vec<PathBuf>,
    /// How much the teacher's expectations count beside the text itself.
    #[arg(long, default_value_t = 0.5, value_parser = ranges::share, allow_negative_numbers = true, requires = "teacher")]
    teacher_share: f32,
}

impl TeacherArgs {
    /// The teachers, if there are any.
    pub fn load(&self) -> Result<Option<Teachers>> {
        if self.dirs.is_empty() { Ok(None) } else { Teachers::load(&self.dirs).map(Some) }
    }

    /// How much they count: 0 without any.
    pub fn share(&self) -> f32 {
        if self.dirs.is_empty() { 0.0 } else { self.teacher_share }
    }

    /// Words for a model card: `, teacher DIR` for each.
    pub fn named(&self) -> String {
        self.dirs.iter().map(|dir| format!(", teacher {}", dir.display())).collect()
    }
}

/// Trained models of one tokenizer whose expectations are soft targets.
pub(super) struct Teachers {
    pub weights: Vec<Weights>,
    tokenizer: PathBuf,
}

impl Teachers {
    /// Reads checkpoint directories, at least one.
    fn load(dirs: &[PathBuf]) -> Result<Self> {
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
            "the teacher has another tokenizer, {}, than the model",
            self.tokenizer.display()
        );
        Ok(())
    }

    /// Reads the text to learn from.
    pub fn read(self, text: &[TokenId]) -> Result<Vec<SoftTarget>> {
        train::soft_targets(&self.weights, text)
    }
}

fn is_same_file(one: &Path, other: &Path) -> Result<bool> {
    let content = |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    Ok(content(one)? == content(other)?)
}
