//! A toy model with random weights in a directory, and `egpt` run on it as a person or a script does.
#![allow(dead_code)] // each test file uses a part

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use egpt_core::checkpoint::{Checkpoint, SpecialTokens};
use egpt_core::model_card::ModelCard;
use egpt_core::tokenizer::{self, TrainSettings};
use egpt_core::weights::Weights;
use embedded_gpt::Config;
use serde_json::Value;
use tempfile::TempDir;

const TEXT: &str = "hello there\nhow are you?\n\nhello hello\nfine, and you?\n";

/// A checkpoint `model`, its blob `m.egpt` and a text `text.txt` in a directory of their own.
pub struct Toy {
    dir: TempDir,
}

impl Toy {
    pub fn new(config: Config) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let model = dir.path().join("model");
        fs::create_dir(&model).unwrap();
        let tokenizer = dir.path().join("tokenizer.json");
        let settings = TrainSettings { n_vocab: 270, ..TrainSettings::default() };
        let n_vocab = tokenizer::train(TEXT.repeat(3).lines(), settings, &tokenizer).unwrap();
        let weights = Weights::random(config.with(|c| c.n_vocab = n_vocab), 1);
        let special = SpecialTokens { eos: Some(0), ..SpecialTokens::default() };
        Checkpoint { weights, special, tokenizer: Some(tokenizer) }.save(&model).unwrap();
        ModelCard { name: "a toy".into(), ..ModelCard::default() }.save(&model).unwrap();
        fs::write(dir.path().join("text.txt"), TEXT).unwrap();
        let toy = Self { dir };
        toy.succeed(&["export", "model", "--quant", "q8", "--out", "m.egpt"]);
        toy
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_egpt"));
        command.current_dir(self.dir.path()).args(args);
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    #[track_caller]
    pub fn succeed(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    pub fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.succeed(&[args, &["--json"]].concat())).unwrap()
    }

    /// What stderr says of a command that must succeed.
    #[track_caller]
    pub fn notes(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let notes = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{args:?}: {notes}");
        notes
    }

    /// Runs a command that must fail in good order, and say `reason`.
    #[track_caller]
    pub fn fail(&self, args: &[&str], reason: &str) {
        let output = self.run(args);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {message}");
        assert!(message.starts_with("error: ") && message.contains(reason), "{args:?}: {message}");
        assert!(!message.contains("panicked") && output.stdout.is_empty(), "{args:?}: {message}");
    }
}
