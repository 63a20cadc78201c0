//! Trainings that are refused, killed, or run out of disk: what was there before stays whole and can go on.
#![cfg(unix)]

mod toy;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use egpt_core::train::TrainingState;
use egpt_core::weights::random::gpt2_config;
use toy::Toy;

const TRAIN: [&str; 9] = ["train", "--corpus", "long.txt", "--preset", "tiny", "--batch", "2", "--threads", "1"];
/// What makes a model, and must be the same however often its training was stopped.
const MODEL: [&str; 5] = ["model.safetensors", "config.json", "tokenizer.json", "words.txt", "ngrams.txt"];

/// A toy with two texts that are long enough for a few updates.
fn with_texts() -> Toy {
    let toy = Toy::new(gpt2_config());
    let text = |greeting: &str| -> String {
        (0..400).map(|i| format!("{greeting} number {i}, how are you on day {}?\n\n", i % 7)).collect()
    };
    fs::write(toy.path("long.txt"), text("hello")).unwrap();
    fs::write(toy.path("other.txt"), text("dear")).unwrap();
    toy
}

fn train(out: &'static str, options: &[&'static str]) -> Vec<&'static str> {
    [&TRAIN[..], &["--out", out], options].concat()
}

/// All files of a directory, hidden ones too.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let read = |entry: fs::DirEntry| {
        let content = if entry.path().is_dir() { Vec::new() } else { fs::read(entry.path()).unwrap() };
        (entry.file_name().into_string().unwrap(), content)
    };
    fs::read_dir(dir).unwrap().map(|entry| read(entry.unwrap())).collect()
}

#[track_caller]
fn assert_same_model(one: &Path, other: &Path) {
    for name in MODEL {
        assert!(fs::read(one.join(name)).unwrap() == fs::read(other.join(name)).unwrap(), "{name} differs");
    }
    let hidden: Vec<String> = files(one).into_keys().filter(|name| name.starts_with('.')).collect();
    assert!(hidden.is_empty(), "left behind: {hidden:?}");
}

#[test]
fn a_refused_resume_changes_nothing() {
    let toy = with_texts();
    toy.succeed(&train("run", &["--steps", "2"]));
    let before = files(&toy.path("run"));
    let resume = ["--steps", "4", "--resume"];
    for (options, reason) in [
        (&["--corpus", "other.txt"][..], "the text is not the one"),
        (&["--corpus", "other.txt", "--batch", "4"], "begun with --batch 2"),
        (&["--learning-rate", "0.02"], "begun with --learning-rate 0.01"),
        (&["--dropout", "0.5"], "begun with --dropout 0 "),
        (&["--pace", "short"], "for the embedding"),
        (&["--corpus", "missing.txt"], "missing.txt"),
    ] {
        // An option can be given once.
        let keeps = |pair: &&[&'static str]| !options.contains(&pair[0]);
        let rest = TRAIN[1..].chunks(2).filter(keeps).flatten().copied();
        let args: Vec<&str> = ["train", "--out", "run"].into_iter().chain(rest).chain(resume).collect();
        let output = toy.run(&[&args[..], options].concat());
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && message.contains(reason), "{options:?}: {message}");
        assert!(files(&toy.path("run")) == before, "{options:?} changed something");
    }

    let tokenizer = fs::read_to_string(toy.path("run/tokenizer.json")).unwrap();
    fs::write(toy.path("run/tokenizer.json"), tokenizer.clone() + "\n").unwrap();
    let output = toy.run(&train("run", &resume));
    assert!(String::from_utf8(output.stderr).unwrap().contains("tokenizer.json is not the one"));
    fs::write(toy.path("run/tokenizer.json"), tokenizer).unwrap();
    toy.succeed(&train("run", &resume));
}

#[test]
fn a_refused_command_leaves_nothing() {
    let toy = with_texts();
    fs::write(toy.path("short.txt"), "hello").unwrap();
    let labels: String = (0..60).map(|i| format!("{{\"text\": \"text {i}\", \"label\": \"{}\"}}\n", i % 2)).collect();
    fs::write(toy.path("labels.jsonl"), labels).unwrap();
    fs::write(toy.path("eval.jsonl"), "{\"predictor\": \"m\", \"bytes\": 1, \"ksr1\": 1, \"ksr3\": 2}").unwrap();
    fs::create_dir(toy.path("empty")).unwrap();
    let before = files(&toy.path(""));
    let tune = ["finetune", "model", "--out", "new", "--replay", "missing.txt"];
    for (args, reason) in [
        (&["train", "--corpus", "short.txt", "--out", "new", "--preset", "tiny"][..], "are too few for a context"),
        (&[&tune[..], &["--classify", "labels.jsonl"]].concat(), "missing.txt"),
        (&[&tune[..], &["--corpus", "long.txt"]].concat(), "missing.txt"),
        (&["import", "hf", "empty", "--out", "new"], "config.json"),
        (&["import", "blob", "long.txt", "--out", "new"], "long.txt"),
        (&["corpus", "missing.txt", "--out", "new"], "missing.txt"),
        (&["report", "empty", "--eval-json", "eval.jsonl"], "config.json"),
        (&["export", "empty", "--out", "missing/m.egpt"], "cannot write missing/m.egpt"),
        (&["words", "m.egpt", "--corpus", "missing.txt", "--out", "empty"], "cannot write empty"),
        (&["eval", "m.egpt", "--text", "missing.txt", "--plot", "missing/a.svg"], "cannot write missing/a.svg"),
    ] {
        let output = toy.run(args);
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && message.contains(reason), "{args:?}: {message}");
        assert!(files(&toy.path("")) == before, "{args:?} left something");
        assert_eq!(files(&toy.path("empty")).len(), 0, "{args:?}");
    }
}

