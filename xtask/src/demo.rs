//! `cargo xtask demo`: from text to a microcontroller that completes sentences.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::board::Board;
use crate::setup::{self, Tools};
use crate::{console, emulator, firmware, process, same_run, workspace};

const BOARD: Board = Board::CORTEX_M4F;
/// Minutes of training, and with `--quick`.
const MINUTES: u32 = 10;
const QUICK_MINUTES: u32 = 2;
/// What everything besides the training takes on two cores, about.
const OTHER_MINUTES: u32 = 6;

/// What the model is designed for: it trains far enough in the minutes that there are.
const FLASH: &str = "256KiB";
/// KSR@3 in percent of a pruned back-off trigram table of so many KiB, trained on the same text and
/// typing the same sample.
const TRIGRAM_TABLES: [(usize, f32); 6] =
    [(64, 44.0), (128, 46.3), (256, 48.1), (512, 49.2), (1024, 50.0), (4096, 50.9)];

/// `cargo xtask demo`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Train for two minutes instead of ten
    #[arg(long)]
    quick: bool,
    /// Train for this many minutes
    #[arg(long, conflicts_with = "quick")]
    minutes: Option<u32>,
}

/// What the demo makes, in its directory beside what cargo builds.
const CHECKPOINT: &str = "checkpoint";
const BLOB: &str = "model.egpt";
const CORPUS: &str = "corpus";
const SAMPLE: &str = "corpus/test-sample.txt";

/// What the steps share.
struct Demo {
    egpt: PathBuf,
    device_run: PathBuf,
    directory: PathBuf,
    minutes: u32,
}

/// Runs the whole demo.
///
/// # Errors
/// When a step fails, with the end of what the failing program printed.
pub fn run(args: &Args) -> Result<()> {
    let start = Instant::now();
    let minutes = args.minutes.unwrap_or(if args.quick { QUICK_MINUTES } else { MINUTES });
    println!(
        "Trains a GPT on chat messages, then lets it complete sentences here and on an emulated {}.\n\
         It takes about {} minutes, {minutes} of them training (`--quick` trains for {QUICK_MINUTES}).",
        BOARD.core,
        minutes + OTHER_MINUTES,
    );
    console::heading("1/7 Tools");
    let tools = setup::find();
    let demo = Demo::new(minutes)?;
    console::heading(&format!("2/7 Training for {minutes} min"));
    demo.train()?;
    console::heading("3/7 Export: one file for the flash of a microcontroller");
    demo.export()?;
    console::heading("4/7 On text that it has never seen");
    demo.evaluate()?;
    console::heading("5/7 On this computer");
    let host = demo.on_host()?;
    demo.on_device(&tools, &host)?;
    println!("\nDone in {}. Go on with:", console::seconds(start.elapsed()));
    demo.say_what_next();
    Ok(())
}

impl Demo {
    fn new(minutes: u32) -> Result<Self> {
        let directory = workspace::target().join("demo");
        fs::create_dir_all(&directory).with_context(|| format!("{} cannot be made", directory.display()))?;
        let start = Instant::now();
        let [egpt, device_run] = ["egpt", "device-run"].map(|package| {
            let mut cargo = workspace::cargo();
            cargo.args(["build", "--release", "--package", package]);
            workspace::build("building egpt, the host tool", cargo, package)
        });
        console::line(&format!("{:<15} built in {}", "egpt", console::seconds(start.elapsed())));
        Ok(Self { egpt: egpt?, device_run: device_run?, directory, minutes })
    }

    /// A file of the demo, from the root of the workspace, where egpt runs: what it says of its files is right for who
    /// reads it there.
    fn file(&self, name: &str) -> String {
        shown(&self.directory.join(name))
    }

    fn egpt(&self, arguments: &[&str]) -> Command {
        let mut egpt = Command::new(&self.egpt);
        egpt.current_dir(workspace::root()).args(arguments);
        egpt
    }

    fn train(&self) -> Result<()> {
        // Each demo trains anew.
        let _ = fs::remove_dir_all(self.directory.join(CHECKPOINT));
        let (checkpoint, minutes) = (self.file(CHECKPOINT), self.minutes.to_string());
        let arguments =
            ["train", "--corpus", "chitchat", "--out", &checkpoint, "--preset", FLASH, "--minutes", &minutes];
        process::attached(self.egpt(&arguments))
    }

