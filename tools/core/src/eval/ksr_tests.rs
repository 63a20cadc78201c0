//! Hand-computed costs, and the figures of the definition's own program.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;

use super::*;

fn rates(text: &str, predict: impl Fn(&str, &str) -> Vec<&'static str>) -> Rates {
    let predict =
        |context: &str, prefix: &str, _| Ok(predict(context, prefix).into_iter().map(str::to_owned).collect());
    evaluate(&TypedText::new(text, None), predict).unwrap().1
}

#[track_caller]
fn assert_close(actual: f64, expected: f64) {
    assert!((actual - expected).abs() < 1e-9, "{actual} instead of {expected}");
}

#[test]
fn without_suggestions_nothing_is_saved() {
    assert_eq!(rates("hello world", |_, _| vec![]), Rates::default());
}

#[test]
fn a_word_known_in_advance_is_one_keystroke_with_its_space() {
    let rates = rates("hello world", |context, _| if context.is_empty() { vec!["hello"] } else { vec!["world"] });
    // "hello" and its space 1, "world" 1, line end 1, of 12.
    assert_close(rates.ksr[0], 75.0);
    assert_close(rates.ksr_without_space[0], 100.0 * (1.0 - 4.0 / 12.0));
    assert_close(rates.next_word[0], 100.0);
    assert_close(rates.next_word_inline[0], 100.0);
}

#[test]
fn a_third_suggestion_counts_for_three_slots_only() {
    let rates = rates("hello world", |_, prefix| if prefix == "he" { vec!["x", "y", "hello"] } else { vec![] });
    assert_close(rates.ksr[1], 100.0 * (1.0 - (3.0 + 5.0 + 1.0) / 12.0));
    assert_close(rates.ksr[0], 0.0);
}

#[test]
fn suggestions_past_the_slots_do_not_count() {
    assert_eq!(rates("hello", |_, _| vec!["a", "b", "c", "hello"]), Rates::default());
}

#[test]
fn punctuation_swallows_the_space() {
    let rates = rates("hi, you", |context, _| if context.is_empty() { vec!["hi"] } else { vec![] });
    assert_close(rates.ksr[0], 100.0 * (1.0 - 7.0 / 8.0));
}

#[test]
fn accepting_a_letter_saves_its_space() {
    let rates = rates("a b", |context, _| if context.is_empty() { vec!["a"] } else { vec![] });
    assert_close(rates.ksr[0], 25.0);
    assert_close(rates.ksr_without_space[0], 0.0);
}

#[test]
fn completions_count_longer_words_only() {
    let rates = rates("hello to", |_, prefix| if prefix == "he" { vec!["hello"] } else { vec![] });
    assert_close(rates.completion[1][0], 100.0);
    assert_close(rates.completion[0][0], 0.0);
}

#[test]
fn case_does_not_matter() {
    assert_close(rates("Hello", |_, _| vec!["hello"]).next_word[0], 100.0);
}

#[test]
fn words_in_another_case_save_nothing_of_the_exact_rate() {
    let text = "see Tom see tom";
    let both = rates(text, |_, prefix| if prefix.is_empty() { vec!["tom", "Tom"] } else { vec![] });
    // "Tom " and "tom" in one keystroke each, of 16.
    assert_close(both.ksr[0], 100.0 * 5.0 / 16.0);
    assert_close(both.ksr_in_case[0], 100.0 * 2.0 / 16.0);
    assert_close(both.ksr_in_case[1], both.ksr[1]);
    // It is not taken again in the case of the text.
    let late = rates(text, |_, prefix| if prefix == "T" { vec!["Tom"] } else { vec!["tom"] });
    assert_close(late.ksr_in_case[0], 100.0 * 2.0 / 16.0);
}

#[test]
fn a_character_is_a_keystroke_in_every_script() {
    // "привет " in two of 7 + 4 keystrokes.
    let rates = rates("Привет мир", |_, prefix| if prefix == "П" { vec!["привет"] } else { vec![] });
    assert_close(rates.ksr[0], 100.0 * 5.0 / 11.0);
    assert_close(rates.completion[0][0], 50.0);
}

