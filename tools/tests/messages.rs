//! What `egpt` says to input that it cannot use is true of that input.

mod toy;

use std::fs;

use egpt_core::weights::random::gpt2_config;
use toy::Toy;

/// What clap says of an option that it refuses.
#[track_caller]
fn refusal(toy: &Toy, args: &[&str]) -> String {
    let output = toy.run(args);
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn numbers_that_are_too_large_are_called_that() {
    let toy = Toy::new(gpt2_config());
    let train =
        |option: &'static str, value: &'static str| ["train", "--corpus", "text.txt", "--out", "new", option, value];
    assert!(refusal(&toy, &train("--steps", "99999999999999999999")).contains("at most"));
    assert!(refusal(&toy, &train("--flash", "5GiB")).contains("less than 4GiB"));
    toy.fail(&train("--flash", "4000MB"), "at most 64 MiB");
    toy.fail(&train("--flash", "3GiB"), "at most 64 MiB");
    let words = ["export", "model", "--out", "x.egpt", "--words", "99999999999999999999"];
    assert!(refusal(&toy, &words).contains("at most"));
}

#[test]
fn too_little_text_gets_advice_that_helps() {
    let toy = Toy::new(gpt2_config());
    let advice = |text: &str, options: &[&str]| {
        fs::write(toy.path("little.txt"), text).unwrap();
        let output = toy.run(&[&["train", "--corpus", "little.txt", "--out", "new", "--steps", "1"], options].concat());
        let message = String::from_utf8(output.stderr).unwrap();
        let _ = fs::remove_dir_all(toy.path("new"));
        assert_eq!(output.status.code(), Some(1), "{message}");
        message.lines().last().unwrap_or_default().to_owned()
    };
    let little = "What a day, said nobody at all.";
    let tiny = advice(little, &["--preset", "tiny"]);
    assert!(tiny.contains("add text") && !tiny.contains("--"), "{tiny}");
    let small = advice(&"yes and no ".repeat(30), &["--preset", "small"]);
    assert!(small.contains("add text, or take --preset tiny"), "{small}");
    let designed = advice(little, &["--flash", "64KiB"]);
    assert!(designed.contains("add text") && !designed.contains("--"), "{designed}");
    fs::write(toy.path("little.txt"), "hello").unwrap();
    let output = toy.run(&["finetune", "model", "--corpus", "little.txt", "--out", "tuned", "--steps", "1"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("add text") && !message.contains("--preset"), "{message}");
}

#[test]
fn text_may_begin_with_a_dash() {
    let toy = Toy::new(gpt2_config());
    for args in [
        &["complete", "m.egpt", "--text", "- mi"][..],
        &["tokenize", "m.egpt", "--text", "-5 degrees"],
        &["generate", "m.egpt", "-n", "2", "--prompt", "- mi"],
        &["generate", "m.egpt", "-n", "2", "--input", "- mi"],
        &["logits-hash", "m.egpt", "--prompt", "- mi"],
        &["export", "model", "--out", "x.egpt", "--about", "- a list"],
    ] {
        toy.succeed(args);
    }
    toy.fail(&["classify", "m.egpt", "--text", "- mi"], "label");
}

#[test]
fn complete_says_when_a_space_is_missing() {
    let toy = Toy::new(gpt2_config());
    toy.succeed(&["words", "m.egpt", "--corpus", "text.txt", "--out", "m.egpt"]);
    assert!(toy.notes(&["complete", "m.egpt", "--text", "hello,"]).contains("a space at the end of --text"));
    assert!(!toy.succeed(&["complete", "m.egpt", "--text", "hello, "]).is_empty());
    let unknown = toy.notes(&["complete", "m.egpt", "--text", "zzqxj"]);
    assert!(unknown.contains("knows no word like this"), "{unknown}");
}

#[test]
fn several_texts_are_named_in_one_way() {
    let toy = Toy::new(gpt2_config());
    let text = |word: &str| (0..400).map(|i| format!("{word} is number {i}{word}\n\n")).collect::<String>();
    for (name, word) in [("a.txt", "apple"), ("b,c.txt", "banana")] {
        fs::write(toy.path(name), text(word)).unwrap();
    }
    let words = ["words", "m.egpt", "--out", "w.egpt", "--corpus", "a.txt"];
    let listed = |args: &[&str]| toy.json(args)["words"].as_u64().unwrap();
    assert_eq!(listed(&[&words[..], &["b,c.txt"]].concat()), listed(&words) + 1);
    let eval = ["eval", "m.egpt", "--limit-words", "3", "--corpus", "a.txt", "b,c.txt"];
    toy.succeed(&eval);
    toy.fail(&["words", "m.egpt", "--out", "w.egpt", "--corpus", "a.txt,b,c.txt"], "a.txt,b,c.txt");
}
