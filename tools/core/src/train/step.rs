//! One optimizer step: gradients of a batch on all threads, clipping, AdamW.
//!
//! A batch is cut into shards with a gradient vector each (`shard.rs`), which are added up in their order. How many
//! follows from the batch alone, so the result does not depend on the number of threads.

use anyhow::{Result, ensure};
use embedded_gpt::Config;

use super::adamw::{AdamW, Stretch, Update};
use super::fake_quant::FakeQuant;
use super::muon::{self, HiddenMatrix};
use super::scales::{self, FakeQuantized, LearnedScales};
use super::spellings::{SharedMoments, Spellings};
use crate::network::activations::Activations;
use crate::network::dropout::Dropout;
use crate::network::forward::{Pass, check_vocabulary};
use crate::network::loss::{SoftTargets, Targets};
use crate::network::math::{self, vectorized};
use crate::network::norm::add;
use crate::network::params::Layout;
use crate::network::shard::{Shard, micro_batch, n_shards};
use crate::network::soft_targets::SoftTarget;
use crate::parallel;
use crate::quantize::Quant;
use crate::weights::Weights;

/// Parameters per task of the reduction and the update.
const STRETCH: usize = 1 << 15;

/// Sequences of one length with their targets.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// (n_seq, len)
    pub inputs: Vec<u16>,
    /// (n_seq, len); [`IGNORED`](crate::network::loss::IGNORED) is not scored.
    pub targets: Vec<u16>,
    /// (n_seq, len), how much each target counts; all alike if `None`.
    pub weights: Option<Vec<f32>>,
    /// (n_seq, len): what a teacher expects; empty without one.
    pub soft_targets: Vec<SoftTarget>,
    /// How much the teacher's word counts, 0 to 1.
    pub teacher_share: f32,
    /// Tokens per sequence.
    pub len: usize,
}

impl Batch {
    fn targets(&self) -> Targets<'_> {
        let soft_targets = SoftTargets { soft_targets: &self.soft_targets, share: self.teacher_share };
        Targets {
            tokens: &self.targets,
            weights: self.weights.as_deref(),
            soft_targets: (!self.soft_targets.is_empty()).then_some(soft_targets),
        }
    }
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Mean loss of the scored tokens, by their weights, before the update, in nats; what a teacher expects left out.
    pub loss: f64,
    /// Length of the gradient before clipping.
    pub gradient_norm: f64,
}

/// Parameters and AdamW moments, each as [`Layout`] places them.
#[derive(Clone, Debug, PartialEq)]
pub struct OptimizerState {
    /// Updates made so far.
    pub steps: u64,
    pub params: Vec<f32>,
    pub first_moment: Vec<f32>,
    pub second_moment: Vec<f32>,
    /// Moments of what the spellings of words share.
    pub shared: SharedMoments,
    /// While weights are rounded to four bits.
    pub scales: LearnedScales,
}

impl OptimizerState {
    /// The state before the first update of `weights`.
    ///
    /// # Errors
    /// When `weights` do not fit their configuration.
    pub fn new(weights: &Weights) -> Result<Self> {
        let params = Layout::new(&weights.config)?.flatten(weights)?;
        let zeros = vec![0.0; params.len()];
        Ok(Self {
            steps: 0,
            first_moment: zeros.clone(),
            second_moment: zeros,
            params,
            shared: SharedMoments::default(),
            scales: LearnedScales::default(),
        })
    }
}

/// A model in training, with the workers' buffers.
#[derive(Debug)]
pub struct Learner {
    layout: Layout,
    state: OptimizerState,
    adamw: AdamW,
    shards: Vec<Shard>,
    workers: Vec<Activations>,
    /// While weights are rounded.
    fake_quant: Option<FakeQuant>,
    spellings: Spellings,
}

impl Learner {
    /// A learner for batches of `batch` sequences of `context` tokens, going on from `state`.
    ///
    /// At most one thread per 512 tokens of a batch, and at most 8, find work.
    ///
    /// # Errors
    /// When `state` does not fit `config`, `context` is longer than the model's, or a
    /// count is 0.
    pub fn new(config: &Config, state: OptimizerState, adamw: AdamW, (batch, context): (usize, usize)) -> Result<Self> {
        ensure!(
            (1..=config.n_ctx).contains(&context),
            "a context of {context} tokens does not fit the model's {}",
            config.n_ctx
        );
        ensure!(batch > 0, "a batch has at least one sequence");
        let layout = Layout::new(config)?;
        for vector in [&state.params, &state.first_moment, &state.second_moment] {
            ensure!(
                vector.len() == layout.len,
                "the training state has {} parameters, the model {}",
                vector.len(),
                layout.len
            );
        }
        let n_shards = n_shards(batch, context);
        let micro = micro_batch(batch.div_ceil(n_shards), context);
        Ok(Self {
            adamw,
            shards: (0..n_shards).map(|_| Shard::new(layout.len)).collect(),
            workers: (0..parallel::n_workspaces(n_shards)).map(|_| Activations::new(config, micro, context)).collect(),
            state,
            layout,
            fake_quant: None,
            spellings: Spellings::default(),
        })
    }

