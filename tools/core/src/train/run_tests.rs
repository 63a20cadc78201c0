//! Whole trainings of tiny models.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use embedded_gpt::Config;
use embedded_gpt::config::Shape;

use super::scales::LearnedScales;
use super::schedule::Schedule;
use super::*;
use crate::measure::evaluate;
use crate::network::forward;
use crate::network::params::Layout;
use crate::quantize::Quant;
use crate::reference::Reference;
use crate::weights::random::{gpt2_config, llama_config};

const TINY: Config = {
    let mut config = Config::llama(Shape { n_vocab: 32, n_ctx: 16, n_layer: 2, n_head: 4, n_embd: 32 });
    (config.n_kv_head, config.n_ff, config.tied) = (2, 64, true);
    config
};

/// Text of 26 letters and spaces as tokens 1 to 27, ended by 0.
fn tokens() -> Vec<u16> {
    let text = "the quick brown fox jumps over the lazy dog while five boxing wizards pack jugs";
    let token = |b: u8| {
        if b == b' ' { 27 } else { u16::from(b - b'a') + 1 }
    };
    text.bytes().map(token).chain([0]).collect()
}

fn settings(steps: u64) -> TrainConfig {
    TrainConfig {
        context: 16,
        stride: 4,
        batch: 6,
        budget: Budget::Steps(steps),
        schedule: Schedule { peak: 1e-2, ..Schedule::default() },
        validations: 2,
        ..TrainConfig::default()
    }
}

fn ignore_model(_: &Weights, _: &Path) -> Result<()> {
    Ok(())
}

/// Trains on the text, stopping after `stop_at` updates where given.
fn train(config: &TrainConfig, start: Start, dir: &Path, stop_at: Option<u64>) -> Outcome {
    train_sharing(None, config, start, dir, stop_at)
}

/// Trains on the text with spellings that learn from each other, stopping after `stop_at` updates where given.
fn train_sharing(
    spellings: Option<&Spellings>,
    config: &TrainConfig,
    start: Start,
    dir: &Path,
    stop_at: Option<u64>,
) -> Outcome {
    let tokens = tokens();
    let data = TrainData {
        train: &tokens,
        valid: &tokens,
        token_bytes: Some(&[1; 32]),
        spellings,
        weights: None,
        soft_targets: None,
    };
    let stop = AtomicBool::new(false);
    let mut observe = |event: &Event| {
        if let Event::Step { point, .. } = event {
            stop.store(Some(point.step) == stop_at, Ordering::Relaxed);
        }
    };
    let training = Training::new(config, start, data).unwrap();
    training.run(dir, &ignore_model, &stop, &mut observe).unwrap()
}

fn fresh() -> Start {
    Start::Fresh(random_weights(&TINY, 4).unwrap())
}

#[test]
fn overfits_a_tiny_text() {
    let dir = tempfile::tempdir().unwrap();
    let outcome = train(&settings(200), fresh(), dir.path(), None);
    assert!(outcome.finished);
    let last = outcome.history.last().unwrap();
    assert_eq!(last.step, 200);
    assert!((190..=200).contains(&outcome.history.len()), "{} points", outcome.history.len());
    let validated: Vec<_> = outcome.history.iter().filter(|p| p.valid_loss.is_some()).map(|p| p.step).collect();
    assert_eq!(validated, [100, 200]);
    assert!(last.train_loss < 0.2, "{last:?}");
    let bits = last.valid_bits_per_byte.unwrap();
    assert!(bits < 1.0, "{bits}");
    let written = std::fs::read_to_string(dir.path().join("history.json")).unwrap();
    let read: Vec<HistoryPoint> = serde_json::from_str(&written).unwrap();
    assert_eq!(read, outcome.history);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let with_threads = |n| {
        let config = TrainConfig { dropout: 0.1, ..settings(5) };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
        pool.install(|| train(&config, fresh(), dir.path(), None).weights)
    };
    let one = with_threads(1);
    assert_eq!(one, with_threads(2));
    assert_eq!(one, with_threads(5));
    assert_ne!(one, random_weights(&TINY, 4).unwrap());
}

