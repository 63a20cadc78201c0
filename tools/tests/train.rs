//! `egpt train` as a person or a script runs it: stopped and resumed, and with a teacher.

mod toy;

use std::fs;

use egpt_core::weights::random::gpt2_config;
use serde_json::Value;
use toy::Toy;

/// The last words of a command that has read its text before it fails.
fn last_words(toy: &Toy, args: &[&str]) -> String {
    let output = toy.run(args);
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap().lines().last().unwrap_or_default().to_owned()
}

/// A toy with a text that is long enough for a few updates.
fn with_text() -> Toy {
    let toy = Toy::new(gpt2_config());
    let lines: String = (0..400).map(|i| format!("hello number {i}, how are you on day {}?\n\n", i % 7)).collect();
    fs::write(toy.path("long.txt"), lines).unwrap();
    toy
}

#[test]
fn a_training_goes_on_with_its_own_settings_only() {
    let toy = with_text();
    fs::create_dir(toy.path("run")).unwrap();
    fs::write(toy.path("run/tokenizer.json"), "left by a training that failed").unwrap();
    let train = ["train", "--corpus", "long.txt", "--out", "run", "--preset", "tiny", "--batch", "2", "--threads", "1"];
    let run = |options: &[&'static str]| [&train[..], options].concat();
    toy.fail(&run(&["--steps", "2", "--resume"]), "no training to resume");
    let notes = toy.notes(&run(&["--steps", "2"]));
    assert!(notes.contains(" kB, ") && notes.contains("tokens only") && notes.contains("tiny llama: "), "{notes}");

    toy.fail(&run(&["--steps", "4"]), "add --resume");
    toy.fail(&run(&["--steps", "4", "--resume", "--arch", "gpt2"]), "begun with --arch llama, not gpt2");
    let other = ["train", "--corpus", "long.txt", "--out", "run", "--steps", "4", "--resume"];
    toy.fail(&other, "begun with --preset tiny, not small");
    let error = last_words(&toy, &run(&["--steps", "4", "--resume", "--seed", "5"]));
    assert!(error.contains("begun with --seed 1 and cannot go on with --seed 5"), "{error}");
    assert!(toy.notes(&run(&["--steps", "1", "--resume"])).contains("already at step 2 of 1: nothing to do"));

    fs::remove_file(toy.path("run/config.json")).unwrap();
    toy.succeed(&run(&["--steps", "3", "--resume"]));
    assert!(toy.path("run/config.json").exists());
    fs::remove_file(toy.path("run/training_state.safetensors")).unwrap();
    toy.fail(&run(&["--steps", "4", "--resume"]), "no training state");
}

#[test]
fn a_resumed_training_keeps_its_pace() {
    let toy = with_text();
    let train = ["train", "--corpus", "long.txt", "--out", "run", "--preset", "tiny", "--threads", "1"];
    toy.succeed(&[&train[..], &["--steps", "2", "--pace", "short"]].concat());
    toy.succeed(&[&train[..], &["--steps", "3", "--resume"]].concat());
    let history: Vec<Value> = serde_json::from_slice(&fs::read(toy.path("run/history.json")).unwrap()).unwrap();
    assert_eq!(history.last().unwrap()["tokens"], 3 * 16 * 64, "16 windows of 64 tokens per update");
    let error = last_words(&toy, &[&train[..], &["--steps", "4", "--resume", "--pace", "long"]].concat());
    assert!(error.contains("begun with --batch 16"), "{error}");
}

#[test]
fn a_teacher_lends_its_tokenizer_and_is_named() {
    let toy = with_text();
    let train = |out: &'static str, more: &[&'static str]| -> Vec<&'static str> {
        let common = ["--preset", "tiny", "--steps", "2", "--batch", "2", "--threads", "1", "--out", out];
        [&["train", "--corpus", "long.txt"], &common[..], more].concat()
    };
    toy.succeed(&train("teacher", &["--n-vocab", "300"]));
    toy.succeed(&train("learner", &["--teacher", "teacher", "--n-vocab", "300"]));
    let tokenizer = |dir: &str| fs::read(toy.path(dir).join("tokenizer.json")).unwrap();
    assert_eq!(tokenizer("learner"), tokenizer("teacher"));
    assert!(fs::read_to_string(toy.path("learner/egpt.json")).unwrap().contains(", teacher teacher"));

    // What does not fit together is said before anything is trained.
    toy.fail(&train("other", &["--teacher", "teacher", "--n-vocab", "290"]), "train a teacher with --n-vocab 290");
    toy.fail(&train("other", &["--teacher", "missing"]), "no teacher in missing");
    toy.fail(&train("other", &["--teacher", "teacher", "model"]), "the same tokenizer");
    assert_eq!(toy.run(&train("other", &["--teacher-share", "0.3"])).status.code(), Some(2));
    let error = last_words(&toy, &train("learner", &["--resume", "--n-vocab", "300"]));
    assert!(error.contains("begun with --teacher-share 0.5 and cannot go on with no --teacher"), "{error}");
    let error = last_words(&toy, &train("learner", &["--resume", "--n-vocab", "300", "--teacher", "model"]));
    assert!(error.contains("another tokenizer"), "{error}");
}

