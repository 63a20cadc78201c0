//! Which words are listed, which are blocked, and what is shown of them: `egpt words`, `egpt export` and
//! `egpt eval --known-words`.

mod toy;

use std::fs;

use egpt_core::weights::random::llama_config;
use toy::Toy;

#[test]
fn what_is_shown_is_held_against_right_words() {
    let toy = Toy::new(llama_config());
    fs::write(toy.path("chat.txt"), "hello there\nhow are you\n").unwrap();
    fs::write(toy.path("right.txt"), "hello\nthere\n").unwrap();
    let args = ["eval", "m.egpt", "--text", "chat.txt", "--known-words", "right.txt"];
    let json = toy.json(&args);
    assert_eq!(json["words"], 5);
    let [first, three] = ["shown_first", "shown_of_three"].map(|key| json[key].as_u64().unwrap());
    assert!(0 < first && first <= three && three <= 3 * "hellotherehowareyou".len() as u64, "{json}");
    for kind in ["listed", "invented", "names"] {
        let n: u64 = json[kind]["commonest"].as_array().unwrap().iter().map(|word| word[1].as_u64().unwrap()).sum();
        let share = json[kind]["of_three"].as_f64().unwrap();
        assert!((share - 100.0 * n as f64 / three as f64).abs() < 1e-9, "{kind}: {json}");
    }
    let text = toy.succeed(&args);
    for expected in ["5 words typed", "listed in small letters", "not listed"] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    fs::write(toy.path("right.txt"), "\n").unwrap();
    toy.fail(&args, "no words");
}

#[test]
fn misspelt_words_are_left_out_unless_a_dictionary_has_them() {
    let toy = Toy::new(llama_config());
    let text = "because it was good\nbecuase it was soooo good\n".to_owned() + &"because you know\n".repeat(90);
    fs::write(toy.path("words.txt"), text.repeat(2)).unwrap();
    let words =
        |more: &[&str]| toy.json(&[&["words", "m.egpt", "--corpus", "words.txt", "--out", "n.egpt"], more].concat());
    let [clean, all] = [words(&[]), words(&["--keep-misspelt"])];
    assert_eq!([&clean["misspelt"], &all["misspelt"]], [2, 0]);
    assert_eq!(clean["words"].as_u64().unwrap() + 2, all["words"].as_u64().unwrap());
    fs::write(toy.path("right.txt"), "becuase\n").unwrap();
    assert_eq!(words(&["--dictionary", "right.txt"])["misspelt"], 1);
    let text = toy.succeed(&["words", "m.egpt", "--corpus", "words.txt", "--out", "n.egpt"]);
    assert!(text.contains("2 misspelt words left out: ") && text.contains("becuase (because)"), "{text}");
    toy.fail(&["words", "m.egpt", "--corpus", "words.txt", "--out", "n.egpt", "--dictionary", "none.txt"], "none.txt");
}

/// What `egpt inspect` says of a blob's list.
fn blocked(toy: &Toy, blob: &str) -> u64 {
    toy.json(&["inspect", blob])["blocked"].as_u64().unwrap()
}

#[test]
fn blobs_list_blocked_words_by_level() {
    let toy = Toy::new(llama_config());
    let export = |more: &[&str]| toy.json(&[&["export", "model", "--out", "n.egpt"], more].concat());
    let mut counts = Vec::new();
    for level in ["off", "mild", "strict"] {
        let n = export(&["--blocked", level])["blocked"].as_u64().unwrap();
        assert_eq!(blocked(&toy, "n.egpt"), n);
        let words = toy.json(&["words", "m.egpt", "--corpus", "text.txt", "--out", "w.egpt", "--blocked", level]);
        assert_eq!([words["blocked"].as_u64(), Some(blocked(&toy, "w.egpt"))], [Some(n); 2], "{level}");
        counts.push(n);
    }
    assert!(counts[0] == 0 && 0 < counts[1] && counts[1] < counts[2], "{counts:?}");
    fs::write(toy.path("english.txt"), "see the cat and the dog\n").unwrap();
    let by_itself = |text| toy.json(&["words", "m.egpt", "--corpus", text, "--out", "w.egpt"])["blocked"].as_u64();
    assert_eq!([by_itself("text.txt"), by_itself("english.txt")], [Some(0), Some(counts[1])], "mild for English");
    assert_eq!(export(&[])["blocked"], 0, "nothing is known of the language");
    let mild = counts[1].to_string();
    for args in [
        &["export", "model", "--out", "n.egpt", "--blocked", "mild"][..],
        &["words", "n.egpt", "--corpus", "text.txt", "--out", "w.egpt"],
        &["inspect", "n.egpt"],
    ] {
        assert!(toy.succeed(args).contains(&format!("{mild} words and phrases are not offered")), "{args:?}");
    }
    toy.succeed(&["words", "n.egpt", "--corpus", "text.txt", "--out", "w.egpt", "--blocked", "off"]);
    assert!(toy.succeed(&["inspect", "w.egpt"]).contains("no words are blocked"));
}

#[test]
fn files_of_blocked_words_add_up_and_stay() {
    let toy = Toy::new(llama_config());
    fs::write(toy.path("mine.txt"), "# of the product\nHello\nhow are you # not offered after `how are`\n\n").unwrap();
    fs::write(toy.path("more.txt"), "hello\nfine\n").unwrap();
    let words = |more: &[&str]| {
        let json = toy.json(&[&["words", "m.egpt", "--corpus", "text.txt", "--out", "m.egpt"], more].concat());
        json["blocked"].as_u64().unwrap()
    };
    let mild = words(&["--blocked", "mild"]);
    assert_eq!(words(&["--blocked", "mild", "mine.txt"]), mild + 2);
    assert_eq!(words(&["--blocked", "mine.txt", "more.txt"]), 3);
    // Other words do not bring another list.
    assert_eq!([words(&[]), blocked(&toy, "m.egpt")], [3, 3]);
    let offers_hello = || {
        let words = toy.json(&["complete", "m.egpt", "--text", "he"])["suggestions"].to_string();
        words.to_lowercase().contains("\"hello\"")
    };
    assert!(!offers_hello());
    assert!(words(&["--blocked", "off"]) == 0 && offers_hello());
}

#[test]
fn lists_of_blocked_words_that_cannot_be_used_are_named() {
    let toy = Toy::new(llama_config());
    let fail = |blocked: &[&str], reason: &str| {
        toy.fail(
            &[&["words", "m.egpt", "--corpus", "text.txt", "--out", "n.egpt", "--blocked"], blocked].concat(),
            reason,
        );
        toy.fail(&[&["export", "model", "--out", "n.egpt", "--blocked"], blocked].concat(), reason);
    };
    fail(&["none.txt"], "--blocked none.txt: there is no such file; give off, mild, strict, or a file");
    fail(&["off", "mild"], "--blocked off is no list");
    fs::write(toy.path("long.txt"), "ok\nwhat do you think\n").unwrap();
    fail(&["long.txt"], "long.txt is not a list of words: line 2: `what do you think` has 4 words");
    fs::write(toy.path("empty.txt"), "# nothing\n").unwrap();
    fail(&["empty.txt"], "empty.txt has no words in it");
    assert!(!toy.path("n.egpt").exists());
}
