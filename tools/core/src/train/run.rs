//! The training loop.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::settings::crosses;
use super::state::TrainingState;
use super::step::{Batch, Learner, OptimizerState, StepReport};
use super::windows::{Batches, DataPosition, Tail, Windows};
use super::{Event, HistoryPoint, Outcome, Start, TrainConfig, TrainData};
use crate::measure::{StreamLoss, evaluate_some};
use crate::network::dropout::Dropout;
use crate::quantize::{Quant, equalized, is_quantized, quantized};
use crate::weights::Weights;

/// Points of a training's history, about; validations are among them.
const CURVE_POINTS: u32 = 200;
/// No more time than this is lost when a training is killed.
const SAVE_EVERY: Duration = Duration::from_secs(180);

/// Writes a model's files into a directory.
pub type SaveModel<'a> = dyn Fn(&Weights, &Path) -> Result<()> + 'a;

/// The weights that a training with rounded ones begins with: rounded with care for some of the text. Those for
/// eight bits, which cost nothing, and rounded ones stay.
fn first_quantized(weights: &Weights, quant: Option<Quant>, text: &[u16]) -> Result<Weights> {
    match quant.filter(|&quant| quant.learns_scales() && !is_quantized(weights, quant)) {
        Some(quant) => quantized(weights, quant, text),
        None => Ok(equalized(weights)),
    }
}

/// Time spent on a training, earlier sessions included.
struct Clock {
    started: Instant,
    before: f64,
}

impl Clock {
    fn new(before: f64) -> Self {
        Self { started: Instant::now(), before }
    }

    fn seconds(&self) -> f64 {
        self.before + self.started.elapsed().as_secs_f64()
    }
}

/// A training that can begin: data, settings and the earlier training have been checked.
#[derive(Debug)]
pub struct Training<'a> {
    config: &'a TrainConfig,
    data: TrainData<'a>,
    windows: Windows<'a>,
    batches: Batches,
    learner: Learner,
    history: Vec<HistoryPoint>,
    seconds: f64,
    steps_before: u64,
    smoothed_loss: Option<f64>,
    /// Whether weights have ever been rounded.
    has_quantized: bool,
    last_saved: Instant,
    /// Time between checkpoints, at most.
    pub(super) save_every: Duration,
}

impl<'a> Training<'a> {
    /// Checks what can be checked, and writes nothing.
    ///
    /// # Errors
    /// When the data is too short, the settings do not fit the model, or what is resumed was begun with others.
    pub fn new(config: &'a TrainConfig, start: Start, data: TrainData<'a>) -> Result<Self> {
        config.check()?;
        if let Some(weights) = data.weights {
            let fits = weights.train.len() == data.train.len() && weights.valid.len() == data.valid.len();
            ensure!(fits, "a weight for each token is needed");
        }
        let taught = data.soft_targets.map(<[_]>::len);
        ensure!(taught.is_none_or(|len| len == data.train.len()), "a soft_target for each token is needed");
        let windows =
            Windows::new(data.train, config.context, config.stride).context("the training text is too short")?;
        let (model, optimizer, position, seconds, history, has_quantized) = match start {
            Start::Fresh(weights) => {
                let optimizer = OptimizerState::new(&weights)?;
                let position = DataPosition::default();
                (weights.config, optimizer, position, 0.0, Vec::new(), false)
            }
            Start::Resume { model, state } => {
                config.check_resumed(&state.config)?;
                let (seconds, history) = (state.seconds, state.history);
                (model, state.optimizer, state.data, seconds, history, state.has_quantized)
            }
        };
        let shape = (config.batch, config.context);
        let mut learner = Learner::new(&model, optimizer, config.adamw, shape)?;
        learner.set_spellings(data.spellings.cloned().unwrap_or_default())?;
        let seed = Some(config.seed);
        let batches = Batches::new(windows.count(), config.batch, seed, Tail::Drop, position)?;
        Ok(Self {
            config,
            data,
            windows,
            batches,
            steps_before: learner.state().steps,
            learner,
            history,
            seconds,
            smoothed_loss: None,
            has_quantized,
            last_saved: Instant::now(),
            save_every: SAVE_EVERY,
        })
    }

    /// Trains the model and keeps its checkpoint in `dir`, which is there already, up to date.
    ///
    /// A checkpoint is `save_model`'s files, `training_state.safetensors` and `history.json`; it is written at every
    /// validation, every few minutes, at the end, and when `stop` is set. With [`Budget::Steps`](super::Budget::Steps)
    /// a stopped and resumed training ends with the same weights as one that ran through.
    ///
    /// # Errors
    /// When the data is not of the model's vocabulary, the loss stops being a number, or `dir` cannot be written.
    pub fn run(
        mut self,
        dir: &Path,
        save_model: &SaveModel,
        stop: &AtomicBool,
        observe: &mut dyn FnMut(&Event),
    ) -> Result<Outcome> {
        let clock = Clock::new(self.seconds);
        let finished = self.until_done(&clock, stop, observe, &|training| training.save(dir, &clock, save_model))?;
        observe(if finished { &Event::Finished } else { &Event::Interrupted });
        Ok(Outcome {
            weights: self.learner.weights(),
            steps: self.learner.state().steps,
            seconds: clock.seconds(),
            history: self.history,
            finished,
        })
    }