    /// Computes with weights rounded to a format from now on, or with the exact ones again.
    ///
    /// Scales of a format that learns them are learned from then on, or go on where the state's stopped.
    pub fn set_quantization(&mut self, quant: Option<Quant>) {
        self.fake_quant = quant.map(|quant| FakeQuant::new(&self.layout, quant));
        let scales = &mut self.state.scales;
        match quant {
            Some(quant) if quant.learns_scales() && scales.fits(&self.layout) => {}
            Some(quant) if quant.learns_scales() => {
                *scales = LearnedScales::sought(&self.layout, &self.state.params, quant);
            }
            _ => *scales = LearnedScales::default(),
        }
    }

    /// Lets spellings of a word learn from each other from now on.
    ///
    /// # Errors
    /// When the state is that of a training whose spellings were others.
    pub fn set_spellings(&mut self, spellings: Spellings) -> Result<()> {
        let len = spellings.moments_len(self.layout.config.n_embd);
        for moment in [&mut self.state.shared.first, &mut self.state.shared.second] {
            let is_new = moment.is_empty() && self.state.steps == 0;
            ensure!(
                is_new || moment.len() == len,
                "the training state has {} numbers for spellings of words, where {len} are needed: it is damaged, or was \
                 begun with another --pace or another tokenizer",
                moment.len()
            );
            moment.resize(len, 0.0);
        }
        self.spellings = spellings;
        Ok(())
    }

    /// Whether it computes with rounded weights.
    pub fn is_quantizing(&self) -> bool {
        self.fake_quant.is_some()
    }

    /// Current weights, rounded while training computes with rounded ones.
    pub fn weights(&self) -> Weights {
        match &self.fake_quant {
            Some(fake_quant) => {
                self.layout.unflatten(&fake_quant.quantized(&self.layout, &self.state.params, &self.state.scales))
            }
            None => self.layout.unflatten(&self.state.params),
        }
    }

    /// Replaces the weights by others of the same shape that make the same model.
    ///
    /// # Errors
    /// When they are of another shape.
    pub fn transform(&mut self, change: impl FnOnce(&mut Weights)) -> Result<()> {
        let mut weights = self.layout.unflatten(&self.state.params);
        change(&mut weights);
        self.state.params = self.layout.flatten(&weights)?;
        Ok(())
    }

    /// Parameters and moments, for a checkpoint.
    pub fn state(&self) -> &OptimizerState {
        &self.state
    }

    /// Makes one update.
    ///
    /// # Errors
    /// When the batch is malformed or the loss is no longer a number.
    pub fn step(&mut self, batch: &Batch, learning_rate: f32, dropout: Dropout) -> Result<StepReport> {
        check_vocabulary(&batch.inputs, self.layout.config.n_vocab)?;
        let total = batch.targets().total_weight();
        let mean = if total > 0.0 { total.recip() } else { 0.0 };
        if let Some(fake_quant) = &mut self.fake_quant {
            fake_quant.quantize(&self.layout, &self.state.params, &self.state.scales, &mut self.workers);
        }
        self.compute_gradients(batch, mean as f32, dropout);
        let loss = self.shards.iter().map(|s| s.nats).sum::<f64>() * mean;
        let gradient_norm = self.reduce();
        ensure!(
            loss.is_finite() && gradient_norm.is_finite(),
            "the loss became {loss} at step {}; lower the learning rate",
            self.state.steps + 1
        );
        self.update_scales(learning_rate, gradient_norm);
        self.update(learning_rate, gradient_norm);
        Ok(StepReport { loss, gradient_norm })
    }