#[test]
fn a_resumed_training_ends_with_the_same_weights() {
    let config = TrainConfig { dropout: 0.1, ..settings(12) };
    let (through_dir, stopped_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let spellings = Spellings::new(vec![vec![1, 3], vec![2, 4, 5]]);
    let train = |start: Start, dir: &Path, stop_at| train_sharing(Some(&spellings), &config, start, dir, stop_at);
    let through = train(fresh(), through_dir.path(), None);

    let stopped = train(fresh(), stopped_dir.path(), Some(7));
    assert_eq!((stopped.finished, stopped.steps), (false, 7));
    let state = TrainingState::load(stopped_dir.path()).unwrap();
    let resumed = train(Start::Resume { model: TINY, state: Box::new(state) }, stopped_dir.path(), None);

    assert!(resumed.finished);
    assert_eq!(resumed.weights, through.weights);
    let steps = |outcome: &Outcome| outcome.history.iter().map(|p| p.step).collect::<Vec<_>>();
    assert_eq!(steps(&resumed), steps(&through));
}

#[test]
fn a_model_that_cannot_be_saved_leaves_a_state_to_go_on_from() {
    let config = settings(12);
    let dir = tempfile::tempdir().unwrap();
    let through = train(&config, fresh(), dir.path(), None).weights;
    let tokens = tokens();
    let data = TrainData { train: &tokens, ..TrainData::default() };
    let never = AtomicBool::new(false);
    let training = Training::new(&config, fresh(), data).unwrap();
    assert!(training.run(dir.path(), &|_, _| bail!("the disk is full"), &never, &mut |_| {}).is_err());
    let state = TrainingState::load(dir.path()).unwrap();
    assert_eq!(state.optimizer.steps, 6);
    let resumed = train(&config, Start::Resume { model: TINY, state: Box::new(state) }, dir.path(), None);
    assert_eq!(resumed.weights, through);
}

#[test]
fn checkpoints_are_written_by_time_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let config = settings(5);
    let tokens = tokens();
    let data = TrainData { train: &tokens, ..TrainData::default() };
    let never = AtomicBool::new(false);
    let saved_after = |save_every| {
        let mut steps = Vec::new();
        let mut observe = |event: &Event| {
            if let Event::Saved { step } = event {
                steps.push(*step);
            }
        };
        let mut training = Training::new(&config, fresh(), data).unwrap();
        training.save_every = save_every;
        training.run(dir.path(), &ignore_model, &never, &mut observe).unwrap();
        steps
    };
    assert_eq!(saved_after(Duration::from_secs(60)), [3, 5]);
    assert_eq!(saved_after(Duration::ZERO), [1, 2, 3, 4, 5]);
}

#[test]
fn a_resumed_training_keeps_its_settings() {
    let dir = tempfile::tempdir().unwrap();
    train(&settings(1), fresh(), dir.path(), None);
    let state = TrainingState::load(dir.path()).unwrap();
    let tokens = tokens();
    let data =
        TrainData { train: &tokens, valid: &[], token_bytes: None, spellings: None, weights: None, soft_targets: None };
    for (config, expected) in [
        (TrainConfig { batch: 5, ..settings(2) }, "begun with --batch 6 and cannot go on with --batch 5"),
        (TrainConfig { dropout: 0.5, ..settings(2) }, "begun with --dropout 0 and cannot go on with --dropout 0.5"),
        (
            TrainConfig { quant: Some(Quant::Q4), quant_share: 0.3, ..settings(2) },
            "begun with no --quant and cannot go on with --quant q4 --quant-share 0.3",
        ),
    ] {
        let start = Start::Resume { model: TINY, state: Box::new(state.clone()) };
        let error = Training::new(&config, start, data).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn only_what_weighs_something_is_learned() {
    let dir = tempfile::tempdir().unwrap();
    // After 1 comes 2 where it counts, and 3 where it does not.
    let tokens: Vec<u16> = [0, 1, 2, 0, 1, 3].repeat(40);
    let weights: Vec<f32> = [0., 0., 1., 0., 0., 0.].repeat(40);
    let both = TargetWeights { train: &weights, valid: &weights };
    let data = TrainData {
        train: &tokens,
        valid: &tokens,
        token_bytes: Some(&[1; 32]),
        spellings: None,
        weights: Some(both),
        soft_targets: None,
    };
    let never = AtomicBool::new(false);
    let config = settings(40);
    let training = Training::new(&config, fresh(), data).unwrap();
    let outcome = training.run(dir.path(), &ignore_model, &never, &mut |_| {}).unwrap();
    let last = outcome.history.last().unwrap();
    assert!(last.valid_loss.unwrap() < 0.05, "{last:?}");
    assert!(last.valid_bits_per_byte.unwrap() < 0.08, "{last:?}");
    let all = evaluate(&outcome.weights, &tokens, 16, 16).unwrap();
    assert!(all.per_token() > 1.0, "{all:?}");
    let short = TargetWeights { train: &weights[1..], valid: &weights };
    let data = TrainData { weights: Some(short), ..data };
    assert!(Training::new(&config, fresh(), data).is_err());
}

#[test]
fn a_teacher_is_enough_to_learn_from() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let teacher = train(&settings(200), fresh(), dirs[0].path(), None).weights;
    let tokens = tokens();
    let soft_targets = soft_targets(&[teacher], &tokens).unwrap();
    // With a share of 1 the text's own tokens are no targets: all there is to learn comes from the soft targets.
    let learn = |share| {
        let config = TrainConfig { teacher_share: share, ..settings(200) };
        let data = TrainData {
            train: &tokens,
            valid: &[],
            token_bytes: None,
            spellings: None,
            weights: None,
            soft_targets: Some(&soft_targets),
        };
        let never = AtomicBool::new(false);
        let start = Start::Fresh(random_weights(&TINY, 9).unwrap());
        let training = Training::new(&config, start, data)?;
        training.run(dirs[1].path(), &ignore_model, &never, &mut |_| {}).map(|outcome| outcome.weights)
    };
    let learner = learn(1.0).unwrap();
    assert!(loss(&learner) < 0.3, "{}", loss(&learner));
    assert!(learn(1.5).unwrap_err().to_string().contains("from 0 to 1"));
    let state = TrainingState::load(dirs[1].path()).unwrap();
    assert_eq!(state.config.teacher_share, 1.0);
}

/// Loss of a model on the text, in nats per token.
fn loss(weights: &Weights) -> f64 {
    evaluate(weights, &tokens(), 16, 16).unwrap().per_token()
}

/// What the exporter makes of the matrices.
fn quantized(weights: &Weights) -> Weights {
    let layout = Layout::new(&weights.config).unwrap();
    let params = layout.flatten(weights).unwrap();
    layout.unflatten(&fake_quant::FakeQuant::new(&layout, Quant::Q4).quantized(
        &layout,
        &params,
        &LearnedScales::default(),
    ))
}

#[test]
fn training_with_rounded_weights_beats_rounding_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let exact = train(&settings(240), fresh(), dir.path(), None).weights;
    let config = TrainConfig { quant: Some(Quant::Q4), quant_share: 0.5, ..settings(480) };
    let dir = tempfile::tempdir().unwrap();
    let outcome = train(&config, fresh(), dir.path(), None);
    // What it ends with is rounded already, and the loss it reports is that of the rounded model.
    assert_eq!(quantized(&outcome.weights), outcome.weights);
    let reported = outcome.history.last().unwrap().valid_loss.unwrap();
    assert!((reported - loss(&outcome.weights)).abs() < 1e-9);
    let (f32_loss, rounded_later) = (loss(&exact), loss(&quantized(&exact)));
    assert!(reported < rounded_later, "f32 {f32_loss}, trained {reported}, rounded {rounded_later}");
}