#[test]
fn accents_of_their_own_are_keystrokes_and_find_composed_words() {
    // "e\u{301}cole" has 6 characters: one typed, one to accept.
    let rates = rates("e\u{301}cole", |_, prefix| if prefix == "e" { vec!["école"] } else { vec![] });
    assert_close(rates.ksr[0], 100.0 * 4.0 / 7.0);
    let signs = self::rates("हिन्दी", |_, prefix| if prefix == "हि" { vec!["हिन्दी"] } else { vec![] });
    assert_close(signs.ksr[0], 100.0 * 3.0 / 7.0);
}

#[test]
fn parts_add_up_to_the_whole() {
    let text = TypedText::new("the cat, the dog\nthe end of the cat", None);
    let mut predict =
        |_: &str, prefix: &str, _| Ok(if prefix == "c" { vec!["cat".into()] } else { vec!["the".into()] });
    let (whole, _) = evaluate(&text, predict).unwrap();
    let mut sum = Tally::default();
    for range in [0..3, 3..text.n_words()] {
        let mut part = Tally::default();
        text.words(range).try_for_each(|word| part.type_word(word, MAX_SLOTS, &mut predict)).unwrap();
        sum += &part;
    }
    assert_eq!(sum, whole);
}

/// Suggests the most frequent words of the text itself that start with the letters typed.
const PYTHON: &str = r#"
import collections, json, sys
sys.path.insert(0, sys.argv[1])
from ksr import evaluate
text = open(sys.argv[1] + "/chitchat.test-sample.txt", encoding="utf-8").read()
count = collections.Counter(text.split())
words = sorted(count, key=lambda word: (-count[word], word))
def predict(context, prefix, k):
    found = []
    for word in words:
        if word.startswith(prefix) and word != context[-4:]:
            found.append(word)
            if len(found) == k: break
    return found
print(json.dumps(evaluate(predict, text, limit_words=1000)))
"#;

/// The predictor of the Python program, in Rust.
fn by_frequency(text: &str) -> impl FnMut(&str, &str, usize) -> Result<Vec<String>> {
    let mut count: HashMap<&str, usize> = HashMap::new();
    text.split_whitespace().for_each(|word| *count.entry(word).or_default() += 1);
    let mut words: Vec<String> = count.keys().map(|&word| word.to_owned()).collect();
    words.sort_by(|a, b| count[b.as_str()].cmp(&count[a.as_str()]).then(a.cmp(b)));
    move |context, prefix, k| {
        let fits =
            |word: &&String| word.starts_with(prefix) && !(word.chars().count() == 4 && context.ends_with(*word));
        Ok(words.iter().filter(fits).take(k).cloned().collect())
    }
}

#[test]
fn agrees_with_the_program_that_defines_it() {
    let workspace = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = std::env::var_os("EGPT_EVALUATION_DIR").map_or(workspace.join("../shared/evaluation"), PathBuf::from);
    let Ok(text) = std::fs::read_to_string(folder.join("chitchat.test-sample.txt")) else {
        return println!("skipped: no {}; EGPT_EVALUATION_DIR names another place", folder.display());
    };
    let Ok(output) = Command::new("python3").args(["-B", "-c", PYTHON]).arg(&folder).output() else {
        return println!("skipped: there is no python3");
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expected: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();

    let typed = TypedText::new(&text, Some(1000));
    let (tally, rates) = evaluate(&typed, by_frequency(&text)).unwrap();
    assert_eq!(expected["words"], tally.words());
    assert_eq!(expected["chars"], typed.n_keys());
    assert_eq!(expected["queries"], tally.queries());
    let check = |name: String, actual: f64| assert_close(actual, expected[&name].as_f64().expect(&name));
    for (i, k) in SLOTS.into_iter().enumerate() {
        check(format!("KSR@{k}"), rates.ksr[i]);
        check(format!("KSRns@{k}"), rates.ksr_without_space[i]);
        check(format!("nextword_top{k}"), rates.next_word[i]);
        check(format!("nextword_inline_top{k}"), rates.next_word_inline[i]);
        for letters in 1..=MAX_LETTERS {
            check(format!("comp{letters}_top{k}"), rates.completion[letters - 1][i]);
        }
    }
}
