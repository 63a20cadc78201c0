//! Letters aligned with keys that may differ from them, at the least cost: an edit distance of bounded width.
//!
//! The costs are logarithms of how often slips happen, so that they add to those of words. A slip is a neighbour on the
//! keyboard, a letter left out, a key too many, or two letters swapped (Damerau 1964). The distance is kept letter by
//! letter, so that texts with the same start share the work, and a text is given up as soon as it costs too much
//! (Schulz and Mihov 2002).

use super::Rule;
use super::plain::{Plain, Progress, cost_of_case};
use crate::part::{head, tail};
use crate::suggest::log_prob::LogProb;
use crate::text::{decode, fold, without_accent};

/// A cost in eighths of a nat.
type Cost = u8;
/// Units of [`LogProb`] in one of [`Cost`], as a power of two.
const COST_BITS: u32 = 13;
/// More than any text may cost.
const NEVER: Cost = u8::MAX;

/// Another key than the letter's, anywhere on the keyboard.
const FAR: Cost = 72;
/// A letter of which no key was pressed.
const MISSING: Cost = 39;
/// Two letters the other way round.
const SWAPPED: Cost = 43;
/// A key pressed twice, or together with its neighbour.
const DOUBLED: Cost = 58;
/// What any of these costs more at the first letter, which people notice.
const AT_FIRST: Cost = 16;
/// An apostrophe or a hyphen that was not typed.
const NO_SIGN: Cost = 16;
/// An accent that was not typed.
const NO_ACCENT: Cost = 8;

/// Most letters that are typed of a word.
const MAX_LETTERS: usize = 31;
/// How many letters more or less than keys there may be.
const REACH: usize = 2;
/// Numbers of keys that a text may stand for.
const WIDTH: usize = 2 * REACH + 1;

/// The letters that were typed of a word, and what each of them may stand for.
#[derive(Clone, Copy, Debug)]
pub(super) struct TypedLetters {
    /// What a text may cost.
    max_cost: Cost,
    /// What it costs to mean one of the letters near a key.
    near_cost: Cost,
    n: u8,
    /// Classes of the letters that a word may begin with, one bit each.
    first: u32,
    /// Small letters, each as the low half of its code point.
    letters: [u16; MAX_LETTERS],
    /// Classes of the letters near each of them, one bit each.
    near: [u32; MAX_LETTERS],
}

/// The class of a letter. Letters of one alphabet have different ones.
fn class(letter: u16) -> u32 {
    1 << (letter & 31)
}

/// Whether a letter has a class: digits and signs stand for themselves alone.
fn has_class(letter: u16) -> bool {
    letter >= 0x80 || (letter as u8).is_ascii_alphabetic()
}

/// The low half of a letter's code point, in small letters, and whether an accent had to be taken from it.
fn code(c: char) -> (u16, bool) {
    let folded = fold(c);
    let letter = without_accent(folded);
    (u32::from(letter) as u16, letter != folded)
}

impl TypedLetters {
    /// Those of a word, as far as there is room; `near` says which letters are near a key.
    pub(super) fn new(word: &[u8], max_cost: Cost, near_cost: Cost, near: impl Fn(char) -> NearBy) -> Self {
        let mut new = Self { max_cost, near_cost, n: 0, first: 0, letters: [0; MAX_LETTERS], near: [0; MAX_LETTERS] };
        let mut rest = word;
        for (letter, classes) in new.letters.iter_mut().zip(&mut new.near) {
            let (Some(c), len) = decode(rest) else { break };
            let small = fold(c);
            (*letter, *classes) = (u32::from(small) as u16, near(small).0);
            rest = tail(rest, len);
            new.n += 1;
        }
        // A neighbour of the first key; its letter may follow, or be none.
        new.first = class(new.letters[0]) | new.near[0];
        if max_cost >= SWAPPED {
            new.first |= class(new.letters[1]);
        }
        new
    }

    /// Whether a word may begin with a byte, or with any letter if it is 0: quick, and may say yes wrongly, but never
    /// no.
    #[inline(always)]
    pub(super) fn may_start(&self, first: u8) -> bool {
        first == 0 || first >= 0x80 || self.first >> (first & 31) & 1 == 1
    }
}

/// Classes of letters, one bit each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NearBy(u32);

impl NearBy {
    pub(super) fn add(&mut self, letter: char) {
        self.0 |= class(code(letter).0);
    }
}