#[test]
fn a_training_that_noted_no_text_goes_on_with_a_word() {
    let toy = with_texts();
    toy.succeed(&train("run", &["--steps", "1"]));
    let mut state = TrainingState::load(&toy.path("run")).unwrap();
    state.config.source = None;
    state.save(&toy.path("run")).unwrap();
    let resume = |steps| train("run", &["--resume", "--steps", steps]);
    assert!(toy.notes(&resume("2")).contains("an earlier version began this training"));
    assert!(!toy.notes(&resume("3")).contains("an earlier version"), "the text is noted now");
}

/// A training that would take minutes, and does not outlive its test.
struct LongTraining(Child);

impl Drop for LongTraining {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Begins a training into `run`; its first files are there, none waits any more, and it can be asked to end.
fn long_training(toy: &Toy, args: &[&str]) -> LongTraining {
    let mut command = toy.command(&[args, &["--steps", "100000"]].concat());
    let child = LongTraining(command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
    let started = Instant::now();
    let staged = || fs::read_dir(toy.path("run/.egpt-new")).map_or(0, Iterator::count);
    while !toy.path("run/tokenizer.json").exists() || staged() > 0 {
        assert!(started.elapsed() < Duration::from_secs(60), "the training does not begin");
        sleep(Duration::from_millis(5));
    }
    child
}

fn terminate(process: &Child) {
    assert!(Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap().success());
}

#[test]
fn one_command_at_a_time_writes_into_a_directory() {
    let toy = with_texts();
    let first = long_training(&toy, &train("run", &[]));
    let before = files(&toy.path("run"));
    for command in [
        &train("run", &["--steps", "2"])[..],
        &["finetune", "model", "--corpus", "long.txt", "--out", "run"],
        &["import", "blob", "m.egpt", "--out", "run"],
        &["corpus", "long.txt", "--out", "run"],
    ] {
        toy.fail(command, "another command is writing to run");
    }
    assert!(files(&toy.path("run")) == before);
    drop(first);
    toy.succeed(&train("run", &["--steps", "2"]));
    toy.succeed(&train("through", &["--steps", "2"]));
    assert_same_model(&toy.path("run"), &toy.path("through"));
}

#[test]
fn sigterm_saves_before_it_ends() {
    let toy = with_texts();
    let terminated = |args: &[&str]| {
        let mut training = long_training(&toy, args);
        terminate(&training.0);
        let message = io::read_to_string(training.0.stderr.take().unwrap()).unwrap();
        (training.0.wait().unwrap().code(), message)
    };
    let (code, message) = terminated(&train("run", &[]));
    assert_eq!(code, Some(130), "{message}");
    assert!(message.contains("the same command with --resume goes on"), "{message}");
    let steps = TrainingState::load(&toy.path("run")).unwrap().optimizer.steps;
    toy.succeed(&["export", "run", "--out", "run.egpt"]);
    let again = toy.json(&train("run", &["--resume", "--steps", "1"]));
    assert_eq!(again["steps"].as_u64(), Some(steps));

    fs::remove_dir_all(toy.path("run")).unwrap();
    let tune = ["finetune", "model", "--corpus", "long.txt", "--replay-share", "0", "--threads", "1", "--out", "run"];
    let (code, message) = terminated(&tune);
    assert!(code == Some(0) && message.contains("stopped after"), "{code:?}: {message}");
    toy.succeed(&["export", "run", "--out", "run.egpt"]);
}

#[test]
fn whoever_does_not_wait_for_what_follows_a_training_asks_again() {
    let toy = Toy::new(gpt2_config().with(|c| c.n_ctx = 64));
    let pairs: String = (0..1000).map(|i| format!("{{\"input\": \"{i}?\", \"output\": \"{i}!\"}}\n")).collect();
    fs::write(toy.path("pairs.jsonl"), pairs).unwrap();
    let tune =
        ["finetune", "model", "--pairs", "pairs.jsonl", "--held-out", "0.5", "--replay-share", "0", "--out", "run"];
    let mut training = long_training(&toy, &[&tune[..], &["--threads", "1"]].concat());
    let mut lines = BufReader::new(training.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    terminate(&training.0);
    assert!(lines.any(|line| line.contains("stopped after")));
    terminate(&training.0);
    assert_eq!(training.0.wait().unwrap().code(), Some(130));
    toy.succeed(&["export", "run", "--out", "run.egpt"]);
}

#[test]
fn a_training_that_is_killed_ten_times_ends_with_the_same_model() {
    let toy = with_texts();
    let whole = ["--steps", "60", "--quant", "q4"];
    let started = Instant::now();
    toy.succeed(&train("through", &whole));
    let third = started.elapsed().as_micros() as u64 / 3;
    let mut random: u64 = 1;
    let (mut n_killed, mut n_resumed) = (0, 0);
    for _ in 0..10 {
        let is_begun = TrainingState::exists(&toy.path("run"));
        n_resumed += u32::from(is_begun);
        let resume: &[&str] = if is_begun { &["--resume"] } else { &[] };
        let mut training = toy.command(&[&train("run", &whole)[..], resume].concat());
        let mut training = training.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        sleep(Duration::from_micros((random >> 32) % third));
        training.kill().unwrap();
        let status = training.wait().unwrap();
        assert!(status.success() || status.signal() == Some(9), "{status}");
        n_killed += u32::from(!status.success());
    }
    assert!(n_killed >= 5, "only {n_killed} were still at work");
    assert!(n_resumed >= 1, "none was killed after a checkpoint");
    let is_begun = TrainingState::exists(&toy.path("run"));
    toy.succeed(&train("run", if is_begun { &["--steps", "60", "--quant", "q4", "--resume"] } else { &whole }));
    assert_same_model(&toy.path("run"), &toy.path("through"));
}

#[test]
fn a_checkpoint_stays_whole_when_the_next_one_has_no_room() {
    let toy = with_texts();
    toy.succeed(&train("run", &["--steps", "2"]));
    let before = files(&toy.path("run"));
    let largest = before.values().map(Vec::len).max().unwrap();
    let more = train("run", &["--steps", "4", "--resume"]).join(" ");
    for tenth in 0..10 {
        // Too large a file is an error rather than the end of the process where the signal is ignored.
        let blocks = largest * tenth / 10 / 512;
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec {} {more}", env!("CARGO_BIN_EXE_egpt"));
        let output = Command::new("sh").args(["-c", &script]).current_dir(toy.path("")).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && message.contains("cannot write"), "{blocks}: {message}");
        assert!(files(&toy.path("run")) == before, "{blocks} blocks: something changed");
    }
    toy.succeed(&["export", "run", "--out", "run.egpt"]);
    toy.succeed(&train("run", &["--steps", "4", "--resume"]));
}

/// A disk of its own, in memory, fills up at ten places of a training's first checkpoints. Needs Linux that lets
/// anybody mount one; skipped with a printed reason elsewhere.
#[test]
fn a_training_that_ran_out_of_disk_goes_on() {
    let toy = with_texts();
    let whole = ["--steps", "4"];
    toy.succeed(&train("through", &whole));
    let total: usize = files(&toy.path("through")).values().map(Vec::len).sum();
    fs::create_dir(toy.path("disk")).unwrap();
    let egpt = env!("CARGO_BIN_EXE_egpt");
    let begin = train("disk/run", &whole).join(" ");
    let mut n_full = 0;
    for part in 1..=10 {
        let size = total * part / 10;
        let script = format!(
            "mount -t tmpfs -o size={size} tmpfs disk && echo mounted || exit; {egpt} {begin}; code=$?; \
             rm -rf run; [ ! -e disk/run ] || cp -r disk/run run; exit $code"
        );
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).current_dir(toy.path(""));
        let is_mounted = |output: &Output| output.stdout.starts_with(b"mounted");
        let Some(output) = unshare.output().ok().filter(is_mounted) else {
            eprintln!("skipped: no disk of its own can be mounted here");
            return;
        };
        let message = String::from_utf8(output.stderr).unwrap();
        let is_full = output.status.code() == Some(1) && message.contains("cannot write");
        assert!(is_full || output.status.success(), "{size}: {message}");
        n_full += u32::from(is_full);
        let is_begun = TrainingState::exists(&toy.path("run"));
        toy.succeed(&train("run", if is_begun { &["--steps", "4", "--resume"] } else { &whole }));
        assert_same_model(&toy.path("run"), &toy.path("through"));
    }
    assert!(n_full >= 5, "only {n_full} disks were full");
}
