//! How many bits a model needs per byte of a text, in f32 and as a blob.
//!
//! The text is read in windows of the context that overlap by half, so each token is scored
//! once, given at least half a context before it (as far as the text has so much).

use anyhow::{Result, ensure};
use embedded_gpt::{Logits, Model, Session};
use rayon::prelude::*;

use super::evaluate::{StreamLoss, evaluate};
use super::token_stream::TokenStream;
use super::windows::windows;
use crate::progress::Progress;
use crate::reference::surprisal;
use crate::session_memory::SessionMemory;
use crate::weights::Weights;

/// Loss of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextLoss {
    pub bits_per_byte: f64,
    /// Per token.
    pub perplexity: f64,
    /// Tokens scored.
    pub n_tokens: usize,
}

impl TextLoss {
    fn new(loss: StreamLoss, stream: &TokenStream) -> Self {
        Self {
            bits_per_byte: loss.bits_per_byte(stream.n_bytes as u64),
            perplexity: loss.per_token().exp(),
            n_tokens: loss.tokens,
        }
    }
}

/// Loss of f32 weights, with a context of `context` tokens.
///
/// # Errors
/// If the text has fewer than two tokens or tokens that the model has not, or the context is not
/// between 1 and the model's.
pub fn of_weights(weights: &Weights, stream: &TokenStream, context: usize) -> Result<TextLoss> {
    check_length(stream)?;
    let stride = context.div_ceil(2);
    Ok(TextLoss::new(evaluate(weights, &stream.tokens, context, stride)?, stream))
}

/// Loss of a blob as the device runs it, with a context of `context` tokens.
///
/// # Errors
/// As [`of_weights`].
pub fn of_blob(model: &Model<'_>, stream: &TokenStream, context: usize) -> Result<TextLoss> {
    check_length(stream)?;
    ensure!((1..=model.config().n_ctx).contains(&context), "the context must be 1 to {}", model.config().n_ctx);
    let n_targets = stream.tokens.len() - 1;
    let windows = windows(n_targets, context, context.div_ceil(2));
    let progress = Progress::new("bits per byte", n_targets);
    let memory = || SessionMemory::new(model.config(), Some(context));
    let score = |memory: &mut SessionMemory, (start, first_scored): (usize, usize)| -> Result<f64> {
        let end = (start + context).min(n_targets);
        let nats = window_nats(&mut memory.session(model)?, &stream.tokens[start..=end], first_scored - start);
        progress.advance(end - first_scored);
        nats
    };
    // Added up in the order of the text, whichever thread has read what.
    let nats: Vec<f64> = windows.into_par_iter().map_init(memory, score).collect::<Result<_>>()?;
    Ok(TextLoss::new(StreamLoss { nats: nats.iter().sum(), tokens: n_targets }, stream))
}

pub(super) fn check_length(stream: &TokenStream) -> Result<()> {
    ensure!(stream.tokens.len() > 1, "the text is too short: it must have at least two tokens");
    Ok(())
}

/// Loss in nats of `tokens[n_known + 1..]`, from an empty session.
fn window_nats(session: &mut Session<'_>, tokens: &[u16], n_known: usize) -> Result<f64> {
    let mut nats = 0.0;
    for_each_prediction(session, tokens, n_known, |scores, token| nats += surprisal(scores, token))?;
    Ok(nats)
}

/// Shows `visit` the logits for each of `tokens[n_known + 1..]` and the token, from an empty session.
pub(super) fn for_each_prediction(
    session: &mut Session<'_>,
    tokens: &[u16],
    n_known: usize,
    mut visit: impl FnMut(&[f32], u16),
) -> Result<()> {
    session.rewind(0)?;
    session.feed(&tokens[..n_known])?;
    let mut scores = Vec::new();
    for pair in tokens[n_known..].windows(2) {
        let logits = session.step(pair[0])?;
        scores.clear();
        scores.extend(logits.values().iter().map(|&value| value as f32 / Logits::ONE as f32));
        visit(&scores, pair[1]);
    }
    Ok(())
}
