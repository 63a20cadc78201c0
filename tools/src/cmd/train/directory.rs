//! What the directory of a training may hold when it begins or goes on.

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use egpt_core::checkpoint::Checkpoint;
use egpt_core::train::TrainingState;
use embedded_gpt::Config;
use embedded_gpt::config::Position;

use super::TrainArgs;
use super::presets::{Arch, Preset};
use crate::cmd::MODEL_FILES;

/// A training must neither overwrite another one nor resume what is not there or is another.
pub(super) fn check(args: &TrainArgs, asked: &Config) -> Result<()> {
    let out = args.out.display();
    let has_model = MODEL_FILES.iter().any(|file| args.out.join(file).exists());
    match (args.resume, TrainingState::exists(&args.out)) {
        (true, true) if MODEL_FILES.iter().all(|file| args.out.join(file).exists()) => check_shape(args, asked),
        (true, true) => Ok(()),
        (true, false) if has_model => bail!(
            "{out} holds a model, but no training state (training_state.safetensors), so its training cannot go on: \
             train anew with another --out"
        ),
        (true, false) => bail!("{out} holds no training to resume: leave out --resume to begin one"),
        (false, true) => {
            bail!("{out} already holds a training; add --resume to go on with it, or choose another --out")
        }
        (false, false) => {
            ensure!(!has_model, "{out} already holds a model: choose another --out");
            Ok(())
        }
    }
}

/// Names the options that gave the model another shape than they would now.
fn check_shape(args: &TrainArgs, asked: &Config) -> Result<()> {
    let model = Checkpoint::load(&args.out)?.weights.config;
    let out = args.out.display();
    if let Some(n_vocab) = args.shape.n_vocab {
        // A tokenizer may have got fewer tokens than asked for, never more.
        let had = model.n_vocab;
        ensure!(n_vocab >= had, "the training in {out} has --n-vocab {had} and cannot go on with --n-vocab {n_vocab}");
    }
    if shape(asked) == shape(&model) {
        return Ok(());
    }
    ensure!(args.shape.flash.is_none(), "the training in {out} was begun with another --flash, --ram or --preset");
    let mut differing = Vec::new();
    let (preset, arch) = origin(&model)
        .with_context(|| format!("the training in {out} was begun with another --flash or other sizes"))?;
    if preset != args.shape.preset {
        differing.push(format!("--preset {preset}, not {}", args.shape.preset));
    }
    if arch != args.shape.arch {
        differing.push(format!("--arch {arch}, not {}", args.shape.arch));
    }
    bail!("the training in {out} was begun with {}", differing.join(" and "))
}

/// The preset that a model was made from.
fn origin(model: &Config) -> Option<(Preset, Arch)> {
    let presets = Preset::value_variants().iter();
    let mut all = presets.flat_map(|&preset| Arch::value_variants().iter().map(move |&arch| (preset, arch)));
    all.find(|(preset, arch)| shape(&preset.config(*arch)) == shape(model))
}

/// What a preset decides, but for the vocabulary, which the text may limit.
fn shape(config: &Config) -> ([usize; 7], Position) {
    let Config { n_ctx, n_layer, n_head, n_kv_head, head_dim, n_embd, n_ff, position, .. } = *config;
    ([n_ctx, n_layer, n_head, n_kv_head, head_dim, n_embd, n_ff], position)
}
