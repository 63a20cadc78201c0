//! The shape of a model for a budget of flash and RAM.
//!
//! `docs/model-design.md` has the measurements behind the rules.

use anyhow::{Context, Result, bail, ensure};
use embedded_gpt::Config;
use embedded_gpt::config::Shape;
use embedded_gpt::format::tensor::Format;

use crate::quantize::Quant;

/// What a model may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of the whole blob.
    pub flash: usize,
    /// Bytes of KV cache and scratch; as many as a context of 128 tokens takes, if `None`.
    pub ram: Option<usize>,
    /// Format of the matrices.
    pub quant: Quant,
}

/// The sizes that decide a shape; the rest follows from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    pub n_vocab: usize,
    pub n_ctx: usize,
    pub n_layer: usize,
    pub n_embd: usize,
    pub n_ff: usize,
}

/// No padding is stored where widths are multiples of this.
const WIDTH_UNIT: usize = 16;
/// Flash from which a model pays that is more than a table.
const MIN_FLASH: usize = 40 << 10;
/// Flash up to which the rules are followed, far beyond the shapes that were measured.
const MAX_FLASH: usize = 64 << 20;
/// Beside the tensors: header, section table, text for people.
const FIXED_BYTES: usize = 1024;
const CONTEXTS: [usize; 7] = [128, 112, 96, 80, 64, 48, 32];

impl Sizes {
    /// A Llama with tied embeddings and one set of keys and values for several heads.
    pub fn config(self) -> Config {
        let Self { n_vocab, n_ctx, n_layer, n_embd, n_ff } = self;
        let head_dim = if n_embd < 96 { 16 } else { 32 };
        let kv_dim = if n_embd < 160 { 32 } else { 64 };
        let n_head = n_embd.next_multiple_of(kv_dim) / head_dim;
        Config::llama(Shape { n_vocab, n_ctx, n_layer, n_head, n_embd }).with(|c| {
            c.n_kv_head = kv_dim / head_dim;
            c.head_dim = head_dim;
            c.n_ff = n_ff;
            c.tied = true;
        })
    }
}

/// Tokens beyond which more do not pay.
const MAX_TOKENS: f64 = 4096.0;
/// A shape that was measured: as many weights, as wide. Others are wider by this power of their weights.
const MEASURED: (f64, f64) = (889e3, 112.0);
const WIDTH_POWER: f64 = 0.63;

impl Budget {
    fn weights_per_byte(&self) -> f64 {
        8.0 / f64::from(self.quant.format().packing().expect("the format of a matrix").bits())
    }

    /// Tokens of the vocabulary: few for the least models, all that pay where 4-bit weights fill 256 KiB.
    fn vocabulary(&self) -> f64 {
        let room = self.weights_per_byte() * self.flash as f64 / (1 << 20) as f64;
        (MAX_TOKENS * room.sqrt().max(2.0 * room)).min(MAX_TOKENS)
    }
}

/// The shape for a budget.
///
/// The vocabulary's share of the weights falls from two thirds at 256 KiB to a third; the feed-forward parts get
/// what is left. A part stays free for a list of words.
///
/// # Errors
/// If the budget is too small, or the RAM for what the flash holds.
pub fn design(budget: Budget) -> Result<Config> {
    ensure!(budget.flash >= MIN_FLASH, "a model needs at least {} KiB of flash", MIN_FLASH >> 10);
    ensure!(
        budget.flash <= MAX_FLASH,
        "models are designed for at most {} MiB of flash, not {} bytes: give less",
        MAX_FLASH >> 20,
        budget.flash
    );
    let vocabulary = budget.vocabulary();
    // A smaller vocabulary takes less RAM: there is a number for each token after a step.
    for share in [1.0, 0.75, 0.5, 0.375] {
        let n_vocab = ((vocabulary * share / 256.0).round() as usize * 256).max(512);
        let config = fill(budget, n_vocab)?;
        let fits = |n_ctx: &usize| budget.ram.is_none_or(|ram| ram_len(&config.with(|c| c.n_ctx = *n_ctx)) <= ram);
        let least = if share > 0.5 { 64 } else { 32 };
        if let Some(n_ctx) = CONTEXTS.into_iter().filter(|&n_ctx| n_ctx >= least).find(fits) {
            return Ok(config.with(|c| c.n_ctx = n_ctx));
        }
    }
    bail!(
        "{} bytes of RAM are too few for a model that fills {} bytes of flash: give more RAM or less flash",
        budget.ram.unwrap_or_default(),
        budget.flash
    )
}

