//! Keystroke savings: an error-free typist who accepts a suggestion as soon as it saves something.
//!
//! Without help every character is a keystroke, and so is the end of a line. With help the
//! typist looks at the suggestions before each letter of a word, the first included, and
//! takes the word with one keystroke when it is among them, regardless of case. That also
//! types the space after it, unless punctuation or the line's end follows. The keystroke
//! savings rate is the share of keystrokes saved (Trnka & McCoy 2008, "Evaluating word
//! prediction: framing keystroke savings").
//!
//! The case-exact rate is that of the same typist, where a word that was taken in another case than the
//! text's has saved nothing.
//!
//! Characters are Unicode's: an accent or a vowel sign of its own is a keystroke and a letter, and so is a
//! letter that is composed with one.

use std::ops::AddAssign;

use anyhow::Result;

use super::folding::{folded, is_same_in_case};
use super::percent::percent;
use super::typed_text::{TypedText, Word};

/// Numbers of suggestions shown that are simulated, smallest first.
pub const SLOTS: [usize; 2] = [1, 3];
/// Suggestions that a predictor is asked for.
pub const MAX_SLOTS: usize = SLOTS[SLOTS.len() - 1];
/// Completions are counted after up to this many letters.
pub const MAX_LETTERS: usize = 3;

/// Offers words: [`Tally::type_word`] says what it gets and gives.
pub trait Predict: FnMut(&str, &str, usize) -> Result<Vec<String>> {}

impl<F: FnMut(&str, &str, usize) -> Result<Vec<String>>> Predict for F {}

/// One count per number of suggestions shown.
type PerSlots = [usize; SLOTS.len()];

/// What typing some words came to; tallies of parts of a text add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    words: usize,
    queries: usize,
    saved: PerSlots,
    saved_without_space: PerSlots,
    saved_in_case: PerSlots,
    /// Words longer than n letters, and how many of them were offered after n letters.
    longer: [usize; MAX_LETTERS + 1],
    offered: [PerSlots; MAX_LETTERS + 1],
    inline_words: usize,
    inline_offered: PerSlots,
}

impl Tally {
    /// Types one word. `predict` gets context, letters typed so far and the number of words
    /// wanted, `most_shown`; it gives at most so many whole words, best first. Nothing is counted for more slots.
    ///
    /// # Errors
    /// Those of `predict`.
    pub fn type_word(&mut self, word: Word<'_>, most_shown: usize, predict: &mut impl Predict) -> Result<()> {
        let wanted = folded(word.core);
        let is_shown = SLOTS.map(|slots| slots <= most_shown);
        let mut accepted = [None; SLOTS.len()];
        for (n, (end, _)) in word.core.char_indices().enumerate() {
            let is_done = accepted.iter().zip(is_shown).all(|(accepted, is_shown)| accepted.is_some() || !is_shown);
            if n > MAX_LETTERS && is_done {
                break;
            }
            let offered = predict(word.context, &word.core[..end], most_shown)?;
            let place = offered.iter().take(most_shown).position(|offer| folded(offer) == wanted);
            let shown = SLOTS.map(|slots| slots <= most_shown && place.is_some_and(|place| place < slots));
            self.count_query(word, n, shown);
            for (i, slots) in SLOTS.into_iter().enumerate().filter(|&(i, _)| shown[i]) {
                let is_in_case = || offered.iter().take(slots).any(|offer| is_same_in_case(offer, word.core));
                accepted[i].get_or_insert_with(|| (n, is_in_case()));
            }
        }
        self.words += 1;
        let n_letters = word.core.chars().count();
        for (i, typed) in accepted.into_iter().enumerate() {
            let Some((typed, is_in_case)) = typed else { continue };
            let letters = n_letters - typed;
            let space = usize::from(!word.ends_line && !word.has_trail);
            let saved = letters + space - 1; // one keystroke to accept
            self.saved[i] += saved;
            self.saved_without_space[i] += letters - 1;
            self.saved_in_case[i] += if is_in_case { saved } else { 0 };
        }
        Ok(())
    }

