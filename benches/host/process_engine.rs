//! Engines in a process of their own: they say `ready`, then answer each number of tokens with CPU seconds.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use embedded_gpt::Config;

use crate::run::Run;

/// A process that has loaded a model.
pub struct ProcessEngine {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl ProcessEngine {
    fn start(mut command: Command) -> Result<Self> {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = process.stdin.take().context("the process has no input")?;
        let output = BufReader::new(process.stdout.take().context("the process has no output")?);
        let mut engine = Self { process, input, output };
        let ready = engine.line()?;
        ensure!(ready == "ready", "the engine could not load the model");
        Ok(engine)
    }

    /// candle, built by [`build_candle`].
    ///
    /// # Errors
    /// If it cannot load the model.
    pub fn candle(program: &Path, gguf: &Path, config: &Config) -> Result<Self> {
        let mut command = Command::new(program);
        command.arg(gguf).arg(config.n_vocab.to_string()).env("RAYON_NUM_THREADS", "1");
        Self::start(command).context("candle")
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

impl Run for ProcessEngine {
    fn seconds(&mut self, n: usize) -> Result<f64> {
        writeln!(self.input, "{n}")?;
        let answer = self.line()?;
        answer.parse().with_context(|| format!("the engine answered {answer:?}"))
    }
}

impl Drop for ProcessEngine {
    fn drop(&mut self) {
        // Nothing is left to be saved, and an engine that has ended already cannot be stopped.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// llama.cpp through its Python binding; `None` if that is not installed.
///
/// # Errors
/// If it cannot load the model.
pub fn llama_cpp(gguf: &Path, config: &Config) -> Result<Option<ProcessEngine>> {
    if !python_has("llama_cpp") {
        eprintln!("skipped: llama.cpp: CMAKE_ARGS=-DGGML_NATIVE=ON pip install llama-cpp-python");
        return Ok(None);
    }
    let mut command = python();
    command.arg(peers().join("llama_cpp_worker.py")).arg(gguf);
    command.args([config.n_vocab.to_string(), config.n_ctx.to_string()]);
    ProcessEngine::start(command).context("llama.cpp").map(Some)
}

/// Writes a checkpoint directory as GGUF, for the other engines; `false` if that cannot be done.
pub fn write_gguf(directory: &Path, gguf: &Path, format: &str) -> bool {
    if !python_has("gguf") {
        eprintln!("skipped: llama.cpp and candle: pip install gguf, which writes their files");
        return false;
    }
    let status = python().arg(peers().join("write_gguf.py")).arg(directory).arg(gguf).arg(format).status();
    let is_written = status.is_ok_and(|status| status.success());
    if !is_written {
        eprintln!("skipped: llama.cpp and candle: the model cannot be written as {format}");
    }
    is_written
}

/// Builds candle's program; `None` if that cannot be done.
pub fn build_candle() -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // In its directory, whose configuration has the processor's instructions switched on.
    cargo.current_dir(peers()).args(["build", "--release", "--quiet", "--target-dir"]).arg(&target);
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS").stdout(Stdio::null());
    let is_built = cargo.status().is_ok_and(|status| status.success());
    if !is_built {
        eprintln!("skipped: candle: benches/peers does not compile");
    }
    is_built.then(|| target.join("release/candle-worker"))
}

fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers")
}

fn python() -> Command {
    Command::new(env::var_os("PYTHON").unwrap_or_else(|| "python3".into()))
}

fn python_has(module: &str) -> bool {
    let status = python().args(["-c", &format!("import {module}")]).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
