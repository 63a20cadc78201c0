//! The options that decide a model's shape.

use anyhow::{Result, ensure};
use clap::Args;
use egpt_core::design::{Budget, Sizes, design};
use egpt_core::quantize::Quant;
use embedded_gpt::Config;
use embedded_gpt::text::{Language, WordRule};

use super::presets::{Arch, Preset};
use crate::cmd::language::language;
use crate::cmd::ranges;
use crate::cmd::word_rule::word_rule;

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
    /// Tell capitals from small letters. Models that are designed for flash read and write small letters only,
    /// unless this is given: they suggest better words then, which get their capitals from the list of words.
    #[arg(long)]
    keep_case: bool,
    /// Language whose capitals have rules of their own. Others need none.
    #[arg(long, value_parser = language())]
    pub language: Option<Language>,
    /// What words are made of: letters; whatever a shell reads as one word; pieces of a script without spaces, such as
    /// Thai and Japanese. Letters unless given.
    #[arg(long, value_parser = word_rule())]
    pub word_rule: Option<WordRule>,
    #[command(flatten)]
    sizes: SizeArgs,
    /// Format the model will be exported in. The last part of the training is quantization-aware: it computes with
    /// weights in this format. q4 for models that are designed for flash.
    #[arg(long, value_parser = ranges::quant())]
    quant: Option<Quant>,
}

/// Sizes for those who know which they want.
#[derive(Args, Debug)]
struct SizeArgs {
    /// Width of the model, instead of the preset's; the heads follow from it.
    #[arg(long, value_parser = ranges::count::<usize>, conflicts_with = "flash", allow_negative_numbers = true)]
    n_embd: Option<usize>,
    /// Decoder blocks, instead of the preset's.
    #[arg(long, value_parser = ranges::count::<usize>, conflicts_with = "flash", allow_negative_numbers = true)]
    n_layer: Option<usize>,
    /// Width of the feed-forward parts, instead of the preset's.
    #[arg(long, value_parser = ranges::count::<usize>, conflicts_with = "flash", allow_negative_numbers = true)]
    n_ff: Option<usize>,
}

impl SizeArgs {
    /// Whether any is given.
    fn any(&self) -> bool {
        [self.n_embd, self.n_layer, self.n_ff].iter().any(Option::is_some)
    }
}

impl ShapeArgs {
    /// Whether the model is designed for the flash of a device.
    fn is_designed(&self) -> bool {
        self.flash.or(self.preset.flash()).is_some()
    }

    /// Whether the model is to know small letters only.
    pub fn folds_case(&self) -> bool {
        self.is_designed() && !self.keep_case
    }

    /// By the rules of which language capitals are to become small letters; `None` if they are to stay.
    pub fn folded(&self) -> Option<Language> {
        self.folds_case().then(|| self.language.unwrap_or_default())
    }

    /// The model's shape.
    ///
    /// # Errors
    /// If nothing fits the flash and the RAM, or the sizes make no model.
    pub fn config(&self) -> Result<Config> {
        ensure!(!self.is_designed() || self.arch == Arch::Llama, "only models of --arch llama are designed for flash");
        match self.flash {
            Some(flash) => design(Budget { flash, ram: self.ram, quant: self.quant.unwrap_or(Quant::Q4) }),
            None if self.sizes.any() => self.with_sizes(),
            None => Ok(self.preset.config(self.arch)),
        }
    }

    /// The preset with the sizes that are given.
    fn with_sizes(&self) -> Result<Config> {
        ensure!(self.arch == Arch::Llama, "--n-embd, --n-layer and --n-ff are for models of --arch llama");
        let Config { n_vocab, n_ctx, n_layer, n_embd, n_ff, .. } = self.preset.config(self.arch);
        let SizeArgs { n_embd: width, n_layer: layers, n_ff: wide } = self.sizes;
        let config = Sizes {
            n_vocab,
            n_ctx,
            n_layer: layers.unwrap_or(n_layer),
            n_embd: width.unwrap_or(n_embd),
            n_ff: wide.unwrap_or(n_ff),
        }
        .config();
        ensure!(config.is_valid(), "these sizes are beyond the blob format's: {config:?}");
        Ok(config)
    }

    /// Format of the export, where it is known.
    pub fn quant(&self) -> Option<Quant> {
        self.quant.or(self.is_designed().then_some(Quant::Q4))
    }

    /// The options in words.
    pub fn name(&self) -> String {
        match self.flash {
            Some(flash) => format!("{} KiB {}", flash >> 10, self.arch),
            None if self.sizes.any() => format!("{} {} of other sizes", self.preset, self.arch),
            None => format!("{} {}", self.preset, self.arch),
        }
    }
}