#[test]
fn rounding_goes_on_where_it_stopped() {
    let config = TrainConfig { quant: Some(Quant::Q4), quant_share: 0.75, ..settings(12) };
    let (through_dir, stopped_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let through = train(&config, fresh(), through_dir.path(), None);
    train(&config, fresh(), stopped_dir.path(), Some(7));
    let state = TrainingState::load(stopped_dir.path()).unwrap();
    assert!(state.has_quantized);
    let resumed = train(&config, Start::Resume { model: TINY, state: Box::new(state) }, stopped_dir.path(), None);
    assert_eq!(resumed.weights, through.weights);
}

#[test]
fn time_budgets_end_at_the_floor() {
    let dir = tempfile::tempdir().unwrap();
    let config = TrainConfig { budget: Budget::Minutes(0.002), ..settings(1) };
    let outcome = train(&config, fresh(), dir.path(), None);
    assert!(outcome.finished && outcome.seconds >= 0.12);
}

#[test]
fn stray_tokens_and_short_texts_are_refused() {
    let weights = random_weights(&TINY, 4).unwrap();
    let error = forward::logits(&weights, &[1, 32]).unwrap_err();
    assert!(error.to_string().contains("token 32"), "{error}");
    assert!(forward::logits(&weights, &[1; 17]).is_err());
    assert!(evaluate(&weights, &[1], 16, 16).is_err());
    assert!(evaluate(&weights, &[1, 2, 3], 16, 0).is_err());
}

#[test]
fn stream_loss_is_the_mean_of_the_logits_losses() {
    let weights = random_weights(&TINY, 4).unwrap();
    let tokens = &tokens()[..15];
    let logits = forward::logits(&weights, &tokens[..14]).unwrap();
    let mut expected = 0.0;
    for (row, &target) in logits.chunks_exact(32).zip(&tokens[1..]) {
        let sum: f64 = row.iter().map(|&x| f64::from(x).exp()).sum();
        expected += sum.ln() - f64::from(row[usize::from(target)]);
    }
    let with_threads = |n| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
        pool.install(|| evaluate(&weights, tokens, 16, 8).unwrap())
    };
    let loss = with_threads(2);
    assert_eq!(loss.tokens, 14);
    assert!((loss.nats - expected).abs() < 1e-4, "{loss:?}");
    assert_eq!(loss, with_threads(1));
    assert_eq!(loss, with_threads(5));
}

/// The slow reference forward was written independently; it and the trainer must agree.
#[test]
fn logits_are_those_of_the_reference() {
    for config in [gpt2_config(), llama_config()] {
        let weights = Weights::random(config, 3);
        let tokens: Vec<u16> = (0..config.n_ctx.min(20)).map(|i| (i * 7 % config.n_vocab) as u16).collect();
        let given = forward::logits(&weights, &tokens).unwrap();
        let expected = Reference::new(&weights).logits(&tokens).concat();
        let largest = expected.iter().fold(0.0, |m: f32, x| m.max(x.abs()));
        for (given, expected) in given.iter().zip(&expected) {
            assert!((given - expected).abs() < 1e-5 * largest.max(1.0), "{given} {expected}");
        }
    }
}
