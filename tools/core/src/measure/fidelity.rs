//! How faithful a blob, as the device runs it, is to the checkpoint that it was made from, in f32.
//!
//! A text is read in the windows of [`bits_per_byte`](super::bits_per_byte), by both.

use anyhow::{Result, ensure};
use embedded_gpt::{Logits, Model, Sampler, Session, TokenId, Vocab};
use rayon::prelude::*;

use super::bits_per_byte::{check_length, for_each_prediction};
use super::divergence;
use super::evaluate::StreamLoss;
use super::token_stream::TokenStream;
use super::windows::windows;
use crate::blob_file::BlobFile;
use crate::checkpoint::Checkpoint;
use crate::network::activations::Activations;
use crate::network::dropout::Dropout;
use crate::network::forward::{Pass, check_vocabulary};
use crate::network::params::Layout;
use crate::progress::Progress;
use crate::reference::{Reference, argmax, surprisal};
use crate::session_memory::SessionMemory;
use crate::tokenizer::vocab_section;
use crate::weights::Weights;

/// How a blob's predictions of a text compare with those of its checkpoint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fidelity {
    /// Bits that the checkpoint needs per byte of the text.
    pub bits_per_byte_reference: f64,
    /// Bits that the blob needs per byte of the text.
    pub bits_per_byte_blob: f64,
    /// Mean Kullback–Leibler divergence of the blob's predictions from the checkpoint's, in nats per token.
    pub mean_kl: f64,
    /// Share of tokens for which both have the same first choice.
    pub top1_agreement: f64,
    /// Tokens scored.
    pub n_tokens: usize,
}

/// Sums over the tokens of a window.
#[derive(Clone, Copy, Default)]
struct Sums {
    reference: f64,
    blob: f64,
    kl: f64,
    agreed: usize,
}

impl Sums {
    fn add(&mut self, reference: &[f32], blob: &[f32], token: TokenId) {
        self.reference += surprisal(reference, token);
        self.blob += surprisal(blob, token);
        self.kl += divergence::of_logits(reference, blob);
        self.agreed += usize::from(argmax(reference) == argmax(blob));
    }

    fn plus(self, other: Self) -> Self {
        Self {
            reference: self.reference + other.reference,
            blob: self.blob + other.blob,
            kl: self.kl + other.kl,
            agreed: self.agreed + other.agreed,
        }
    }

    fn means(self, n_tokens: usize, n_bytes: usize) -> Fidelity {
        let bits_per_byte = |nats| StreamLoss { nats, tokens: n_tokens }.bits_per_byte(n_bytes as u64);
        Fidelity {
            bits_per_byte_reference: bits_per_byte(self.reference),
            bits_per_byte_blob: bits_per_byte(self.blob),
            mean_kl: self.kl / n_tokens as f64,
            top1_agreement: self.agreed as f64 / n_tokens as f64,
            n_tokens,
        }
    }
}

impl Fidelity {
    /// Compares a blob with its checkpoint on a text.
    ///
    /// # Errors
    /// If the blob is of another shape than the checkpoint or encodes the text otherwise, the text has fewer than two
    /// tokens, or the checkpoint's tokenizer cannot be carried to a device.
    pub fn on_text(checkpoint: &Checkpoint, model: &Model<'_>, text: &str) -> Result<Self> {
        let Checkpoint { weights, special, tokenizer } = checkpoint;
        check_shape(weights, model)?;
        let stream = TokenStream::new(text, &model.vocab());
        if let Some(tokenizer) = tokenizer {
            let n_vocab = weights.config.n_vocab;
            let section = BlobFile::new(&vocab_section(tokenizer, n_vocab, *special)?);
            let own = TokenStream::new(text, &Vocab::parse(section.bytes(), n_vocab)?);
            ensure!(own == stream, "the blob encodes the text otherwise than the checkpoint's tokenizer: {OTHER}");
        }
        Self::on_tokens(weights, model, &stream)
    }

