//! `egpt compare`, and the check that `egpt export` makes of what it writes.

mod toy;

use std::fs;

use egpt_core::checkpoint::{Checkpoint, SpecialTokens};
use egpt_core::weights::random::{gpt2_config, llama_config};
use embedded_gpt::format::tensor::Role;
use toy::Toy;

const FIGURES: [&str; 4] = ["bits_per_byte_blob", "bits_per_byte_reference", "mean_kl", "top1_agreement"];

#[test]
fn compare_puts_a_blob_beside_its_checkpoint() {
    let toy = Toy::new(llama_config());
    let json = toy.json(&["compare", "model", "m.egpt", "--text", "text.txt"]);
    let names: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(names, FIGURES);
    let [blob, reference, kl, agreement] = FIGURES.map(|name| json[name].as_f64().unwrap());
    for (model, bits) in [("m.egpt", blob), ("model", reference)] {
        let eval = toy.json(&["eval", model, "--text", "text.txt", "--limit-words", "0"])["bits_per_byte"].as_f64();
        assert!((eval.unwrap() / bits - 1.0).abs() < 1e-5, "{json} {eval:?}");
    }
    assert!((0.0..0.01).contains(&kl) && (0.9..=1.0).contains(&agreement), "{json}");
    let text = toy.succeed(&["compare", "model", "m.egpt", "--text", "text.txt"]);
    for expected in ["bits per byte", "nats per token", "same first choice"] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    // Without a text, with the checkpoint's own or what it writes; without its tokenizer, by the blob's.
    assert!(toy.json(&["compare", "model", "m.egpt"])["mean_kl"].as_f64() < Some(0.01));
    fs::remove_file(toy.path("model/tokenizer.json")).unwrap();
    assert_eq!(toy.json(&["compare", "model", "m.egpt", "--text", "text.txt"]), json);
}

#[test]
fn what_does_not_belong_together_is_not_compared() {
    let (toy, other) = (Toy::new(llama_config()), Toy::new(gpt2_config()));
    let other = other.path("model");
    let other = other.to_str().unwrap();
    toy.fail(&["compare", other, "m.egpt", "--text", "text.txt"], "made from another checkpoint");
    toy.fail(&["compare", "m.egpt", "model", "--text", "text.txt"], "m.egpt");
    fs::write(toy.path("empty.txt"), "\n").unwrap();
    toy.fail(&["compare", "model", "m.egpt", "--text", "empty.txt"], "has no text");
    toy.fail(&["compare", "model", "m.egpt", "--text", "missing.txt"], "cannot read missing.txt");
}

#[test]
fn export_says_how_faithful_the_blob_is() {
    let toy = Toy::new(gpt2_config());
    let line = |output: String| output.lines().find(|line| line.contains("nats per token")).map(str::to_owned);
    let written = line(toy.succeed(&["export", "model", "--out", "m.egpt"])).unwrap();
    assert!(written.contains("bits per byte") && written.contains("256 tokens"), "{written}");
    fs::write(toy.path("model/valid.txt"), "hello there\nhow are you?\n").unwrap();
    let read = line(toy.succeed(&["export", "model", "--out", "m.egpt"])).unwrap();
    assert_ne!(read, written);
    let json = toy.json(&["export", "model", "--out", "m.egpt"]);
    assert!(FIGURES.iter().all(|name| json[name].is_f64()), "{json}");
}

#[test]
fn text_that_is_too_short_to_measure_with_is_not_used() {
    let toy = Toy::new(gpt2_config());
    // Without a token between documents, a letter is one token.
    let tokenizer = fs::read_to_string(toy.path("model/tokenizer.json")).unwrap();
    fs::write(toy.path("model/tokenizer.json"), tokenizer.replace("<|endoftext|>", "<|other|>")).unwrap();
    let mut checkpoint = Checkpoint::load(&toy.path("model")).unwrap();
    checkpoint.special = SpecialTokens::default();
    checkpoint.save(&toy.path("model")).unwrap();
    let written = toy.json(&["export", "model", "--out", "m.egpt"]);
    fs::write(toy.path("model/valid.txt"), "h").unwrap();
    toy.fail(&["compare", "model", "m.egpt", "--text", "model/valid.txt"], "too short");
    assert_eq!(toy.json(&["export", "model", "--out", "m.egpt"])["mean_kl"], written["mean_kl"]);
}

#[test]
fn a_blob_that_has_lost_too_much_is_not_written() {
    let toy = Toy::new(llama_config());
    let before = fs::read(toy.path("m.egpt")).unwrap();
    let mut checkpoint = Checkpoint::load(&toy.path("model")).unwrap();
    // Scores so large that the rounding of keys decides which one wins.
    for layer in 0..checkpoint.weights.config.n_layer {
        checkpoint.weights.get_mut(Role::Query, layer).unwrap().iter_mut().for_each(|weight| *weight *= 1000.0);
    }
    checkpoint.save(&toy.path("wild")).unwrap();
    let export = ["export", "wild", "--out", "m.egpt"];
    toy.fail(&export, "--max-kl none");
    toy.fail(&["export", "wild", "--out", "new.egpt"], "nats per token");
    assert!(fs::read(toy.path("m.egpt")).unwrap() == before && !toy.path("new.egpt").exists());
    assert!(toy.json(&[&export[..], &["--max-kl", "none"]].concat())["mean_kl"].as_f64() > Some(0.1));
    toy.fail(&["export", "model", "--out", "m.egpt", "--max-kl", "0"], "more than 0");
}
