//! Loss of a model over a whole token stream.

use anyhow::{Result, ensure};

use super::windows::{group_len, windows};
use crate::network::activations::Activations;
use crate::network::dropout::Dropout;
use crate::network::forward::{Pass, check_vocabulary};
use crate::network::loss::{IGNORED, Targets, cross_entropy};
use crate::network::params::Layout;
use crate::parallel;
use crate::weights::Weights;

const NATS_PER_BIT: f64 = std::f64::consts::LN_2;

/// Loss of a stream, each token counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StreamLoss {
    /// Sum of the losses in nats.
    pub nats: f64,
    /// Scored tokens: all but the first, which has nothing before it, or those that were asked for.
    pub tokens: usize,
}

impl StreamLoss {
    /// Mean loss per token in nats.
    pub fn per_token(&self) -> f64 {
        self.nats / self.tokens.max(1) as f64
    }

    /// Bits per byte of a text whose scored tokens stand for `bytes` bytes.
    pub fn bits_per_byte(&self, bytes: u64) -> f64 {
        self.nats / NATS_PER_BIT / bytes.max(1) as f64
    }
}

/// Scores every token of `tokens` but the first exactly once, in windows of `context`
/// tokens that advance by `stride` (so each token sees at least `context − stride` tokens
/// before it, as far as there are any).
///
/// # Errors
/// When there are fewer than two tokens, one is not in the vocabulary, `stride` is 0 or
/// larger than `context`, `context` exceeds the model's, or the weights do not fit their
/// configuration.
pub fn evaluate(weights: &Weights, tokens: &[u16], context: usize, stride: usize) -> Result<StreamLoss> {
    evaluate_some(weights, tokens, None, (context, stride))
}

/// Evaluates like [`evaluate`], but counts only tokens whose entry of `counts` is not 0, if it is given.
///
/// # Errors
/// As [`evaluate`]; and when there are not as many entries as tokens.
pub fn evaluate_some(
    weights: &Weights,
    tokens: &[u16],
    counts: Option<&[f32]>,
    (context, stride): (usize, usize),
) -> Result<StreamLoss> {
    ensure!(counts.is_none_or(|counts| counts.len() == tokens.len()), "a weight for each token is needed");
    let config = &weights.config;
    ensure!(tokens.len() > 1, "a loss needs at least two tokens of text");
    ensure!(
        (1..=config.n_ctx).contains(&context) && (1..=context).contains(&stride),
        "need 1 <= stride <= context <= {}, not stride {stride} and context {context}",
        config.n_ctx
    );
    check_vocabulary(tokens, config.n_vocab)?;
    let layout = Layout::new(config)?;
    let params = layout.flatten(weights)?;
    let pass = Pass { layout: &layout, params: &params, dropout: Dropout::default() };
    let windows = windows(tokens.len() - 1, context, stride);
    let len = context.min(tokens.len() - 1);
    let group = group_len(windows.len(), len);
    let n_groups = windows.len().div_ceil(group);
    let mut nats = vec![0.0; n_groups];
    let mut workers: Vec<_> =
        (0..parallel::n_workspaces(n_groups)).map(|_| Activations::new(config, group, len)).collect();
    let tasks = windows.chunks(group).zip(&mut nats);
    parallel::for_each(&mut workers, tasks, |acts, (windows, nats)| {
        *nats = group_loss(pass, acts, (tokens, counts), windows);
    });
    let scored = counts.map_or(tokens.len() - 1, |counts| counts[1..].iter().filter(|&&count| count != 0.0).count());
    Ok(StreamLoss { nats: nats.iter().sum(), tokens: scored })
}

fn group_loss(
    pass: Pass,
    acts: &mut Activations,
    (tokens, counts): (&[u16], Option<&[f32]>),
    windows: &[(usize, usize)],
) -> f64 {
    let len = acts.seq_len();
    let (mut inputs, mut targets) = (Vec::new(), Vec::new());
    for &(start, first_scored) in windows {
        inputs.extend_from_slice(&tokens[start..start + len]);
        targets.extend(std::iter::repeat_n(IGNORED, first_scored - start));
        let scored = first_scored + 1..=start + len;
        let target = |i: usize| if counts.is_none_or(|counts| counts[i] != 0.0) { tokens[i] } else { IGNORED };
        targets.extend(scored.map(target));
    }
    pass.forward(&inputs, acts);
    let logits = acts.logits_mut(inputs.len(), pass.layout.config.n_vocab);
    cross_entropy(logits, Targets::alike(&targets), 0.0).targets
}
