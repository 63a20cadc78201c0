//! What pairs and labelled texts share: the held-out part, old text among the examples, and what is forgotten of it.

use anyhow::{Result, ensure};
use egpt_core::measure::evaluate_some;
use egpt_core::task::{Example, mix, pack, shuffled};
use egpt_core::train::{Outcome, TargetWeights, TrainData};
use egpt_core::weights::Weights;
use embedded_gpt::{TokenId, Vocab};

use super::{Base, Text};

/// Examples to learn from and to measure with, in tokens.
pub(super) struct Examples {
    pub train: Vec<Example>,
    pub held_out: Vec<Example>,
}

/// How a training on examples went.
pub(super) struct Learned {
    pub outcome: Outcome,
    /// Nats per answer's token of the held-out examples, before and after; `None` if there are none.
    pub loss: Option<[f64; 2]>,
    /// Bits per byte of the old text's held-out part, before and after.
    pub old: Option<(String, [f64; 2])>,
}

impl Base<'_> {
    /// Trains on examples, with old text among them.
    pub(super) fn learn(&self, vocab: &Vocab<'_>, examples: &Examples, with_bytes: bool) -> Result<Learned> {
        let args = self.args;
        ensure!(
            !examples.train.is_empty(),
            "nothing is left to learn from: give more examples or a smaller --held-out"
        );
        let n_ctx = self.checkpoint.weights.config.n_ctx;
        let filler: TokenId = vocab.end_of_text().or(vocab.bos()).unwrap_or(0);
        let old = self.replay(vocab)?;
        let before = old.as_ref().map_or(&[][..], |text| &text.train);
        let train = mix(&examples.train, before, args.replay_share.into(), n_ctx, filler, args.seed);
        let valid = pack(shuffled(&examples.held_out, args.seed).into_iter(), n_ctx, filler);
        let token_bytes = self.token_bytes(vocab);
        let data = TrainData {
            train: &train.tokens,
            valid: &valid.tokens,
            token_bytes: with_bytes.then_some(&token_bytes),
            weights: Some(TargetWeights { train: &train.weights, valid: &valid.weights }),
            ..TrainData::default()
        };
        let loss = |weights: &Weights| -> Result<f64> {
            let windows = (n_ctx, n_ctx);
            Ok(evaluate_some(weights, &valid.tokens, Some(&valid.weights), windows)?.per_token())
        };
        let forgotten = |text: &Text, weights: &Weights| text.bits_per_byte(weights, vocab);
        let both = |first: f64, last: f64| [first, last];
        let before = &self.checkpoint.weights;
        let measured = !examples.held_out.is_empty();
        let loss_before = measured.then(|| loss(before)).transpose()?;
        let old_before = old.as_ref().map(|text| forgotten(text, before)).transpose()?.flatten();
        let outcome = self.train(data)?;
        let loss_after = measured.then(|| loss(&outcome.weights)).transpose()?;
        let old_after = old.as_ref().map(|text| forgotten(text, &outcome.weights)).transpose()?.flatten();
        let old = old.and_then(|text| Some((text.name, both(old_before?, old_after?))));
        Ok(Learned { outcome, loss: loss_before.zip(loss_after).map(|(first, last)| both(first, last)), old })
    }
}
