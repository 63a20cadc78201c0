//! What the text of a path costs under what was typed, letter by letter as its tokens are spelled.
//!
//! Search and ranker ask the questions of this module alone. How letters agree with keys is the business of one
//! [`Rule`], so that another rule can be put in its place.

mod exact;
#[cfg(test)]
pub(super) mod keypad;

pub(super) use exact::Exact;

use super::log_prob::LogProb;
use crate::part::tail;
use crate::text::Text;
use crate::{TokenId, Vocab};

/// Says how letters agree with keys.
///
/// - *Keys* are the bytes that were typed: ` tom`, with the space before the word if there is one.
/// - *Letters* are the keys without that space: `tom`.
/// - The *text* is what a path of tokens spells: ` Tomorrow`.
/// - *Covered* is the part of the text that stands for the keys: ` Tom`.
pub(super) trait Rule: Copy + Default + core::fmt::Debug {
    /// Where a text stands among the keys.
    type State: Copy + Default + core::fmt::Debug;

    /// Takes the byte that `text` ends with. False if no text that begins so can be what was meant.
    fn take(&self, state: &mut Self::State, keys: &[u8], text: &[u8]) -> bool;

    /// Whether all keys are accounted for, so that any letters may follow.
    fn is_complete(&self, state: &Self::State, keys: &[u8]) -> bool;

    /// What a complete text costs, at least 0; the unit is that of logarithms of probabilities.
    fn cost(&self, state: &Self::State, keys: &[u8], text: &[u8]) -> LogProb;

    /// Whether it is worth going on with a path whose text is `text` so far.
    fn may_end_token(&self, state: &Self::State, text: &[u8]) -> bool;

    /// Whether a text may go on with a byte: quick, and may say yes wrongly, but never no.
    fn may_take(&self, state: &Self::State, keys: &[u8], byte: u8) -> bool;

    /// Whether a text may begin with two bytes, or with the first one alone if the second is 0: quick, and may say
    /// yes wrongly, but never no.
    fn may_start(&self, keys: &[u8], start: [u8; 2]) -> bool;

    /// The classes of the letters that the first key may stand for, one bit each.
    fn first_classes(&self, letters: &[u8]) -> u32;

    /// How the letters that stand for the keys are written once there are capitals among the keys.
    fn written<'w>(&self, letters: &'w [u8], word_start: &'w [u8]) -> &'w [u8];
}

/// What was typed of a word, and the rule that reads it.
#[derive(Clone, Copy, Debug)]
#[repr(C)] // what is cleared or compared is at a multiple of four
pub(super) struct Typed<R> {
    keys: Text,
    /// Spaces before the word, 0 or 1.
    n_space: u8,
    rule: R,
}

impl<R: Rule> Typed<R> {
    pub(super) fn nothing() -> Self {
        Self { n_space: 0, keys: Text::new(), rule: R::default() }
    }

    pub(super) fn new(keys: Text) -> Self {
        Self { n_space: u8::from(keys.first() == Some(&b' ')), keys, rule: R::default() }
    }

    pub(super) fn n_keys(&self) -> usize {
        self.keys.len()
    }

    /// Keys that both have at their starts.
    pub(super) fn n_shared(&self, other: &Self) -> usize {
        self.keys.iter().zip(&*other.keys).take_while(|(a, b)| a == b).count()
    }

    /// Whether words are spelled with the space before them.
    pub(super) fn has_space(&self) -> bool {
        self.n_space > 0
    }

    /// What was typed of the word itself.
    pub(super) fn letters(&self) -> &[u8] {
        self.word_of(&self.keys)
    }

    /// The word in a text of a path.
    pub(super) fn word_of<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        tail(text, self.n_space.into())
    }

    pub(super) fn may_start(&self, start: [u8; 2]) -> bool {
        self.rule.may_start(&self.keys, start)
    }

    pub(super) fn first_classes(&self) -> u32 {
        self.rule.first_classes(self.letters())
    }

    /// How the part of a word that stands for the typed letters is written.
    pub(super) fn written<'w>(&'w self, word_start: &'w [u8]) -> &'w [u8] {
        self.rule.written(self.letters(), word_start)
    }

    /// Spells tokens. False if the text does not fit what was typed, is not worth going on
    /// with, or has no room in a word.
    #[inline(never)]
    pub(super) fn spell(&self, vocab: &Vocab<'_>, spelled: &mut Spelled<R>, tokens: &[TokenId]) -> bool {
        tokens.iter().all(|&token| vocab.iter(token).all(|byte| spelled.push(self, byte)))
            && spelled.may_end_token(self)
    }
}

/// The text of a path as far as it has been spelled, and how it agrees with what was typed.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(super) struct Spelled<R: Rule> {
    text: Text,
    at: Place<R>,
}

/// Where the spelling of a text stands, to go back to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<R: Rule> {
    state: R::State,
    /// Bytes of the text when all keys had been accounted for.
    covered: u8,
    len: u8,
}

impl<R: Rule> Spelled<R> {
    pub(super) fn new() -> Self {
        Self { text: Text::new(), at: Place { state: R::State::default(), covered: 0, len: 0 } }
    }

    /// Spells a byte. False if the text does not fit what was typed, or has no room in a word.
    #[inline(never)] // called in six places
    pub(super) fn push(&mut self, typed: &Typed<R>, byte: u8) -> bool {
        let was_complete = self.is_complete(typed);
        if !self.text.push(byte) || !typed.rule.take(&mut self.at.state, &typed.keys, &self.text) {
            return false;
        }
        if !was_complete {
            self.at.covered = self.text.len() as u8;
        }
        true
    }

    pub(super) fn text(&self) -> &Text {
        &self.text
    }

    /// Whether all that was typed is accounted for.
    pub(super) fn is_complete(&self, typed: &Typed<R>) -> bool {
        typed.rule.is_complete(&self.at.state, &typed.keys)
    }

    /// Bytes of the text that stand for what was typed.
    pub(super) fn covered(&self) -> usize {
        self.at.covered.into()
    }

    /// What it costs that this was meant by what was typed.
    pub(super) fn cost(&self, typed: &Typed<R>) -> LogProb {
        typed.rule.cost(&self.at.state, &typed.keys, &self.text)
    }

    /// Whether it is worth going on with a path that spells this.
    #[inline(never)]
    pub(super) fn may_end_token(&self, typed: &Typed<R>) -> bool {
        typed.rule.may_end_token(&self.at.state, &self.text)
    }

    /// Whether the text may go on with a byte: quick, and may say yes wrongly, but never no.
    pub(super) fn may_take(&self, typed: &Typed<R>, byte: u8) -> bool {
        typed.rule.may_take(&self.at.state, &typed.keys, byte)
    }

    pub(super) fn place(&self) -> Place<R> {
        Place { len: self.text.len() as u8, ..self.at }
    }

    /// Takes back what was spelled after a place.
    pub(super) fn back_to(&mut self, place: Place<R>) {
        self.text.truncate(place.len.into());
        self.at = place;
    }
}