/// The rule of keys that may stand for other letters.
#[derive(Clone, Copy, Debug, Default)]
pub struct Aligned {
    /// `None` where every key is a letter after all.
    letters: Option<TypedLetters>,
}

impl Aligned {
    pub(super) fn new(letters: Option<TypedLetters>) -> Self {
        Self { letters }
    }

    /// Takes the last byte of a word; see [`Rule::take`].
    fn take_of_word(at: &mut Alignment, keys: &TypedLetters, word: &[u8]) -> Option<bool> {
        let start = word.iter().rposition(|&byte| byte >> 6 != 2).unwrap_or_default();
        let letter = tail(word, start);
        let (c, len) = decode(letter);
        at.is_within_letter = c.is_none() || len < letter.len();
        match c {
            Some(c) if !at.is_within_letter => at.take(keys, c),
            Some(_) => None,
            None => (letter.len() < 4).then_some(false),
        }
    }
}

impl Rule for Aligned {
    type State = (Progress, Alignment);
    type PathCost = u16;

    fn take(&self, (plain, alignment): &mut Self::State, keys: &[u8], text: &[u8]) -> Option<bool> {
        let Some(letters) = &self.letters else { return Plain.take(plain, keys, text) };
        if text.len() == 1 && keys.first() == Some(&b' ') {
            return (*text == *b" ").then_some(true);
        }
        Self::take_of_word(alignment, letters, word_of(keys, text))
    }

    fn is_complete(&self, (plain, alignment): &Self::State, keys: &[u8]) -> bool {
        if self.letters.is_some() { alignment.done < NEVER } else { Plain.is_complete(plain, keys) }
    }

    fn cost(&self, (plain, alignment): &Self::State, keys: &[u8], text: &[u8]) -> LogProb {
        if self.letters.is_none() {
            return Plain.cost(plain, keys, text);
        }
        log_prob(alignment.done) + cost_of_case(keys, text)
    }

    fn whole_cost(&self, keys: &[u8], text: &[u8]) -> Option<LogProb> {
        let Some(letters) = &self.letters else { return Plain.whole_cost(keys, text) };
        let mut alignment = Alignment { is_whole: true, ..Alignment::default() };
        let word = word_of(keys, text);
        for n in 1..=word.len() {
            Self::take_of_word(&mut alignment, letters, head(word, n))?;
        }
        let place = (usize::from(letters.n) + REACH).checked_sub(alignment.n.into())?;
        let cost = alignment.costs.get(place).copied().filter(|&cost| cost < NEVER)?;
        Some(log_prob(cost) + cost_of_case(keys, text))
    }

    fn may_end_token(&self, (plain, alignment): &Self::State, text: &[u8]) -> bool {
        if self.letters.is_some() { !alignment.is_within_letter } else { Plain.may_end_token(plain, text) }
    }

    fn may_take(&self, (plain, _): &Self::State, keys: &[u8], byte: u8) -> bool {
        // With costs there is no quick way.
        self.letters.is_some() || Plain.may_take(plain, keys, byte)
    }

    fn may_start(&self, keys: &[u8], start: [u8; 2]) -> bool {
        let Some(letters) = &self.letters else { return Plain.may_start(keys, start) };
        match (start, keys.first()) {
            ([0, _], _) => false,
            ([space, first], Some(b' ')) => space == b' ' && letters.may_start(first),
            ([first, _], _) => letters.may_start(first),
        }
    }

    fn first_classes(&self, letters: &[u8]) -> u32 {
        if self.letters.is_some() { u32::MAX } else { Plain.first_classes(letters) }
    }

    fn min_cost(&self, (_, alignment): &Self::State) -> LogProb {
        if self.letters.is_some() { log_prob(least(&alignment.costs).min(alignment.done)) } else { 0 }
    }

    fn has_costs(&self) -> bool {
        self.letters.is_some()
    }

    fn has_slips(&self) -> bool {
        self.letters.is_some_and(|letters| letters.near_cost > 0)
    }
}

fn word_of<'t>(keys: &[u8], text: &'t [u8]) -> &'t [u8] {
    tail(text, usize::from(keys.first() == Some(&b' ')))
}

fn log_prob(cost: Cost) -> LogProb {
    LogProb::from(cost) << COST_BITS
}

fn least(costs: &[Cost; WIDTH]) -> Cost {
    costs.iter().fold(NEVER, |least, &cost| cost.min(least))
}

