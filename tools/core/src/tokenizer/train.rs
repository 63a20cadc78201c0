//! Trains a byte-level BPE with the `tokenizers` crate.

use std::borrow::Cow;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use embedded_gpt::text::Language;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::{
    AddedToken, DecoderWrapper, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper, Tokenizer,
    TokenizerBuilder, TokenizerImpl,
};

use super::{END_OF_TEXT, Vocabulary, small_letters};
use crate::replace_file::replace_file;

/// Ids that are not merges: [`END_OF_TEXT`] and the bytes.
const FIRST_MERGE: usize = 257;

/// A tokenizer with a BPE inside.
pub(super) type ByteLevelTokenizer =
    TokenizerImpl<BPE, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

/// What to train.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrainSettings {
    /// Tokens in all: `<|endoftext|>`, 256 bytes, and merges.
    pub n_vocab: usize,
    /// Pairs that occur less often are not merged.
    pub min_frequency: u64,
    /// No token gets longer, in bytes.
    pub max_token_bytes: usize,
    /// By the rules of which language capitals become small letters; `None` if they stay.
    pub folded: Option<Language>,
}

impl Default for TrainSettings {
    fn default() -> Self {
        Self { n_vocab: 2048, min_frequency: 2, max_token_bytes: 32, folded: None }
    }
}

/// Trains on `texts` and writes a tokenizer.json that Hugging Face's libraries load:
/// `<|endoftext|>` has id 0, then come 256 bytes, then merges. The same texts and settings
/// give the same file. Returns the number of tokens, which is below `n_vocab` if the texts
/// have too few different words.
///
/// # Errors
/// If the settings are out of range, training fails, or the file cannot be written.
pub fn train<'t>(texts: impl Iterator<Item = &'t str> + Send, settings: TrainSettings, out: &Path) -> Result<usize> {
    ensure!(
        (FIRST_MERGE..=65_535).contains(&settings.n_vocab),
        "a vocabulary has {FIRST_MERGE} to 65,535 tokens, not {}",
        settings.n_vocab
    );
    ensure!((1..=64).contains(&settings.max_token_bytes), "the longest token has 1 to 64 bytes");
    let mut trainer = BpeTrainer::builder()
        .vocab_size(settings.n_vocab)
        .show_progress(false)
        .min_frequency(settings.min_frequency)
        .max_token_length(Some(settings.max_token_bytes))
        .initial_alphabet(ByteLevel::alphabet().into_iter().collect())
        .special_tokens(vec![AddedToken::from(END_OF_TEXT, true)])
        .build();
    // Folded before: the normalizer of the file is slow.
    let mut tokenizer = byte_level_tokenizer(BPE::default(), None)?;
    let folded = texts.map(|text| match settings.folded {
        Some(language) => Cow::Owned(small_letters::fold(text, language)),
        None => Cow::Borrowed(text),
    });
    tokenizer.train(&mut trainer, folded).map_err(|error| anyhow!(error)).context("cannot train the tokenizer")?;
    tokenizer.with_normalizer(normalizer(settings.folded)?).map_err(|error| anyhow!(error))?;
    let json = tokenizer.to_string(true).map_err(|error| anyhow!(error))?;
    let n_vocab = tokenizer.get_vocab_size(true);
    Vocabulary::from_json(&serde_json::from_str(&json)?, n_vocab)?.section(n_vocab)?;
    replace_file(out, json.as_bytes()).with_context(|| format!("cannot write {}", out.display()))?;
    Ok(n_vocab)
}

/// GPT-2's way with text around these merges, as Hugging Face's libraries have it; in the small letters of a
/// language if it is `folded`.
pub(super) fn byte_level_tokenizer(model: BPE, folded: Option<Language>) -> Result<ByteLevelTokenizer> {
    let byte_level = ByteLevel::new(false, true, true);
    TokenizerBuilder::new()
        .with_model(model)
        .with_normalizer(normalizer(folded)?)
        .with_pre_tokenizer(Some(byte_level.into()))
        .with_post_processor(Some(byte_level.into()))
        .with_decoder(Some(byte_level.into()))
        .build()
        .map_err(|error| anyhow!(error))
}

fn normalizer(folded: Option<Language>) -> Result<Option<NormalizerWrapper>> {
    folded.map(small_letters::normalizer).transpose().map_err(|error| anyhow!(error))
}

/// Tokens in a tokenizer.json that [`train`] wrote.
///
/// # Errors
/// If the file cannot be read.
pub fn n_vocab(path: &Path) -> Result<usize> {
    let tokenizer = Tokenizer::from_file(path)
        .map_err(|error| anyhow!(error))
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(tokenizer.get_vocab_size(true))
}
