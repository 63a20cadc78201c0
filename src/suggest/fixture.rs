//! For tests of the parts: a real vocabulary and word list, and logits that are made up.

extern crate std;
use std::vec::Vec;

use super::matcher::{Keyboard, Rule, Typed};
use super::search::Tree;
use crate::text::Text;
use crate::{Aligned, Logits, Model, TokenId, include_model};

static DEMO: &Aligned<[u8]> = include_model!("../../models/demo.egpt");

pub(super) fn model() -> Model<'static> {
    Model::parse(&DEMO.0).unwrap()
}

/// The tokens of a text that goes on.
pub(super) fn tokens(model: &Model<'_>, text: &str) -> Vec<TokenId> {
    let mut room = [0; 64];
    model.vocab_ref().tokens(text.as_bytes(), false, &mut room).unwrap().to_vec()
}

/// Logits of some tokens in nats; all others are much less likely.
pub(super) fn logits(model: &Model<'_>, likely: &[(&str, i32)]) -> Vec<i32> {
    let mut values = std::vec![-30 * Logits::ONE; model.vocab_ref().len()];
    for &(text, nats) in likely {
        let path = tokens(model, text);
        assert_eq!(path.len(), 1, "{text:?} is not one token");
        values[usize::from(path[0])] = nats * Logits::ONE;
    }
    values
}

pub(super) fn typed<R: Rule>(keys: &str) -> Typed<R> {
    let mut text = Text::new();
    keys.bytes().for_each(|byte| assert!(text.push(byte)));
    Typed::new(text)
}

/// What was typed on keys that stand for something else.
pub(super) fn typed_on<K: Keyboard>(keyboard: &K, keys: &str) -> Typed<K::Rule> {
    typed(keys).read(|letters| keyboard.rule(letters, true))
}

/// A tree for what was typed, with the logits after the context.
pub(super) fn planted<R: Rule>(model: &Model<'_>, keys: &str, likely: &[(&str, i32)]) -> Tree<R> {
    planted_for(model, typed(keys), likely)
}

pub(super) fn planted_for<R: Rule>(model: &Model<'_>, typed: Typed<R>, likely: &[(&str, i32)]) -> Tree<R> {
    let mut tree = Tree::new();
    tree.start(typed);
    tree.set_max_path(8);
    tree.plant(model.vocab_ref(), Logits::new(&logits(model, likely)));
    while !tree.weigh_some(model.vocab_ref(), model.words_ref()) {}
    tree
}

/// Texts of the paths that fit, best first.
pub(super) fn texts<R: Rule>(model: &Model<'_>, tree: &Tree<R>) -> Vec<std::string::String> {
    let mut found: Vec<_> = tree
        .fitting()
        .map(|(at, branch)| {
            let (_, spelled) = tree.spelled(model.vocab_ref(), at);
            (-branch.log_prob(), std::string::String::from_utf8_lossy(spelled.text()).into_owned())
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, text)| text).collect()
}
