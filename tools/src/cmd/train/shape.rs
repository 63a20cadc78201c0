//! The options that decide a model's shape.

use anyhow::{Result, ensure};
use clap::Args;
use embedded_gpt::Config;

use crate::cmd::ranges;
use crate::design::{Budget, design};
use crate::presets::{Arch, Preset};
use crate::quantize::Quant;

/// Which model to train.
#[derive(Args, Debug)]
pub struct ShapeArgs {
    /// Size of the model.
    #[arg(long, value_enum, default_value = "small", ignore_case = true)]
    pub preset: Preset,
    /// Building blocks of the model.
    #[arg(long, value_enum, default_value = "llama")]
    pub arch: Arch,
    /// Design the model for this much flash (512KiB, 1MiB, …), the whole blob included.
    #[arg(long, value_parser = ranges::bytes, conflicts_with_all = ["preset", "n_vocab"])]
    pub flash: Option<usize>,
    /// Design it for this much RAM, too: KV cache and scratch.
    #[arg(long, value_parser = ranges::bytes, requires = "flash")]
    pub ram: Option<usize>,
    /// Tokens in the vocabulary, instead of the preset's.
    #[arg(long)]
    pub n_vocab: Option<usize>,
    /// Format the model will be exported in: the last part of the training computes with weights rounded to it.
    /// q4 for models that are designed for flash.
    #[arg(long, value_enum)]
    quant: Option<Quant>,
}

impl ShapeArgs {
    /// The model's shape.
    ///
    /// # Errors
    /// If nothing fits the flash and the RAM.
    pub fn config(&self) -> Result<Config> {
        let designed = self.flash.or(self.preset.flash()).is_some();
        ensure!(!designed || self.arch == Arch::Llama, "only models of --arch llama are designed for flash");
        match self.flash {
            Some(flash) => design(Budget { flash, ram: self.ram, quant: self.quant.unwrap_or(Quant::Q4) }),
            None => Ok(self.preset.config(self.arch)),
        }
    }

    /// Format of the export, where it is known.
    pub fn quant(&self) -> Option<Quant> {
        self.quant.or(self.flash.or(self.preset.flash()).map(|_| Quant::Q4))
    }

    /// The options in words.
    pub fn name(&self) -> String {
        match self.flash {
            Some(flash) => format!("{} KiB {}", flash >> 10, self.arch),
            None => format!("{} {}", self.preset, self.arch),
        }
    }
}
