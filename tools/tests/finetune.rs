//! `egpt finetune` with pairs and labels, and what can be done with its models.

mod toy;

use std::fs;

use egpt_core::checkpoint::Checkpoint;
use egpt_core::weights::random::{gpt2_config, llama_config};
use embedded_gpt::Config;
use serde_json::{Value, json};
use toy::Toy;

const SMALL: [&str; 4] = ["--batch", "4", "--threads", "1"];

/// A toy with room for a sentence, and two files with lines of JSON about animals.
fn toy(config: Config) -> Toy {
    let toy = Toy::new(config.with(|c| c.n_ctx = 64));
    let lines = |line: &dyn Fn(usize, &str, &str) -> Value| -> String {
        let sounds = [("cat", "meow"), ("dog", "woof")];
        (0..60).map(|i| format!("{}\n", line(i, sounds[i % 2].0, sounds[i % 2].1))).collect()
    };
    let pairs = lines(&|i, animal, sound| json!({"input": format!("{animal} {i}"), "output": sound}));
    let labels = lines(&|i, animal, sound| json!({"text": format!("{sound} {i}"), "label": animal}));
    fs::write(toy.path("pairs.jsonl"), pairs).unwrap();
    fs::write(toy.path("labels.jsonl"), labels).unwrap();
    let old: String = (0..400).map(|i| format!("hello number {i}, how are you?\n\n")).collect();
    fs::write(toy.path("old.txt"), old).unwrap();
    toy
}

#[test]
fn pairs_are_learned_and_asked_for() {
    let toy = toy(llama_config());
    let tune = ["finetune", "model", "--pairs", "pairs.jsonl", "--replay", "old.txt", "--learning-rate", "0.01"];
    let result = toy.json(&[&tune[..], &SMALL, &["--steps", "60", "--out", "tuned"]].concat());
    let (before, after) = (result["loss_before"].as_f64().unwrap(), result["loss"].as_f64().unwrap());
    assert!(after < 0.5 * before, "{result}");
    let (exact, held_out) = (result["exact"].as_u64().unwrap(), result["held_out"].as_u64().unwrap());
    assert!(held_out > 0 && exact <= held_out, "{result}");
    assert!(result["replayed"]["bits_per_byte"].as_f64() < result["replayed"]["bits_per_byte_before"].as_f64());

    toy.succeed(&["export", "tuned", "--quant", "q8", "--out", "tuned.egpt"]);
    let text = toy.json(&["generate", "tuned.egpt", "--input", "cat 3", "-n", "20"])["text"].clone();
    assert!(text.as_str().is_some_and(|text| !text.starts_with(' ') && !text.contains("Input")), "{text}");
    assert_eq!(toy.run(&["generate", "tuned.egpt", "--input", "a", "--prompt", "b"]).status.code(), Some(2));
}

#[test]
fn texts_get_labels_that_the_blob_knows() {
    for config in [gpt2_config(), llama_config().with(|c| c.tied = false)] {
        let toy = toy(config);
        let tune =
            ["finetune", "model", "--classify", "labels.jsonl", "--replay-share", "0", "--learning-rate", "0.01"];
        let result = toy.json(&[&tune[..], &SMALL, &["--steps", "60", "--out", "tuned"]].concat());
        assert_eq!(result["labels"], json!(["cat", "dog"]));
        let rates = ["accuracy", "majority", "naive_bayes"].map(|rate| result[rate].as_f64().unwrap());
        assert!(rates[0] > 0.9 && rates[1] < 0.8 && rates[2] > 0.9, "{result}");

        toy.succeed(&["export", "tuned", "--quant", "q8", "--out", "tuned.egpt"]);
        let answer = toy.json(&["classify", "tuned.egpt", "--text", "woof 7"]);
        assert_eq!(answer["label"], "dog");
        let sum: f64 = answer["labels"].as_array().unwrap().iter().filter_map(|l| l["probability"].as_f64()).sum();
        assert!((sum - 1.0).abs() < 0.01, "{answer}");
        assert!(toy.succeed(&["classify", "tuned.egpt", "--text", "woof 7"]).trim_end().ends_with("cat"));
        assert_eq!(toy.json(&["classify", "tuned.egpt", "--labels", "labels.jsonl"])["texts"], 60);

        // Again, with one label more: what is there keeps its place.
        let n_vocab = |dir: &str| Checkpoint::load(&toy.path(dir)).unwrap().weights.config.n_vocab;
        assert_eq!(n_vocab("tuned"), n_vocab("model") + 3);
        let more = fs::read_to_string(toy.path("labels.jsonl")).unwrap();
        fs::write(toy.path("more.jsonl"), more + "{\"text\":\"moo\",\"label\":\"cow\"}\n").unwrap();
        let again =
            ["finetune", "tuned", "--classify", "more.jsonl", "--replay-share", "0", "--steps", "1", "--out", "again"];
        toy.succeed(&[&again[..], &SMALL].concat());
        assert_eq!(n_vocab("again"), n_vocab("tuned") + 1);
    }
}

#[test]
fn bad_lines_and_models_are_named() {
    let toy = toy(gpt2_config());
    fs::write(toy.path("bad.jsonl"), "{\"input\":\"a\",\"output\":\"b\"}\n{\"input\":\"a\"}\n").unwrap();
    let tune =
        |what: &'static str, file: &'static str| ["finetune", "model", what, file, "--out", "none", "--steps", "1"];
    toy.fail(
        &tune("--pairs", "bad.jsonl"),
        "bad.jsonl, line 2: write one object {\"input\": \"…\", \"output\": \"…\"}",
    );
    toy.fail(
        &tune("--classify", "bad.jsonl"),
        "bad.jsonl, line 1: write one object {\"text\": \"…\", \"label\": \"…\"}",
    );
    toy.fail(&tune("--pairs", "missing.jsonl"), "cannot read missing.jsonl");
    fs::write(toy.path("long.txt"), format!("Input: {} Output: b", "long ".repeat(200))).unwrap();
    toy.fail(&tune("--pairs", "long.txt"), "no pair fits into the model's context of 64 tokens");
    toy.fail(
        &["classify", "m.egpt", "--text", "a"],
        "the model has no labels; egpt finetune --classify trains one that has",
    );
    for arguments in [&["--pairs", "pairs.jsonl", "--corpus", "old.txt"][..], &[]] {
        let code = toy.run(&[&["finetune", "model", "--out", "none"], arguments].concat()).status.code();
        assert_eq!(code, Some(2));
    }
    assert!(!toy.path("none/config.json").exists());
}
