extern crate std;
use std::vec::Vec;

use super::Tree;
use crate::Logits;
use crate::suggest::fixture::{logits, model, planted, planted_for, texts, tokens, typed, typed_on};
use crate::suggest::matcher::{Keys, Plain};

#[test]
fn first_tokens_are_the_likeliest_of_every_letter_until_letters_are_typed() {
    let model = model();
    let tree = planted::<Plain>(&model, " ", &[(" the", 5), (" to", 4), (" home", 3), (" you", 0)]);
    assert_eq!(texts(&model, &tree)[..4], [" the", " to", " home", " you"]);
    assert!(!tree.wants_first());
    let tree = planted::<Plain>(&model, " t", &[(" the", 5), (" to", 4), (" home", 3)]);
    let found = texts(&model, &tree);
    assert_eq!(found[..2], [" the", " to"]);
    assert!(found.iter().all(|text| " t".starts_with(&text.to_lowercase()) || text.to_lowercase().starts_with(" t")));
}

#[test]
fn further_letters_leave_what_fits_and_backspace_brings_it_back() {
    let model = model();
    let vocab = model.vocab_ref();
    let mut tree = planted::<Plain>(&model, " t", &[(" the", 5), (" to", 4)]);
    tree.set_typed(vocab, typed(" to"));
    assert!(texts(&model, &tree).contains(&" to".into()) && !texts(&model, &tree).contains(&" the".into()));
    tree.set_typed(vocab, typed(" t"));
    assert_eq!(texts(&model, &tree)[..2], [" the", " to"]);
    tree.set_typed(vocab, typed(" "));
    assert!(tree.wants_first(), "first tokens were chosen by a letter that is gone");
}

#[test]
fn a_path_goes_on_with_the_likeliest_tokens_that_fit() {
    let model = model();
    let (vocab, words) = (model.vocab_ref(), model.words_ref());
    let mut tree = planted::<Plain>(&model, " to", &[(" to", 5), (" the", 4)]);
    let at = tree.most_urgent().unwrap();
    assert_eq!(tree.path(at)[..], tokens(&model, " to")[..]);
    let end = logits(&model, &[("d", 2), ("m", 3), (" to", 4)]);
    tree.grow(vocab, words, at, Logits::new(&end));
    assert!(texts(&model, &tree).contains(&" tod".into()) && texts(&model, &tree).contains(&" tom".into()));
    let branch = tree.branch(at).unwrap();
    assert!(!branch.is_open() && branch.log_prob_of_end() < branch.log_prob());
    // What goes on was chosen by no key, so that all of it stays.
    tree.set_typed(vocab, typed(" tom"));
    assert!(texts(&model, &tree).contains(&" tom".into()) && !texts(&model, &tree).contains(&" tod".into()));
    tree.set_typed(vocab, typed(" to"));
    assert!(texts(&model, &tree).contains(&" tod".into()));
}

#[test]
fn what_was_chosen_by_letters_that_are_gone_is_chosen_again() {
    let model = model();
    let (vocab, words) = (model.vocab_ref(), model.words_ref());
    let mut tree = planted::<Plain>(&model, " tom", &[(" to", 5)]);
    let at = tree.most_urgent().unwrap();
    tree.grow(vocab, words, at, Logits::new(&logits(&model, &[("m", 3), ("d", 2)])));
    assert!(!tree.branch(at).unwrap().is_open());
    tree.set_typed(vocab, typed(" tod"));
    assert!(tree.branch(at).unwrap().is_open(), "the letter m chose what goes on");
}

#[test]
fn nothing_is_urgent_where_no_path_has_room() {
    let model = model();
    let mut tree = planted::<Plain>(&model, " t", &[(" the", 5)]);
    assert!(tree.most_urgent().is_some());
    tree.set_max_path(0);
    assert!(tree.most_urgent().is_none());
    assert!(Tree::<Plain>::new().most_urgent().is_none());
}

#[test]
fn another_rule_changes_nothing_in_the_search() {
    let model = model();
    let typed = typed_on(&Keys::KEYPAD, " 46");
    let tree = planted_for(&model, typed, &[(" home", 5), (" good", 4), (" the", 6), (" i", 3)]);
    let found = texts(&model, &tree);
    assert_eq!(found[..3], [" home", " good", " i"]);
    let on_keys = |text: &str| text.bytes().zip([&b" "[..], b"ghiGHI", b"mnoMNO"]).all(|(b, key)| key.contains(&b));
    assert!(found.iter().all(|text| on_keys(text)), "{found:?}");
    let paths: Vec<_> = tree.fitting().map(|(at, _)| tree.path(at)).collect();
    assert!(paths.iter().all(|path| path.len() == 1));
}