/// What the letters of a text so far cost under the keys.
#[derive(Clone, Copy, Debug)]
pub struct Alignment {
    /// Least costs if the letters stand for so many keys: from [`REACH`] fewer than there are letters to as many more.
    costs: [Cost; WIDTH],
    /// The same before the last letter.
    before: [Cost; WIDTH],
    /// Least cost at which all keys are accounted for.
    done: Cost,
    n: u8,
    last: u16,
    is_within_letter: bool,
    /// Nothing that follows can make it cheaper.
    is_settled: bool,
    /// All letters are counted, also those that can make nothing cheaper.
    is_whole: bool,
}

impl Default for Alignment {
    fn default() -> Self {
        Self {
            costs: [NEVER, NEVER, 0, DOUBLED + AT_FIRST, NEVER],
            before: [NEVER; WIDTH],
            done: NEVER,
            n: 0,
            last: 0,
            is_within_letter: false,
            is_settled: false,
            is_whole: false,
        }
    }
}

impl Alignment {
    /// Takes a letter: whether the letters stand for all keys more cheaply now; `None` if they cost too much.
    fn take(&mut self, keys: &TypedLetters, c: char) -> Option<bool> {
        if self.is_settled {
            return Some(false);
        }
        let new = next_costs(self, keys, c);
        let all = (usize::from(keys.n) + REACH).checked_sub(usize::from(self.n) + 1);
        let all = all.and_then(|place| new.get(place)).copied().unwrap_or(NEVER);
        let is_covered = all < self.done;
        self.done = all.min(self.done);
        let least_now = least(&new);
        self.is_settled = !self.is_whole && least_now.min(least(&self.costs).saturating_add(SWAPPED)) >= self.done;
        (self.before, self.costs, self.last) = (self.costs, new, code(c).0);
        self.n += 1;
        (least_now.min(self.done) < NEVER).then_some(is_covered)
    }
}

/// The costs with one letter more.
#[inline(never)]
fn next_costs(at: &Alignment, keys: &TypedLetters, c: char) -> [Cost; WIDTH] {
    let (letter, has_accent) = code(c);
    let (n, n_keys) = (usize::from(at.n), usize::from(keys.n));
    let missing = match c {
        '-' => NO_SIGN,
        _ if fold(c) == '\'' => NO_SIGN,
        _ if n == 0 => NEVER,
        _ => MISSING,
    };
    let accent = if has_accent { NO_ACCENT } else { 0 };
    let mut new = [NEVER; WIDTH];
    let mut last = NEVER;
    for (place, cost) in new.iter_mut().enumerate() {
        // Keys that the letters stand for.
        let Some(n_key) = (n + 1 + place).checked_sub(REACH).filter(|&n_key| n_key <= n_keys) else { continue };
        let mut least = at.costs.get(place + 1).map_or(NEVER, |cost| cost.saturating_add(missing));
        if let Some(&key) = n_key.checked_sub(1).and_then(|key| keys.letters.get(key)) {
            let near = keys.near.get(n_key - 1).copied().unwrap_or_default();
            let other = if n + n_key == 1 { FAR + AT_FIRST } else { FAR };
            let meant = if key == letter {
                accent
            } else if key == u32::from(fold(c)) as u16 {
                0
            } else if !has_class(letter) {
                NEVER
            } else if near & class(letter) != 0 {
                let more = if n == 0 && n_key == 1 && keys.near_cost > 0 { AT_FIRST } else { 0 };
                keys.near_cost + more + accent
            } else if has_class(key) {
                other
            } else {
                NEVER
            };
            least = least.min(at.costs.get(place).map_or(NEVER, |cost| cost.saturating_add(meant)));
            let before = n_key.checked_sub(2).and_then(|key| keys.letters.get(key)).copied();
            let is_doubled = before.is_some_and(|before| before == key || near & class(before) != 0);
            least = least.min(last.saturating_add(if is_doubled { DOUBLED } else { FAR }));
            if before == Some(letter) && key == at.last {
                least = least.min(at.before.get(place).map_or(NEVER, |cost| cost.saturating_add(SWAPPED)));
            }
        }
        last = if least > keys.max_cost { NEVER } else { least };
        *cost = last;
    }
    new
}

#[cfg(test)]
#[path = "align_tests.rs"]
mod tests;
