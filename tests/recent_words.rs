//! Words of the text before are offered again, and what is offered has a share that is worth its place.

use embedded_gpt::{Aligned, Config, Model, Session, SuggestOptions, Suggester, Suggestion, Workspace, include_model};

static BLOB: &Aligned<[u8]> = include_model!("../models/keyboard.egpt");
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = 64;

/// What is offered for each text, with the shares.
fn offered<const N: usize>(texts: [&str; N]) -> [Vec<(String, u8)>; N] {
    let mut ram = Workspace::<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>::new();
    let model = Model::parse(&BLOB.0).unwrap();
    let mut suggester = Suggester::new(Session::new(&model, CONTEXT, ram.buffers()).unwrap(), SuggestOptions::DEFAULT);
    texts.map(|text| {
        let mut slots = [Suggestion::EMPTY; 3];
        let words = suggester.suggest(text, &mut slots).iter();
        words.map(|word| (word.as_str().to_owned(), word.percent())).collect()
    })
}

fn has(offered: &[(String, u8)], word: &str) -> bool {
    offered.iter().any(|(other, _)| other == word)
}

#[test]
fn a_name_is_offered_again_as_it_was_written() {
    let [without, with, small] =
        offered(["i will call Zel", "Hi, i am Zelphira. i will call Zel", "Hi, i am Zelphira. i will call zel"]);
    assert!(!has(&without, "Zelphira"), "{without:?}");
    assert!(has(&with, "Zelphira"), "{with:?}");
    assert!(has(&small, "Zelphira"), "{small:?}");
}

#[test]
fn what_followed_the_last_word_before_is_offered_without_a_letter() {
    let [after_it, after_another] =
        offered(["Zelphira Quorn was here. i like Zelphira ", "Zelphira Quorn was here. i like "]);
    assert!(has(&after_it, "Quorn"), "{after_it:?}");
    assert!(!has(&after_another, "Quorn"), "{after_another:?}");
}

#[test]
fn other_unknown_words_are_offered_once_they_stand_there_twice() {
    let [once, twice] = offered(["a flumoxer is here. the flum", "a flumoxer, my flumoxer. the flum"]);
    assert!(!has(&once, "flumoxer"), "{once:?}");
    assert!(has(&twice, "flumoxer"), "{twice:?}");
}

#[test]
fn passwords_and_numbers_are_not_offered_again() {
    for words in offered(["it is Hunter27 or hunter27, hunt", "room 3581 or 3581, i mean 35"]) {
        assert!(words.iter().all(|(word, _)| !word.contains(|c: char| c.is_ascii_digit())), "{words:?}");
    }
}

#[test]
fn the_capital_of_a_sentences_start_is_not_the_words() {
    let [listed, own] = offered(["Nevertheless i go. but never", "flumoxers, flumoxers! Flumoxers are my flum"]);
    assert!(!has(&listed, "Nevertheless"), "{listed:?}");
    assert!(has(&own, "flumoxers"), "{own:?}");
}

#[test]
fn only_the_end_of_a_long_text_counts() {
    let far = format!("Zelphira. {}zel", "and so it goes on. ".repeat(30));
    let cut = format!("{}Zelphira {}zel", "a".repeat(40), "and so it goes on. ".repeat(20));
    for words in offered([&far, &cut]) {
        assert!(words.iter().all(|(word, _)| !"Zelphira".contains(word.as_str())), "{words:?}");
    }
}

#[test]
fn shares_are_not_0_and_at_most_100_together() {
    let texts = [
        "how are",
        "how are ",
        "",
        "i have been to the moo",
        "The ",
        "see you tom",
        "i th",
        "what do you think ab",
        "hello, h",
        "my favorite ",
        "q",
        "Zelphira Quorn. Zelphira ",
        "thank you s",
        "it is 5",
    ];
    for (text, words) in texts.into_iter().zip(offered(texts)) {
        let shares: Vec<u32> = words.iter().map(|&(_, percent)| percent.into()).collect();
        assert!(shares.iter().all(|&share| share > 0) && shares.iter().sum::<u32>() <= 100, "{text:?} {words:?}");
    }
}
