//! The recipe of docs/scale.md on a toy: `egpt` → two processes of PyTorch → `egpt`, with the loss going on where
//! it stopped.
//!
//! Needs a Python that can import torch and transformers (`EGPT_PYTHON`, else `python3`);
//! skipped with a printed reason where there is none.

#[path = "../core/tests/python/mod.rs"]
mod python;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use egpt_core::checkpoint::Checkpoint;
use egpt_core::reference::Reference;
use embedded_gpt::TokenId;
use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;

const LOGITS_TOLERANCE: f32 = 1e-4;
/// Sums of f32 in another order, on thousands of tokens.
const BITS_TOLERANCE: f64 = 1e-5;
const STEPS: &str = "30";

struct Recipe {
    dir: TempDir,
    python: PathBuf,
}

impl Recipe {
    /// Texts by a rule, and `runs/chat` trained on them for a little.
    fn new(python: PathBuf) -> Self {
        let recipe = Self { dir: tempfile::tempdir().unwrap(), python };
        fs::write(recipe.path("train.txt"), orders(0..400)).unwrap();
        fs::write(recipe.path("valid.txt"), orders(400..440)).unwrap();
        let train = ["train", "--corpus", "train.txt", "--out", "chat", "--preset", "tiny", "--threads", "2"];
        recipe.egpt(&[&train[..], &["--steps", STEPS]].concat());
        recipe
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn egpt(&self, args: &[&str]) -> String {
        succeed(Command::new(env!("CARGO_BIN_EXE_egpt")).current_dir(self.dir.path()).args(args))
    }

    fn python(&self, args: &[&str]) -> String {
        let mut python = Command::new(&self.python);
        succeed(python.env("OMP_NUM_THREADS", "1").current_dir(self.dir.path()).args(args))
    }

    /// Trains `chat` on with `n` processes into `out`; the bits per byte that PyTorch measures first and last.
    fn train_on(&self, n: &str, out: &str, args: &[&str]) -> [f64; 2] {
        let script = script("train_ddp.py");
        let run = ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node", n, &script, "chat"];
        let texts = ["--text", "train.txt", "--valid", "valid.txt", "--out", out, "--steps", STEPS, "--batch", "16"];
        let output = self.python(&[&run[..], &texts, args].concat());
        let lines = output.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let bits: Vec<f64> = lines.filter_map(|line| line["valid_bits_per_byte"].as_f64()).collect();
        bits.try_into().unwrap_or_else(|_| panic!("not two measurements: {output}"))
    }

    fn bits_per_byte(&self, model: &str) -> f64 {
        let json = self.egpt(&["eval", model, "--text", "valid.txt", "--limit-words", "0", "--json"]);
        serde_json::from_str::<Value>(&json).unwrap()["bits_per_byte"].as_f64().unwrap()
    }

    /// Largest difference between the logits of `egpt` and `transformers`.
    fn logits_difference(&self, model: &str) -> f32 {
        #[derive(Deserialize)]
        struct Logits {
            logits: Vec<Vec<f32>>,
        }
        let tokens: Vec<TokenId> = (0..40).map(|i| i * 7 % 250).collect();
        let words: Vec<String> = tokens.iter().map(ToString::to_string).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let output = self.python(&[&[&*script("logits.py"), model][..], &words].concat());
        let theirs: Logits = serde_json::from_str(&output).unwrap();
        let ours = Reference::new(&Checkpoint::load(&self.path(model)).unwrap().weights).logits(&tokens);
        assert_eq!((ours.len(), ours[0].len()), (theirs.logits.len(), theirs.logits[0].len()));
        ours.iter().flatten().zip(theirs.logits.iter().flatten()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }
}

fn script(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scale").join(name).display().to_string()
}

#[track_caller]
fn succeed(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Two-line documents, an order and its answer, that repeat after 150: the loss falls as long as the model learns.
fn orders(numbers: std::ops::Range<usize>) -> String {
    let (verbs, things) =
        (["open", "close", "check", "wash", "paint"], ["door", "window", "lamp", "pump", "gate", "box"]);
    let document = |i: usize| {
        let (verb, thing, i) = (verbs[i % 5], things[i * 7 % 6], i % 50);
        format!("please {verb} the {thing} number {i}\nthe {thing} number {i} is done, I could {verb} it\n\n")
    };
    numbers.map(document).collect()
}

#[track_caller]
fn assert_same(a: f64, b: f64) {
    assert!((a - b).abs() < BITS_TOLERANCE, "{a} and {b} bits per byte");
}

#[test]
fn a_checkpoint_goes_to_two_processes_of_pytorch_and_comes_back() {
    let Some(python) = python::find() else { return };
    let recipe = Recipe::new(python);
    let [first, last] = recipe.train_on("2", "on", &[]);
    recipe.egpt(&["import", "hf", "on", "--out", "back"]);
    let (before, after) = (recipe.bits_per_byte("chat"), recipe.bits_per_byte("back"));
    println!("bits per byte: egpt {before}, PyTorch {first} → {last}, egpt {after}");
    assert_same(before, first);
    assert_same(after, last);
    assert!(last < first - 0.01, "{first} → {last}");
    for model in ["chat", "back"] {
        let difference = recipe.logits_difference(model);
        println!("{model}: logits differ by {difference:e} at most");
        assert!(difference < LOGITS_TOLERANCE, "{model}: {difference}");
    }

    // The same in two sittings, and in one process.
    recipe.train_on("2", "sittings", &["--stop-after", "11"]);
    let [_, resumed] = recipe.train_on("2", "sittings", &["--resume"]);
    assert_same(resumed, last);
    let [_, alone] = recipe.train_on("1", "alone", &[]);
    assert_same(alone, last);

    let finetune = ["finetune", "back", "--corpus", "train.txt", "--replay-share", "0", "--out", "fine"];
    recipe.egpt(&[&finetune[..], &["--steps", "40", "--learning-rate", "0.0005"]].concat());
    let fine = recipe.bits_per_byte("fine");
    println!("after egpt finetune: {fine}");
    assert!(fine < after, "{after} → {fine}");
    recipe.egpt(&["export", "fine", "--quant", "q8", "--out", "m.egpt"]);
    recipe.egpt(&["generate", "m.egpt", "--prompt", "please open", "-n", "4"]);
}