    fn compute_gradients(&mut self, batch: &Batch, scale: f32, dropout: Dropout) {
        let n_seq = batch.inputs.len() / batch.len;
        let shard_tokens = n_seq.div_ceil(self.shards.len()) * batch.len;
        let params = self.fake_quant.as_ref().map_or(&self.state.params, |fake_quant| &fake_quant.params);
        let pass = Pass { layout: &self.layout, params, dropout };
        let parts = batch
            .inputs
            .chunks(shard_tokens)
            .zip(batch.targets().chunks(shard_tokens))
            .map(Some)
            .chain(std::iter::repeat(None));
        let tasks = self.shards.iter_mut().zip(parts).enumerate();
        parallel::for_each(&mut self.workers, tasks, |acts, (index, (shard, part))| {
            shard.nats = 0.0;
            shard.gradients.fill(0.0);
            if let Some((inputs, targets)) = part {
                shard.compute(pass, acts, (inputs, targets), scale, index as u64);
            }
        });
    }

    /// Adds all shards into the first one and returns the length of the sum.
    fn reduce(&mut self) -> f64 {
        let (sum, others) = self.shards.split_first_mut().expect("at least one shard");
        let n_stretches = self.layout.len.div_ceil(STRETCH);
        let mut squares = vec![0.0; n_stretches];
        let tasks = sum.gradients.chunks_mut(STRETCH).zip(&mut squares).enumerate();
        let others = &*others;
        parallel::for_each(&mut self.workers, tasks, |_, (i, (sum, square))| {
            let range = i * STRETCH..i * STRETCH + sum.len();
            vectorized(
                #[inline(always)]
                || {
                    for other in others {
                        add(sum, &other.gradients[range.clone()]);
                    }
                    *square = f64::from(math::dot(sum, sum));
                },
            );
        });
        squares.iter().sum::<f64>().sqrt()
    }

    /// Before the weights, since the gradients are those of the weights as they were.
    fn update_scales(&mut self, learning_rate: f32, gradient_norm: f64) {
        let Some(fake_quant) = &self.fake_quant else { return };
        let update = self.adamw.update(self.state.steps + 1, learning_rate * scales::RATE, gradient_norm);
        let weights = FakeQuantized {
            exact: &self.state.params,
            quantized: &fake_quant.params,
            gradients: &self.shards[0].gradients,
            quant: fake_quant.quant,
        };
        self.state.scales.update(update, &self.layout, weights);
    }

    fn update(&mut self, learning_rate: f32, gradient_norm: f64) {
        let state = &mut self.state;
        state.steps += 1;
        let update_at = |rate: f32| self.adamw.update(state.steps, learning_rate * rate, gradient_norm);
        let (usual, embeddings) = (update_at(1.0), update_at(self.adamw.embedding_rate));
        let decay = self.adamw.weight_decay;
        let mut values = &mut state.params[..];
        let mut gradients = &self.shards[0].gradients[..];
        let mut first = &mut state.first_moment[..];
        let mut second = &mut state.second_moment[..];
        let mut parts = Vec::new();
        for tensor in &self.layout.tensors {
            let n = tensor.range.len();
            let (values, gradients) = (take_mut(&mut values, n), take(&mut gradients, n));
            let (first, second) = (take_mut(&mut first, n), take_mut(&mut second, n));
            if self.adamw.muon && tensor.is_hidden() {
                parts.push(Part::Hidden(HiddenMatrix { values, gradients, momentum: first, cols: tensor.cols }));
                continue;
            }
            let update = if tensor.is_embedding() { embeddings } else { usual };
            let stretches = values.chunks_mut(STRETCH).zip(gradients.chunks(STRETCH));
            let moments = first.chunks_mut(STRETCH).zip(second.chunks_mut(STRETCH));
            parts.extend(stretches.zip(moments).map(|((values, gradients), (first_moment, second_moment))| {
                let decays = tensor.is_matrix;
                Part::Stretch(update, Stretch { values, gradients, first_moment, second_moment, decays })
            }));
        }
        parallel::for_each(&mut self.workers, parts.into_iter(), |_, part| match part {
            Part::Stretch(update, stretch) => update.apply(stretch),
            Part::Hidden(matrix) => muon::update(matrix, learning_rate, decay),
        });
        let rows = self.layout.token_embedding.clone();
        let gradients = &self.shards[0].gradients[rows.clone()];
        self.spellings.update(embeddings, &mut state.params[rows], gradients, &mut state.shared);
    }
}

/// Parameters that one thread updates at a time.
enum Part<'a> {
    Stretch(Update, Stretch<'a>),
    Hidden(HiddenMatrix<'a>),
}

fn take<'a>(slice: &mut &'a [f32], n: usize) -> &'a [f32] {
    slice.split_off(..n).expect("a tensor inside the vector")
}

fn take_mut<'a>(slice: &mut &'a mut [f32], n: usize) -> &'a mut [f32] {
    slice.split_off_mut(..n).expect("a tensor inside the vector")
}