#[test]
fn a_trained_model_can_learn_on_from_a_teacher() {
    let toy = with_text();
    for (out, more) in
        [("teacher", &["--n-vocab", "300"][..]), ("model2", &["--teacher", "teacher", "--n-vocab", "300"])]
    {
        let common = ["--preset", "tiny", "--steps", "2", "--batch", "2", "--threads", "1", "--out", out];
        toy.succeed(&[&["train", "--corpus", "long.txt"], &common[..], more].concat());
    }
    let tune = |source: [&'static str; 2], teacher: &'static str| {
        let common = ["--replay-share", "0", "--steps", "2", "--batch", "2", "--threads", "1", "--out", "tuned"];
        [&["finetune", "model2"], &source[..], &common, &["--teacher", teacher]].concat()
    };
    toy.fail(&tune(["--corpus", "long.txt"], "model"), "another tokenizer");
    toy.fail(&tune(["--pairs", "long.txt"], "teacher"), "--teacher goes with --corpus");
    toy.succeed(&tune(["--corpus", "long.txt"], "teacher"));
    assert!(fs::read_to_string(toy.path("tuned/egpt.json")).unwrap().contains("updates on long.txt, teacher teacher"));
}

#[test]
fn models_for_devices_know_small_letters_only_unless_asked() {
    let toy = with_text();
    let train = |out: &'static str, more: &[&'static str]| -> Vec<&'static str> {
        let common = ["--steps", "1", "--batch", "2", "--threads", "1", "--out", out];
        [&["train", "--corpus", "long.txt"], &common[..], more].concat()
    };
    let flash = ["--flash", "40KiB"];
    assert!(toy.notes(&train("folded", &flash)).contains("in small letters"));
    toy.succeed(&train("kept", &[&flash[..], &["--keep-case"]].concat()));
    toy.succeed(&train("usual", &["--preset", "tiny"]));
    let has_normalizer =
        |dir: &str| fs::read_to_string(toy.path(dir).join("tokenizer.json")).unwrap().contains("\"Replace\"");
    assert_eq!(["folded", "kept", "usual"].map(has_normalizer), [true, false, false]);
    let error = last_words(&toy, &train("kept", &[&flash[..], &["--resume"]].concat()));
    assert!(error.contains("begun with --keep-case and cannot go on without it"), "{error}");
    toy.succeed(&["export", "folded", "--quant", "q4", "--out", "f.egpt"]);
    let words = toy.succeed(&["complete", "f.egpt", "--text", "HELLO NUM"]);
    assert!(words.contains("NUMBER"), "{words}");
    toy.succeed(&["import", "blob", "f.egpt", "--out", "again"]);
    assert!(has_normalizer("again"));
}

#[test]
fn a_language_goes_from_the_training_into_the_blob() {
    let toy = with_text();
    let train = |out: &'static str, more: &[&'static str]| -> Vec<&'static str> {
        let common = ["--steps", "1", "--batch", "2", "--threads", "1", "--flash", "40KiB", "--out", out];
        [&["train", "--corpus", "long.txt"], &common[..], more].concat()
    };
    let export = |dir: &'static str, more: &[&'static str]| -> Vec<&'static str> {
        [&["export", dir, "--quant", "q4", "--out", "m.egpt"][..], more].concat()
    };
    for (out, more, told) in [
        ("turkish", &["--language", "az"][..], "small letters only · capitals of Turkish and Azeri"),
        ("greek", &["--language", "el"], "small letters only · capitals of Greek"),
        ("kept", &["--language", "vi", "--keep-case"], "capital and small letters · capitals of Vietnamese"),
        ("plain", &[], "small letters only · capitals of any language"),
    ] {
        toy.succeed(&train(out, more));
        toy.succeed(&export(out, &[]));
        let inspected = toy.succeed(&["inspect", "m.egpt"]);
        assert!(inspected.contains(told), "{inspected}");
        toy.succeed(&["import", "blob", "m.egpt", "--out", &format!("{out}-again")]);
    }
    toy.succeed(&export("turkish-again", &[]));
    assert!(toy.succeed(&["inspect", "m.egpt"]).contains("Turkish"));
    toy.succeed(&export("kept-again", &[]));
    assert!(toy.succeed(&["inspect", "m.egpt"]).contains("Vietnamese"));
    // What the tokenizer does not do is not claimed.
    toy.fail(&export("plain", &["--language", "tr"]), "as in any language, not as in Turkish");
    toy.fail(&export("turkish", &["--language", "el"]), "as in Turkish and Azeri, not as in Greek");
    toy.fail(&train("turkish", &["--resume"]), "--language has to be that");
    toy.succeed(&export("plain", &["--language", "el"]));
    assert!(toy.succeed(&["inspect", "m.egpt", "--json"]).contains("\"language\":\"el\""));
    toy.succeed(&export("kept", &["--language", "tr"]));
    let words = ["words", "m.egpt", "--corpus", "long.txt", "--out", "w.egpt", "--language", "el"];
    toy.succeed(&words);
    assert!(toy.succeed(&["inspect", "w.egpt"]).contains("capitals of Greek"));
}

#[test]
fn sizes_may_be_given_one_by_one() {
    let toy = with_text();
    let train = ["train", "--corpus", "long.txt", "--out", "run", "--preset", "tiny", "--batch", "2", "--threads", "1"];
    let sizes = ["--n-embd", "48", "--n-layer", "1", "--n-ff", "80", "--steps", "1"];
    toy.succeed(&[&train[..], &sizes].concat());
    let config: Value = serde_json::from_slice(&fs::read(toy.path("run/config.json")).unwrap()).unwrap();
    let given = ["hidden_size", "num_hidden_layers", "intermediate_size"].map(|name| config[name].as_u64().unwrap());
    assert_eq!(given, [48, 1, 80]);
    toy.fail(&[&train[..], &["--resume", "--steps", "2"]].concat(), "other sizes");
    toy.fail(&[&train[..], &sizes, &["--arch", "gpt2"]].concat(), "--arch llama");
}
