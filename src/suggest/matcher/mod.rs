//! What the text of a path costs under what was typed, letter by letter as its tokens are spelled.
//!
//! Search and ranker ask the questions of this module alone. How letters agree with keys is the business of one
//! [`Rule`]: [`Plain`], where a key is a letter, or [`align::Aligned`], where letters and keys may differ at a cost. A
//! [`Keyboard`] says which of them, and a program has the code of its own rule only.

mod align;
mod keys;
mod pieces;
mod plain;
mod shell;

use core::fmt::Debug;

pub use keys::{Keyboard, Keys, Letters};
pub use pieces::Pieces;
pub(super) use plain::Plain;
pub use shell::Shell;

use super::log_prob::LogProb;
use crate::part::tail;
use crate::text::{Text, WordRule, is_same_word};
use crate::{TokenId, Vocab};

/// Says how letters agree with keys.
///
/// - *Keys* are the bytes that were typed: ` tom`, with the space before the word if there is one.
/// - *Letters* are the keys without that space: `tom`.
/// - The *text* is what a path of tokens spells: ` Tomorrow`.
/// - *Covered* is the part of the text that stands for the keys: ` Tom`.
pub trait Rule: Copy + Default + Debug {
    /// What words are made of.
    const WORDS: WordRule = WordRule::Letters;

    /// Where a text stands among the keys.
    type State: Copy + Default + Debug;

    /// What a path costs, as it is kept for each of them.
    type PathCost: PathCost;

    /// Takes the byte that `text` ends with: whether the text covers the keys now. `None` if no text that begins so can
    /// be what was meant.
    fn take(&self, state: &mut Self::State, keys: &[u8], text: &[u8]) -> Option<bool>;

    /// Whether all keys are accounted for, so that any letters may follow.
    fn is_complete(&self, state: &Self::State, keys: &[u8]) -> bool;

    /// What a complete text costs, at least 0; the unit is that of logarithms of probabilities.
    fn cost(&self, state: &Self::State, keys: &[u8], text: &[u8]) -> LogProb;

    /// What a complete text costs if nothing may follow; `None` if more would have to.
    fn whole_cost(&self, keys: &[u8], text: &[u8]) -> Option<LogProb>;

    /// Whether it is worth going on with a path whose text is `text` so far.
    fn may_end_token(&self, state: &Self::State, text: &[u8]) -> bool;

    /// Whether a text may go on with a byte: quick, and may say yes wrongly, but never no.
    fn may_take(&self, state: &Self::State, keys: &[u8], byte: u8) -> bool;

    /// Whether a text may begin with two bytes, or with the first one alone if the second is 0: quick, and may say
    /// yes wrongly, but never no.
    fn may_start(&self, keys: &[u8], start: [u8; 2]) -> bool;

    /// The classes of the letters that the first key may stand for, one bit each.
    fn first_classes(&self, letters: &[u8]) -> u32;

    /// What a text costs beside that of capitals and accents, whatever follows.
    fn min_cost(&self, _: &Self::State) -> LogProb {
        0
    }

    /// Whether texts may cost something beside that.
    fn has_costs(&self) -> bool {
        false
    }

    /// Whether keys may have been missed.
    fn has_slips(&self) -> bool {
        false
    }

    /// Words of a list of the device's own, beside which no other is offered; any word is if there are none.
    fn n_listed(&self) -> usize {
        0
    }

    /// The word at a place of that list; `None` behind its end.
    fn listed(&self, _: usize) -> Option<&str> {
        None
    }

    /// A word as it is written; `None` if the list does not have it.
    fn spelling<'t>(&'t self, word: &'t [u8]) -> Option<&'t [u8]> {
        Some(word)
    }
}

/// What a path costs, as it is kept for each of them: nothing where no text costs anything.
pub trait PathCost: Copy + Debug {
    /// Whether anything is kept.
    const IS_KEPT: bool;

    /// Keeps a cost.
    fn of(cost: LogProb) -> Self;

    /// The cost.
    fn log_prob(self) -> LogProb;
}

impl PathCost for () {
    const IS_KEPT: bool = false;

    fn of(_: LogProb) -> Self {}

    fn log_prob(self) -> LogProb {
        0
    }
}

/// In units of 1/256 nat.
impl PathCost for u16 {
    const IS_KEPT: bool = true;

    fn of(cost: LogProb) -> Self {
        (cost >> 8).clamp(0, 0xFFFF) as Self
    }

