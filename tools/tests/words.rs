//! Which words are listed, and what is shown of them: `egpt words`, `egpt export` and `egpt eval --known-words`.

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
