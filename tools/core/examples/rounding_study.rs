//! What rounding the weights costs, for several widths and ways of rounding: the tables of docs/quantization.md.
//!
//! Weights only: they are rounded and multiplied out again, and the f32 forward pass tells the loss.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use egpt_core::blob_file::BlobFile;
use egpt_core::checkpoint::Checkpoint;
use egpt_core::measure::evaluate;
use egpt_core::measure::moments::Moments;
use egpt_core::measure::token_stream::TokenStream;
use egpt_core::quantize::calibration::{Calibration, documents_of_file};
use egpt_core::quantize::equalized;
use egpt_core::quantize::gptq::{Codes, Settings, round_matrix};
use egpt_core::tokenizer::vocab_section;
use egpt_core::weights::Weights;
use embedded_gpt::Vocab;
use embedded_gpt::config::Mlp;
use embedded_gpt::format::tensor::{Role, TensorSpec};

/// Measure what rounding a checkpoint's weights costs.
#[derive(Parser)]
struct Args {
    /// The checkpoint directory.
    dir: PathBuf,
    /// Text to measure on.
    #[arg(long)]
    text: PathBuf,
    /// Text to calibrate with, other than that.
    #[arg(long)]
    calibrate: PathBuf,
    /// Tokens to measure on.
    #[arg(long, default_value_t = 30_000)]
    tokens: usize,
}

/// The integers of a width.
const WIDTHS: [(&str, Codes); 5] =
    [("8", (-127, 127)), ("4", (-8, 7)), ("3", (-4, 3)), ("2", (-2, 1)), ("ternary", (-1, 1))];

/// The best scale, then the nearest integer.
const NEAREST: Settings = Settings { polish: 0, ..Settings::DEFAULT };
/// GPTQ with the best scale.
const COMPENSATED: Settings = NEAREST;
/// GPTQ at the scale that clips nothing.
const UNCLIPPED: Settings = Settings { scales: (1.0, 1.0, 1), ..NEAREST };

struct Study<'a> {
    /// As exported, before rounding.
    weights: Weights,
    tokens: &'a [u16],
    exact: f64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let checkpoint = Checkpoint::load(&args.dir)?;
    let n_vocab = checkpoint.weights.config.n_vocab;
    let tokenizer = checkpoint.tokenizer.as_deref().context("the checkpoint has no tokenizer.json")?;
    let section = BlobFile::new(&vocab_section(tokenizer, n_vocab, checkpoint.special)?);
    let vocab = Vocab::parse(section.bytes(), n_vocab)?;
    let mut tokens = TokenStream::new(&std::fs::read_to_string(&args.text)?, &vocab).tokens;
    tokens.truncate(args.tokens);
    let documents = documents_of_file(&args.calibrate)?;
    let weights = equalized(&checkpoint.weights);
    let mut study = Study { weights, tokens: &tokens, exact: 1.0 };
    study.exact = study.loss(&study.weights)?;
    println!("{} parameters, f32 loss {:.4} nats per token\n", study.weights.n_parameters(), study.exact);
    let calibration = Calibration::new(&study.weights, &vocab, &documents)?;
    widths(&study, &calibration)?;
    settings(&study, &calibration)?;
    groups(&study)?;
    for share in [0.25, 0.5] {
        let scaled = column_scaled(&study.weights, &calibration, share);
        let calibration = Calibration::new(&scaled, &vocab, &documents)?;
        let study = Study { weights: scaled, ..study };
        for (name, calibration) in [("nearest", None), ("GPTQ", Some(&calibration))] {
            let percent = study.percent(is_in_layer, (-8, 7), calibration, &Settings::DEFAULT)?;
            println!("4 bits, layers, columns scaled by moments to the {share}, {name}: {percent:+.3} %");
        }
    }
    Ok(())
}

fn is_in_layer(spec: &TensorSpec) -> bool {
    spec.role.is_in_layers()
}

/// Every width, nearest and compensated, of parts of the model.
fn widths(study: &Study, calibration: &Calibration) -> Result<()> {
    println!("| bits | rounding | layers | embedding and head | all |\n|---|---|---|---|---|");
    for (name, codes) in WIDTHS {
        let ways = [
            ("nearest", None, NEAREST),
            ("GPTQ", Some(calibration), COMPENSATED),
            ("GPTQ and descent", Some(calibration), Settings::DEFAULT),
        ];
        for (way, calibration, settings) in ways {
            let percent = |which: fn(&TensorSpec) -> bool| study.percent(which, codes, calibration, &settings);
            let (layers, outer, all) = (percent(is_in_layer)?, percent(|spec| !is_in_layer(spec))?, percent(|_| true)?);
            println!("| {name} | {way} | {layers:+.2} % | {outer:+.2} % | {all:+.2} % |");
        }
    }
    println!();
    Ok(())
}