    /// Steps until the budget is used up (`true`) or `stop` is set; ends with a checkpoint.
    fn until_done(
        &mut self,
        clock: &Clock,
        stop: &AtomicBool,
        observe: &mut dyn FnMut(&Event),
        save: &dyn Fn(&Self) -> Result<()>,
    ) -> Result<bool> {
        let budget = self.config.budget;
        let mut done = budget.share(self.learner.state().steps, clock.seconds());
        self.quantize_from(done)?;
        if done >= 1.0 {
            save(self)?; // what was resumed may lack the model's files
        }
        while done < 1.0 {
            if stop.load(Ordering::Relaxed) {
                save(self)?;
                return Ok(false);
            }
            self.quantize_from(done)?;
            let point = self.step(clock)?;
            let before = std::mem::replace(&mut done, budget.share(point.step, point.seconds));
            let tokens_per_second = self.rate(clock);
            observe(&Event::Step { point, progress: done.min(1.0), tokens_per_second });
            let is_measured = done >= 1.0 || self.config.validates_between(before, done);
            if is_measured {
                observe(&Event::Validated(self.validate(point)?));
            } else if crosses(before, done, CURVE_POINTS) {
                self.history.push(point);
            }
            if is_measured || self.last_saved.elapsed() >= self.save_every {
                save(self)?;
                self.last_saved = Instant::now();
                observe(&Event::Saved { step: point.step });
            }
        }
        Ok(true)
    }

    /// Computes with rounded weights if it is time for that.
    fn quantize_from(&mut self, done: f64) -> Result<()> {
        let quant = self.config.quant.filter(|_| done >= 1.0 - self.config.quant_share);
        if quant.is_some() == self.learner.is_quantizing() {
            return Ok(());
        }
        if !self.has_quantized {
            // The exporter does it to models whose weights are not rounded yet.
            let first = first_quantized(&self.learner.weights(), quant, self.data.train)?;
            self.learner.transform(|weights| *weights = first)?;
            self.has_quantized = true;
        }
        self.learner.set_quantization(quant);
        Ok(())
    }

    fn step(&mut self, clock: &Clock) -> Result<HistoryPoint> {
        let batch = self.next_batch();
        let number = self.learner.state().steps + 1;
        // A step counts as done for its own rate, so that warm-up does not start at 0
        // and the last step has the floor.
        let progress = self.config.budget.share(number, clock.seconds());
        let learning_rate = self.config.learning_rate(progress);
        let dropout =
            Dropout { rate: self.config.dropout, key: self.config.seed ^ number.wrapping_mul(0xd6e8_feb8_6659_fd93) };
        let StepReport { loss, .. } = self.learner.step(&batch, learning_rate, dropout)?;
        let smoothed = self.smoothed_loss.map_or(loss, |s| 0.95 * s + 0.05 * loss);
        self.smoothed_loss = Some(smoothed);
        Ok(HistoryPoint {
            step: number,
            tokens: number * batch.inputs.len() as u64,
            seconds: clock.seconds(),
            train_loss: smoothed,
            learning_rate,
            valid_loss: None,
            valid_bits_per_byte: None,
        })
    }

    fn next_batch(&mut self) -> Batch {
        let teacher_share = self.config.teacher_share;
        let mut batch = Batch { len: self.config.context, teacher_share, ..Batch::default() };
        let windows = self.batches.next_batch().to_vec();
        let weights = self.data.weights.map(|weights| weights.train);
        let shift = if weights.is_some() { 0 } else { self.batches.shift(self.config.stride) };
        for window in windows {
            let (inputs, targets) = self.windows.shifted(window, shift);
            batch.inputs.extend_from_slice(inputs);
            batch.targets.extend_from_slice(targets);
            let first = self.windows.start(window, shift) + 1;
            let scored = first..first + targets.len();
            if let Some(weights) = weights {
                batch.weights.get_or_insert_default().extend_from_slice(&weights[scored.clone()]);
            }
            if let Some(soft_targets) = self.data.soft_targets {
                batch.soft_targets.extend_from_slice(&soft_targets[scored]);
            }
        }
        batch
    }

    /// Tokens per second since this process began or resumed.
    fn rate(&self, clock: &Clock) -> f64 {
        let steps = self.learner.state().steps - self.steps_before;
        let tokens = steps * (self.config.batch * self.config.context) as u64;
        tokens as f64 / clock.started.elapsed().as_secs_f64()
    }

    /// Measures the validation loss and notes it in the history.
    fn validate(&mut self, mut point: HistoryPoint) -> Result<HistoryPoint> {
        let limit = self.config.valid_tokens.min(self.data.valid.len());
        let valid = &self.data.valid[..limit];
        if valid.len() > 1 {
            let context = self.config.context;
            let weights = self.learner.weights();
            let counts = self.data.weights.map(|weights| &weights.valid[..limit]);
            let loss: StreamLoss = evaluate_some(&weights, valid, counts, (context, context))?;
            point.valid_loss = Some(loss.per_token());
            let scored = (1..limit).filter(|&i| counts.is_none_or(|counts| counts[i] != 0.0));
            point.valid_bits_per_byte = self
                .data
                .token_bytes
                .map(|bytes| scored.map(|i| u64::from(bytes[usize::from(valid[i])])).sum())
                .map(|bytes| loss.bits_per_byte(bytes));
        }
        self.history.push(point);
        Ok(point)
    }

    fn save(&self, dir: &Path, clock: &Clock, save_model: &SaveModel) -> Result<()> {
        // The state first: where the disk is full after it, there is something to resume.
        TrainingState {
            config: self.config.clone(),
            optimizer: self.learner.state().clone(),
            data: self.batches.position(),
            seconds: clock.seconds(),
            history: self.history.clone(),
            has_quantized: self.has_quantized,
        }
        .save(dir)?;
        save_model(&self.learner.weights(), dir).context("cannot save the model")
    }
}
