//! Everything that can run a model, behind one interface.

use anyhow::Result;

use crate::models::{BenchModel, Source};
use crate::ours::Ours;
use crate::process_engine::{self, ProcessEngine};
use crate::run::Run;
use crate::run_c::RunC;

/// An engine that has loaded a model in one format.
pub struct Engine {
    pub name: &'static str,
    pub format: &'static str,
    runs: Box<dyn Run>,
}

impl Engine {
    fn new(name: &'static str, format: &'static str, runs: impl Run + 'static) -> Self {
        Self { name, format, runs: Box::new(runs) }
    }

    /// See [`Run::seconds`].
    ///
    /// # Errors
    /// If the engine fails.
    pub fn seconds(&mut self, n: usize) -> Result<f64> {
        self.runs.seconds(n)
    }
}

/// This project's engine, and if `peers` all others that can run the model here.
///
/// # Errors
/// If the model cannot be exported, or an engine that is there does not load it.
pub fn of(model: &BenchModel, peers: bool) -> Result<Vec<Engine>> {
    let (checkpoint, directory, llama2c) = match &model.source {
        Source::Blob(path) => return Ok(vec![Engine::new("embedded-gpt", "blob", Ours::read(path)?)]),
        Source::Checkpoint { checkpoint, directory, llama2c } => (checkpoint, directory, llama2c),
    };
    let mut engines = Vec::new();
    for format in ["q8", "q4"] {
        engines.push(Engine::new("embedded-gpt", format, Ours::export(checkpoint, format)?));
    }
    if !peers {
        return Ok(engines);
    }
    if let Some(files) = llama2c {
        push(&mut engines, "run.c", "f32", RunC::build(files, directory)?);
    }
    let config = &checkpoint.weights.config;
    let candle = process_engine::build_candle();
    for format in ["Q8_0", "Q4_0"] {
        let gguf = directory.join(format).with_extension("gguf");
        if !process_engine::write_gguf(directory, &gguf, format) {
            break;
        }
        push(&mut engines, "llama.cpp", format, process_engine::llama_cpp(&gguf, config)?);
        if let Some(program) = &candle {
            push(&mut engines, "candle", format, Some(ProcessEngine::candle(program, &gguf, config)?));
        }
    }
    Ok(engines)
}

fn push(engines: &mut Vec<Engine>, name: &'static str, format: &'static str, runs: Option<impl Run + 'static>) {
    engines.extend(runs.map(|runs| Engine::new(name, format, runs)));
}