    fn log_prob(self) -> LogProb {
        LogProb::from(self) << 8
    }
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
        Self::new(Text::new())
    }

    /// Every key is a letter.
    pub(super) fn new(keys: Text) -> Self {
        Self { n_space: u8::from(keys.first() == Some(&b' ')), keys, rule: R::default() }
    }

    /// What was typed, read by another rule.
    pub(super) fn read(mut self, rule: impl Fn(&[u8]) -> R) -> Self {
        self.rule = rule(self.letters());
        self
    }

    /// Whether texts may cost something.
    pub(super) fn has_costs(&self) -> bool {
        self.rule.has_costs()
    }

    /// Whether no other words are offered than those of a list of the device's own.
    pub(super) fn has_list(&self) -> bool {
        self.n_listed() > 0
    }

    /// Words of that list.
    pub(super) fn n_listed(&self) -> usize {
        self.rule.n_listed()
    }

    /// The word at a place of that list; `None` behind its end.
    pub(super) fn listed(&self, at: usize) -> Option<&str> {
        self.rule.listed(at)
    }

    /// A word as it is written; `None` if it can't be offered.
    pub(super) fn spelling<'t>(&'t self, word: &'t [u8]) -> Option<&'t [u8]> {
        self.rule.spelling(word)
    }

    /// Whether keys may have been missed.
    pub(super) fn has_slips(&self) -> bool {
        self.rule.has_slips()
    }

    /// Whether `other` goes on with what was typed here, or is the same.
    pub(super) fn is_start_of(&self, other: &Self) -> bool {
        other.keys.starts_with(&self.keys)
    }

    pub(super) fn n_keys(&self) -> usize {
        self.keys.len()
    }

    /// All that was typed, with the space before the word if there is one.
    pub(super) fn keys(&self) -> &[u8] {
        &self.keys
    }

    /// Keys that both have at their starts, if both may have been missed or neither.
    pub(super) fn n_shared(&self, other: &Self) -> usize {
        if self.has_slips() != other.has_slips() {
            return 0;
        }
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

    /// Spells a word with the space that it has before it here; `None` if it is not what was typed or begins with that.
    #[inline(never)]
    pub(super) fn spell_word(&self, word: &[u8]) -> Option<Spelled<R>> {
        let mut spelled = Spelled::new();
        let space = self.has_space().then_some(&b' ');
        let fits = space.into_iter().chain(word).all(|&byte| spelled.push(self, byte)) && spelled.is_complete(self);
        (fits && !word.is_empty()).then_some(spelled)
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

    /// How the part of a word that stands for the typed letters is written once there are capitals among these.
    pub(super) fn written<'w>(&'w self, word_start: &'w [u8]) -> &'w [u8] {
        if is_same_word(self.letters(), word_start) { self.letters() } else { word_start }
    }

    /// Spells tokens. False if the text does not fit what was typed, is not worth going on
    /// with, or has no room in a word.
    #[inline(never)]
    pub(super) fn spell(&self, vocab: &Vocab<'_>, spelled: &mut Spelled<R>, tokens: &[TokenId]) -> bool {
        tokens.iter().all(|&token| vocab.iter(token).all(|byte| spelled.push(self, byte)))
            && spelled.may_end_token(self)
    }

    /// Whether a text begins with what was typed, if every key is a letter.
    pub(super) fn begins(&self, text: &[u8]) -> bool {
        Typed::<Plain>::new(self.keys).cost_as_start(text).is_some()
    }

    /// What a text costs as the start of what was meant.
    fn cost_as_start(&self, text: &[u8]) -> Option<LogProb> {
        let mut spelled = Spelled::new();
        let fits = text.iter().all(|&byte| spelled.push(self, byte)) && spelled.is_complete(self);
        fits.then(|| spelled.cost(self))
    }

    /// How much more a text costs if it is all that was meant; `None` if it can't be.
    pub(super) fn cost_of_end(&self, text: &[u8]) -> Option<LogProb> {
        Some(self.rule.whole_cost(&self.keys, text)? - self.cost_as_start(text)?)
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
    /// Bytes of the text that stand for the keys, once all of these are accounted for.
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
        if !self.text.push(byte) {
            return false;
        }
        let Some(is_covered) = typed.rule.take(&mut self.at.state, &typed.keys, &self.text) else { return false };
        if is_covered {
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

    /// What the text costs at least, whatever follows.
    pub(super) fn min_cost(&self, typed: &Typed<R>) -> LogProb {
        typed.rule.min_cost(&self.at.state)
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
