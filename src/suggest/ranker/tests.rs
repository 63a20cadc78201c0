extern crate std;
use std::string::{String, ToString};
use std::vec::Vec;

use super::{Mix, Offer, Ranker};
use crate::Model;
use crate::format::ngrams::LINE_START;
use crate::lexicon::Blocked;
use crate::suggest::after::After;
use crate::suggest::fixture::{model, planted, planted_for, typed, typed_on};
use crate::suggest::matcher::{Keys, Plain, Rule};
use crate::suggest::options::SuggestOptions;
use crate::suggest::search::Tree;
use crate::suggest::shown::Shown;
use crate::suggest::suggestion::Suggestion;
use crate::suggest::written::Style;
use crate::text::Reads;

fn mix<'m, R: Rule>(model: &'m Model<'static>) -> Mix<'m, 'static, R> {
    Mix::new(model, Reads::AS_WRITTEN, None, [LINE_START; 2], b"")
}

fn offered<R: Rule>(ranker: &Ranker, tree: &Tree<R>, options: &SuggestOptions<'_>) -> Vec<String> {
    let offer = Offer {
        tree,
        style: Style::default(),
        options,
        blocked: &Blocked::default(),
        after: &After::NOTHING,
        last_words: &[LINE_START; 2],
    };
    let mut slots = [Suggestion::EMPTY; 16];
    let n = ranker.offer(&offer, &mut Shown::default(), &mut slots);
    slots[..n].iter().map(ToString::to_string).collect()
}

/// All words of a tree, and the number of slices that ranking took.
fn ranked<R: Rule>(model: &Model<'static>, tree: &Tree<R>) -> (Ranker, usize) {
    let mut ranker = Ranker::new();
    ranker.start();
    let n = (1..).find(|_| ranker.rank_some(tree, &mix(model))).unwrap();
    (ranker, n)
}

#[test]
fn the_models_words_come_before_the_lists() {
    let model = model();
    let tree = planted::<Plain>(&model, " to", &[(" too", 9), (" to", 8)]);
    let (ranker, _) = ranked(&model, &tree);
    let words = offered(&ranker, &tree, &SuggestOptions::DEFAULT);
    assert!(words.len() > 2 && words.iter().all(|word| word.starts_with("to") && word != "to"), "{words:?}");
    assert!(words[..2].contains(&"too".into()), "{words:?}");
    let all = planted::<Plain>(&model, " ", &[(" too", 9), (" to", 8)]);
    assert!(ranked(&model, &all).1 > 1, "all words in one slice");
    let blocked = SuggestOptions { blocked: &["Too"], ..SuggestOptions::DEFAULT };
    assert!(!offered(&ranker, &tree, &blocked).contains(&"too".into()));
}

#[test]
fn words_stay_on_offer_until_they_are_ranked_again() {
    let model = model();
    let mut tree = planted::<Plain>(&model, " t", &[(" the", 9), (" too", 8)]);
    let (mut ranker, _) = ranked(&model, &tree);
    tree.set_typed(model.vocab_ref(), typed(" to"));
    ranker.keep_fitting(tree.typed());
    let kept = offered(&ranker, &tree, &SuggestOptions::DEFAULT);
    assert!(kept.contains(&"too".into()) && !kept.contains(&"the".into()), "{kept:?}");
    ranker.start();
    while !ranker.rank_some(&tree, &mix(&model)) {
        let now = offered(&ranker, &tree, &SuggestOptions::DEFAULT);
        assert!(now.contains(&"too".into()), "{now:?}");
    }
    let again = offered(&ranker, &tree, &SuggestOptions::DEFAULT);
    assert_eq!(again, offered(&ranked(&model, &tree).0, &tree, &SuggestOptions::DEFAULT));
    ranker.clear();
    assert!(offered(&ranker, &tree, &SuggestOptions::DEFAULT).is_empty());
}

#[test]
fn another_rule_changes_nothing_in_the_ranker() {
    let model = model();
    let typed = typed_on(&Keys::KEYPAD, " 4663");
    let tree = planted_for(&model, typed, &[(" home", 9), (" good", 8), (" the", 9)]);
    let (ranker, _) = ranked(&model, &tree);
    let words = offered(&ranker, &tree, &SuggestOptions::DEFAULT);
    assert_eq!(words[..2], ["home", "good"]);
    let on_keys = |word: &str| word.bytes().zip([b"ghi", b"mno", b"mno", b"def"]).all(|(b, key)| key.contains(&b));
    assert!(words.iter().all(|word| on_keys(word)), "{words:?}");
}