    fn count_query(&mut self, word: Word<'_>, letters: usize, shown: [bool; SLOTS.len()]) {
        self.queries += 1;
        if letters > MAX_LETTERS {
            return;
        }
        self.longer[letters] += 1;
        add(&mut self.offered[letters], shown.map(usize::from));
        if letters == 0 && !word.starts_line {
            self.inline_words += 1;
            add(&mut self.inline_offered, shown.map(usize::from));
        }
    }

    /// Keystrokes saved, per entry of [`SLOTS`].
    pub fn saved(&self) -> [usize; SLOTS.len()] {
        self.saved
    }

    /// A tally with what another tally of the words counted for `SLOTS[i]`.
    pub(super) fn with_slots_of(mut self, other: &Self, i: usize) -> Self {
        self.saved[i] = other.saved[i];
        self.saved_without_space[i] = other.saved_without_space[i];
        self.saved_in_case[i] = other.saved_in_case[i];
        self.inline_offered[i] = other.inline_offered[i];
        for (offered, other) in self.offered.iter_mut().zip(&other.offered) {
            offered[i] = other[i];
        }
        self
    }

    /// Number of words typed.
    pub fn words(&self) -> usize {
        self.words
    }

    /// How often suggestions were asked for.
    pub fn queries(&self) -> usize {
        self.queries
    }

    /// The rates, in percent, of a text that takes `n_keys` keystrokes without help.
    pub fn rates(&self, n_keys: usize) -> Rates {
        Rates {
            ksr: self.saved.map(|saved| percent(saved, n_keys)),
            ksr_without_space: self.saved_without_space.map(|saved| percent(saved, n_keys)),
            ksr_in_case: self.saved_in_case.map(|saved| percent(saved, n_keys)),
            next_word: self.offered[0].map(|offered| percent(offered, self.longer[0])),
            next_word_inline: self.inline_offered.map(|offered| percent(offered, self.inline_words)),
            completion: std::array::from_fn(|i| {
                self.offered[i + 1].map(|offered| percent(offered, self.longer[i + 1]))
            }),
        }
    }
}

impl AddAssign<&Tally> for Tally {
    fn add_assign(&mut self, other: &Self) {
        self.words += other.words;
        self.queries += other.queries;
        add(&mut self.saved, other.saved);
        add(&mut self.saved_without_space, other.saved_without_space);
        add(&mut self.saved_in_case, other.saved_in_case);
        add(&mut self.longer, other.longer);
        for (offered, other) in self.offered.iter_mut().zip(other.offered) {
            add(offered, other);
        }
        self.inline_words += other.inline_words;
        add(&mut self.inline_offered, other.inline_offered);
    }
}

fn add<const N: usize>(counts: &mut [usize; N], other: [usize; N]) {
    for (count, other) in counts.iter_mut().zip(other) {
        *count += other;
    }
}

/// Rates in percent, one per entry of [`SLOTS`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Keystroke savings; an accepted word brings its space.
    pub ksr: [f64; SLOTS.len()],
    /// Keystroke savings where spaces are always typed.
    pub ksr_without_space: [f64; SLOTS.len()],
    /// Keystroke savings, where words that were taken in another case than the text's save nothing.
    pub ksr_in_case: [f64; SLOTS.len()],
    /// Words offered before their first letter.
    pub next_word: [f64; SLOTS.len()],
    /// Words offered before their first letter, without the first words of lines.
    pub next_word_inline: [f64; SLOTS.len()],
    /// Words offered after 1, 2, … letters, among those that are longer.
    pub completion: [[f64; SLOTS.len()]; MAX_LETTERS],
}

/// Types a whole text.
///
/// # Errors
/// Those of `predict`; [`Tally::type_word`] says what it gets and gives.
pub fn evaluate(text: &TypedText, mut predict: impl Predict) -> Result<(Tally, Rates)> {
    let mut tally = Tally::default();
    for word in text.words(0..text.n_words()) {
        tally.type_word(word, MAX_SLOTS, &mut predict)?;
    }
    let rates = tally.rates(text.n_keys());
    Ok((tally, rates))
}

#[cfg(test)]
#[path = "ksr_tests.rs"]
mod tests;