    /// Compares a blob with its checkpoint on a text in tokens.
    ///
    /// # Errors
    /// If the blob is of another shape than the checkpoint, the text has fewer than two tokens or tokens that the model
    /// has not, or the weights do not fit their configuration.
    pub fn on_tokens(weights: &Weights, model: &Model<'_>, stream: &TokenStream) -> Result<Self> {
        check_shape(weights, model)?;
        check_length(stream)?;
        let config = model.config();
        check_vocabulary(&stream.tokens, config.n_vocab)?;
        let reference = Exact::new(weights)?;
        let n_targets = stream.tokens.len() - 1;
        let context = config.n_ctx.min(n_targets);
        let windows = windows(n_targets, context, context.div_ceil(2));
        let progress = Progress::new("blob and checkpoint compared", n_targets);
        let memory = || SessionMemory::new(config, Some(context));
        let compare = |memory: &mut SessionMemory, (start, first_scored): (usize, usize)| {
            let (tokens, n_known) = (&stream.tokens[start..=start + context], first_scored - start);
            let sums = compare_window(&reference, &mut memory.session(model)?, tokens, n_known);
            progress.advance(context - n_known);
            sums
        };
        // Added up in the order of the text, whichever thread has read what.
        let sums: Vec<Sums> = windows.into_par_iter().map_init(memory, compare).collect::<Result<_>>()?;
        Ok(sums.into_iter().fold(Sums::default(), Sums::plus).means(n_targets, stream.n_bytes))
    }
}

/// Compares the predictions of `tokens[n_known + 1..]`, from an empty session.
fn compare_window(
    reference: &Exact<'_>,
    session: &mut Session<'_>,
    tokens: &[TokenId],
    n_known: usize,
) -> Result<Sums> {
    let logits = reference.logits(&tokens[..tokens.len() - 1]);
    let (mut sums, mut row) = (Sums::default(), n_known);
    for_each_prediction(session, tokens, n_known, |blob, token| {
        sums.add(&logits[row * blob.len()..][..blob.len()], blob, token);
        row += 1;
    })?;
    Ok(sums)
}

const OTHER: &str = "it was made from another checkpoint";

fn check_shape(weights: &Weights, model: &Model<'_>) -> Result<()> {
    let (blob, checkpoint) = (model.config(), &weights.config);
    let (n_vocab, expected) = (blob.n_vocab, checkpoint.n_vocab);
    ensure!(n_vocab == expected, "the blob has {n_vocab} tokens and the checkpoint {expected}: {OTHER}");
    ensure!(blob == checkpoint, "the blob has another shape than the checkpoint: {OTHER}; {blob:?}, {checkpoint:?}");
    Ok(())
}

/// The checkpoint's forward pass in f32.
struct Exact<'w> {
    weights: &'w Weights,
    /// `None` for a model that the network does not know: the slow reference does.
    network: Option<(Layout, Vec<f32>)>,
}

impl<'w> Exact<'w> {
    fn new(weights: &'w Weights) -> Result<Self> {
        let with_params = |layout: Layout| layout.flatten(weights).map(|params| (layout, params));
        Ok(Self { weights, network: Layout::new(&weights.config).ok().map(with_params).transpose()? })
    }

    /// Logits after each token, (tokens, n_vocab).
    fn logits(&self, tokens: &[TokenId]) -> Vec<f32> {
        let Some((layout, params)) = &self.network else {
            return Reference::new(self.weights).logits(tokens).concat();
        };
        let mut acts = Activations::new(&layout.config, 1, tokens.len());
        Pass { layout, params, dropout: Dropout::default() }.forward(tokens, &mut acts);
        acts.logits
    }
}

/// So many tokens that a checkpoint writes, drawn from its own probabilities: text of its language, whatever that is.
pub fn written(weights: &Weights, vocab: &Vocab<'_>, n_tokens: usize) -> TokenStream {
    let mut reference = Reference::new(weights);
    let mut sampler = Sampler::new(1.0, 1);
    let mut tokens = vec![vocab.end_of_text().or(vocab.bos()).unwrap_or_default()];
    for at in 0..n_tokens {
        if reference.position() == weights.config.n_ctx {
            reference.clear();
        }
        let logits = reference.step(tokens[at]).iter().map(|&logit| (logit * Logits::ONE as f32) as i32);
        tokens.push(sampler.pick(Logits::new(&logits.collect::<Vec<_>>())));
    }
    let n_bytes = tokens[1..].iter().map(|&token| vocab.token_len(token)).sum();
    TokenStream { tokens, n_bytes }
}