/// The model with this vocabulary; as wide as with the usual one.
fn fill(budget: Budget, n_vocab: usize) -> Result<Config> {
    let n_layer = match budget.flash >> 10 {
        0..96 => 2,
        96..192 => 3,
        192..768 => 4,
        768..1536 => 5,
        _ => 6,
    };
    let others = words_len(budget.flash) + FIXED_BYTES + vocabulary_len(budget.vocabulary() as usize);
    let weights = 0.97 * budget.weights_per_byte() * budget.flash.saturating_sub(others) as f64;
    let width = MEASURED.1 * (weights / MEASURED.0).powf(WIDTH_POWER) / WIDTH_UNIT as f64;
    let n_embd = (width.round() as usize).max(2) * WIDTH_UNIT;
    let config = |n_ff| Sizes { n_vocab, n_ctx: CONTEXTS[0], n_layer, n_embd, n_ff }.config();
    let most = budget.flash - words_len(budget.flash);
    let fits = |&units: &usize| flash_len(&config(units * WIDTH_UNIT), budget.quant) <= most;
    let widest = (1..512).take_while(fits).last();
    widest.map(|units| config(units * WIDTH_UNIT)).with_context(|| {
        format!("{} bytes of flash are too few for {n_vocab} tokens and {n_embd} dimensions", budget.flash)
    })
}

/// Bytes left for a list of words, about 16,000 beside half a mebibyte: there, what more words save is what more
/// parameters would. 20,000 words and more save nothing further, and the smallest models have no room for many.
fn words_len(flash: usize) -> usize {
    let usual = 57.0 * (flash as f64).sqrt();
    (usual as usize).min(52 << 10).min(flash.saturating_sub(28 << 10) / 4)
}

/// Bytes of a blob, without a list of words; the vocabulary's as English takes them.
pub fn flash_len(config: &Config, quant: Quant) -> usize {
    let len = |matrix: bool| if matrix { quant.format() } else { Format::I16 };
    let tensors = config.tensors().map(|spec| {
        let data = spec.byte_len(len(spec.role.is_matrix()));
        data.next_multiple_of(16) + embedded_gpt::format::tensor::DIRECTORY_ENTRY_LEN
    });
    tensors.sum::<usize>() + vocabulary_len(config.n_vocab) + FIXED_BYTES
}

/// Measured: 4.8 to 5.7 bytes per token.
fn vocabulary_len(n_vocab: usize) -> usize {
    n_vocab * 11 / 2
}

/// Bytes of KV cache and scratch for the whole context.
pub fn ram_len(config: &Config) -> usize {
    4 * (config.kv_words(config.n_ctx) + config.scratch_words(config.n_ctx))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(kib: usize) -> Budget {
        Budget { flash: kib << 10, ram: None, quant: Quant::Q4 }
    }

    #[test]
    fn shapes_fill_their_flash_and_no_more() {
        for kib in [128, 200, 256, 512, 1024, 2048, 65_536] {
            for quant in [Quant::Q4, Quant::Q8] {
                let config = design(Budget { quant, ..budget(kib) }).unwrap();
                let (flash, words) = (kib << 10, words_len(kib << 10));
                let left = flash - flash_len(&config, quant);
                let fills = (words..=words + flash / 20).contains(&left);
                assert!(
                    config.is_valid() && fills,
                    "{kib} KiB, {quant}: {left} left for words, {words} wanted, {config:?}"
                );
                for width in [config.n_embd, config.n_ff, config.n_head * config.head_dim] {
                    assert!(width.is_multiple_of(WIDTH_UNIT), "{config:?}");
                }
            }
        }
    }

    #[test]
    fn little_ram_shortens_the_context_then_the_vocabulary() {
        let plenty = design(budget(512)).unwrap();
        let at = |context| ram_len(&plenty.with(|c| c.n_ctx = context));
        let less = design(Budget { ram: Some(at(80)), ..budget(512) }).unwrap();
        assert_eq!(less, plenty.with(|c| c.n_ctx = 80));
        let least = design(Budget { ram: Some(at(64) - 1), ..budget(512) }).unwrap();
        assert!(least.n_vocab < plenty.n_vocab && ram_len(&least) < at(64), "{least:?}");
        let error = design(Budget { ram: Some(1000), ..budget(512) }).unwrap_err();
        assert!(error.to_string().contains("more RAM"), "{error}");
        assert!(design(budget(8)).is_err());
    }

    #[test]
    fn presets_have_the_shapes_that_were_measured() {
        for (kib, [n_vocab, n_embd, n_layer, n_ff]) in [
            (128, [2048, 48, 3, 112]),
            (256, [4096, 64, 4, 96]),
            (512, [4096, 112, 4, 208]),
            (1024, [4096, 176, 5, 272]),
        ] {
            let sizes = Sizes { n_vocab, n_ctx: 128, n_layer, n_embd, n_ff };
            assert_eq!(design(budget(kib)).unwrap(), sizes.config(), "{kib} KiB");
        }
    }

    #[test]
    fn the_least_flash_and_the_most_hold_a_model() {
        assert!(design(Budget { flash: MIN_FLASH, ..budget(0) }).is_ok());
        assert!(design(Budget { flash: MIN_FLASH - 1, ..budget(0) }).is_err());
        for flash in [MAX_FLASH + 1, 4_000_000_000] {
            let error = design(Budget { flash, ..budget(0) }).unwrap_err().to_string();
            assert!(error.contains("at most 64 MiB"), "{error}");
        }
    }
}