/// Variants of the procedure at 4 bits.
fn settings(study: &Study, calibration: &Calibration) -> Result<()> {
    let variants = [
        ("scale that clips nothing", UNCLIPPED),
        ("scale search", COMPENSATED),
        ("scale search, descent and fitted scales", Settings::DEFAULT),
        ("the same, damping 0.1 %", Settings { damping: 0.001, ..Settings::DEFAULT }),
        ("the same, damping 10 %", Settings { damping: 0.1, ..Settings::DEFAULT }),
    ];
    for (name, settings) in variants {
        let percent = study.percent(is_in_layer, (-8, 7), Some(calibration), &settings)?;
        println!("4 bits, layers, GPTQ, {name}: {percent:+.3} %");
    }
    for share in [0.0, 0.1, 1.0, 10.0, 1000.0] {
        let mut rounded = study.weights.clone();
        let mut moments = calibration.moments.input_of(Role::Head, 0).context("a head")?.clone();
        moments.damp(share);
        let table = rounded.get_mut(Role::TokenEmbedding, 0).context("an embedding")?;
        *table = values(&round_matrix(table, (-8, 7), &moments, &Settings::DEFAULT), moments.n());
        println!("4 bits, embedding, moments of the head + {share} × mean: {:+.3} %", study.added(&rounded)?);
    }
    println!();
    Ok(())
}

/// A scale for every so many columns instead of one per row, nearest.
fn groups(study: &Study) -> Result<()> {
    for (name, codes) in &WIDTHS[1..] {
        for size in [16, 32] {
            let mut rounded = study.weights.clone();
            for spec in study.weights.config.tensors().filter(|s| s.role.is_matrix() && s.cols.is_multiple_of(size)) {
                let matrix = rounded.tensor_mut(&spec).context("a matrix")?;
                let nearest = round_matrix(matrix, *codes, &Moments::identity(size), &NEAREST);
                matrix.copy_from_slice(&values(&nearest, size));
            }
            println!("{name} bits, all, nearest, groups of {size}: {:+.2} %", study.added(&rounded)?);
        }
    }
    println!();
    Ok(())
}

fn values(rounded: &egpt_core::quantize::Quantized, cols: usize) -> Vec<f32> {
    rounded.values(cols)
}

impl Study<'_> {
    fn loss(&self, weights: &Weights) -> Result<f64> {
        let n_ctx = weights.config.n_ctx;
        Ok(evaluate(weights, self.tokens, n_ctx, n_ctx)?.per_token())
    }

    /// Loss added to that of the exact model, in percent.
    fn added(&self, weights: &Weights) -> Result<f64> {
        Ok(100.0 * (self.loss(weights)? / self.exact - 1.0))
    }

    /// Loss added by rounding some of the matrices, in percent.
    fn percent(
        &self,
        which: fn(&TensorSpec) -> bool,
        codes: Codes,
        calibration: Option<&Calibration>,
        settings: &Settings,
    ) -> Result<f64> {
        let mut rounded = self.weights.clone();
        for spec in self.weights.config.tensors().filter(|spec| spec.role.is_matrix() && which(spec)) {
            let own = calibration.and_then(|c| c.moments.input_of(spec.role, spec.layer)).cloned();
            let mut moments = own.unwrap_or_else(|| Moments::identity(spec.cols));
            if spec.role == Role::TokenEmbedding {
                moments.damp(1.0);
            }
            let matrix = rounded.tensor_mut(&spec).context("a matrix")?;
            let rounded = values(&round_matrix(matrix, codes, &moments, settings), spec.cols);
            matrix.copy_from_slice(&rounded);
        }
        self.added(&rounded)
    }
}

/// An equal model with columns multiplied by a power of their inputs' size, and what makes the inputs divided by it
/// (Lin et al. 2023). It is exact for what follows a norm, and for the linear half of SwiGLU.
fn column_scaled(weights: &Weights, calibration: &Calibration, share: f64) -> Weights {
    let mut weights = weights.clone();
    let is_gated = weights.config.mlp == Mlp::SwiGlu;
    let columns = |weights: &mut Weights, role, layer, scales: &[f32]| {
        let Some(matrix) = weights.get_mut(role, layer) else { return };
        matrix.chunks_exact_mut(scales.len()).for_each(|row| row.iter_mut().zip(scales).for_each(|(w, s)| *w *= s));
    };
    // Vectors, or the rows of a matrix.
    let divide = |weights: &mut Weights, role, layer, scales: &[f32]| {
        let Some(values) = weights.get_mut(role, layer) else { return };
        let n_in = values.len() / scales.len();
        values.chunks_exact_mut(n_in).zip(scales).for_each(|(row, s)| row.iter_mut().for_each(|v| *v /= s));
    };
    for layer in 0..weights.config.n_layer {
        let scales = |role| -> Vec<f32> {
            let moments = calibration.moments.input_of(role, layer).expect("a matrix of the layer");
            (0..moments.n()).map(|i| (moments.at(i, i) / moments.mean()).max(1e-6).powf(share / 2.0) as f32).collect()
        };
        let (attention, mlp) = (scales(Role::Query), scales(Role::Up));
        for role in [Role::Query, Role::Key, Role::Value] {
            columns(&mut weights, role, layer, &attention);
        }
        for role in [Role::Gate, Role::Up] {
            columns(&mut weights, role, layer, &mlp);
        }
        for role in [Role::AttnNormGain, Role::AttnNormBias] {
            divide(&mut weights, role, layer, &attention);
        }
        for role in [Role::MlpNormGain, Role::MlpNormBias] {
            divide(&mut weights, role, layer, &mlp);
        }
        if is_gated {
            let down = scales(Role::Down);
            columns(&mut weights, Role::Down, layer, &down);
            divide(&mut weights, Role::Up, layer, &down);
            divide(&mut weights, Role::UpBias, layer, &down);
        }
    }
    weights
}