    fn export(&self) -> Result<()> {
        let (checkpoint, blob) = (self.file(CHECKPOINT), self.file(BLOB));
        let arguments = ["export", &checkpoint, "--quant", "q4", "--flash", FLASH, "--out", &blob];
        process::quiet("egpt export", self.egpt(&arguments))?;
        process::echoed(Duration::from_secs(60), self.egpt(&["inspect", &blob]))?;
        Ok(())
    }

    /// Types the sample of the corpus' test split with the model's suggestions.
    fn evaluate(&self) -> Result<()> {
        process::quiet("egpt corpus", self.egpt(&["corpus", "chitchat", "--out", &self.file(CORPUS)]))?;
        let arguments = ["eval", &self.file(BLOB), "--text", &self.file(SAMPLE)];
        process::echoed(Duration::from_secs(600), self.egpt(&arguments))?;
        let blob = self.directory.join(BLOB);
        let bytes = fs::metadata(&blob).with_context(|| format!("{} cannot be read", blob.display()))?.len();
        console::line(&trigram_tables(bytes as usize));
        Ok(())
    }

    /// Gives what the run printed.
    fn on_host(&self) -> Result<String> {
        let mut host = Command::new(&self.device_run);
        host.arg("complete").arg(self.directory.join(BLOB));
        process::echoed(Duration::from_secs(120), host)
    }

    fn on_device(&self, tools: &Tools, host: &str) -> Result<()> {
        let Some(toolchain) = &tools.toolchain else {
            console::heading("6/7 Left out: without a cross compiler there is no firmware");
            return Ok(());
        };
        console::heading("6/7 Firmware with the same model");
        let elf = firmware::build(toolchain, BOARD, "complete", Some(&self.directory.join(BLOB)))?;
        console::line(&elf.display().to_string());
        if !tools.emulator {
            console::heading("7/7 Left out: there is no emulator to run it on");
            return Ok(());
        }
        console::heading(&format!("7/7 On an emulated {} ({})", BOARD.core, BOARD.machine));
        let device = emulator::run_echoed(BOARD, &elf)?;
        console::line(&same_run::check(host, &device)?);
        Ok(())
    }

    fn say_what_next(&self) {
        let (egpt, blob, checkpoint) = (shown(&self.egpt), self.file(BLOB), self.file(CHECKPOINT));
        console::line(&format!("{egpt} type {blob}"));
        console::line(&format!("{egpt} generate {blob} --prompt \"how are you\" -n 40"));
        console::line(&format!("cargo xtask qemu keyboard --model {blob}"));
        console::line(&format!("{checkpoint}/report.html in a browser: curves, samples, words that are alike"));
    }
}

/// A path as it is from the root of the workspace.
fn shown(path: &Path) -> String {
    path.strip_prefix(workspace::root()).unwrap_or(path).display().to_string()
}

/// What lookup tables save that are as large as the model, or just smaller and just larger.
fn trigram_tables(model_bytes: usize) -> String {
    let kib = model_bytes.div_ceil(1024);
    let larger = TRIGRAM_TABLES.iter().position(|&(size, _)| size >= kib).unwrap_or(TRIGRAM_TABLES.len() - 1);
    let smaller = if TRIGRAM_TABLES[larger].0 == kib { larger } else { larger.saturating_sub(1) };
    let saved: Vec<String> =
        TRIGRAM_TABLES[smaller..=larger].iter().map(|(size, ksr)| format!("{ksr} % with {size} KiB")).collect();
    format!(
        "To compare: the model has {kib} KiB; a table of word triples of the same text saves {} (three suggestions).",
        saved.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_on_both_sides_of_the_model_are_named() {
        let text = trigram_tables(600 * 1024);
        assert!(text.contains("600 KiB") && text.contains("49.2 % with 512 KiB, 50 % with 1024 KiB"), "{text}");
        assert!(trigram_tables(256 * 1024).contains("saves 48.1 % with 256 KiB (three"));
        assert!(trigram_tables(1).contains("44 % with 64 KiB"));
        assert!(trigram_tables(1 << 30).contains("50.9 % with 4096 KiB"));
    }
}
