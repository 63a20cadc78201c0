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
use crate::text::{accents_len, decode, fold, without_accent};

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
    keys: [Key; MAX_LETTERS],
}

/// A letter that was typed.
#[derive(Clone, Copy, Debug, Default)]
struct Key {
    /// Classes of the letters near it, one bit each.
    near: u32,
    /// The low half of the code point of the small letter.
    letter: u16,
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
    /// The letters of a word, as far as there is room; `near` says which letters are near a key.
    #[inline(never)]
    pub(super) fn new(word: &[u8], max_cost: Cost, near_cost: Cost, near: &dyn Fn(char) -> NearBy) -> Self {
        let mut new = Self { max_cost, near_cost, n: 0, first: 0, keys: [Key::default(); MAX_LETTERS] };
        let mut rest = word;
        for key in &mut new.keys {
            let (c, len) = decode_letter(rest);
            let Some(c) = c else { break };
            let small = fold(c);
            *key = Key { near: near(small).0, letter: u32::from(small) as u16 };
            rest = tail(rest, len);
            new.n += 1;
        }
        // A neighbour of the first key; its letter may follow, or be none.
        let [first, second, ..] = new.keys;
        new.first = class(first.letter) | first.near;
        if max_cost >= SWAPPED {
            new.first |= class(second.letter);
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

/// The letter that a text begins with, and its bytes with those of combining accents behind it. Letters with accents
/// are found by those without.
fn decode_letter(text: &[u8]) -> (Option<char>, usize) {
    let (c, len) = decode(text);
    (c, len + accents_len(tail(text, len)))
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
        let mut alignment = Alignment::default();
        let word = word_of(keys, text);
        for n in 1..=word.len() {
            // All letters are counted, also those that can make nothing cheaper.
            alignment.is_settled = false;
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
        self.letters.as_ref().is_some_and(|letters| letters.near_cost > 0)
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
#[repr(C, align(4))] // it is copied often
pub struct Alignment {
    /// Least costs if the letters stand for so many keys: from [`REACH`] fewer than there are letters to as many more.
    costs: [Cost; WIDTH],
    /// Least costs before the last letter.
    before: [Cost; WIDTH],
    /// Least cost at which all keys are accounted for.
    done: Cost,
    n: u8,
    last: u16,
    is_within_letter: bool,
    /// Nothing that follows can make it cheaper.
    is_settled: bool,
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
        self.is_settled = least_now.min(least(&self.costs).saturating_add(SWAPPED)) >= self.done;
        (self.before, self.costs, self.last) = (self.costs, new, code(c).0);
        self.n += 1;
        (least_now.min(self.done) < NEVER).then_some(is_covered)
    }
}

/// The costs with one letter more.
#[inline(never)]
fn next_costs(at: &Alignment, keys: &TypedLetters, c: char) -> [Cost; WIDTH] {
    let meant = Meant::new(c);
    let missing = match (meant.is_sign(), at.n) {
        // Groups of letters have no key for them.
        (true, _) if keys.near_cost == 0 => 0,
        (true, _) => NO_SIGN,
        (false, 0) => NEVER,
        (false, _) => MISSING,
    };
    let never = u32::from(NEVER);
    let mut new = [NEVER; WIDTH];
    let mut last = never;
    for (place, cost) in new.iter_mut().enumerate() {
        let of = |costs: &[Cost; WIDTH], place: usize| u32::from(costs.get(place).copied().unwrap_or(NEVER));
        let (same, before) = (of(&at.costs, place), of(&at.before, place));
        let mut least = of(&at.costs, place + 1) + u32::from(missing);
        // Keys that the letters stand for, and REACH more.
        let n_key = usize::from(at.n) + 1 + place;
        if n_key < REACH || n_key > usize::from(keys.n) + REACH {
            continue;
        }
        if let Some(key) = n_key.checked_sub(REACH + 1).and_then(|key| keys.keys.get(key)) {
            if same < never {
                let is_first = n_key == REACH + 1 && at.n == 0;
                least = least.min(same + u32::from(meant.cost(keys, key, is_first)));
            }
            let key_before = n_key.checked_sub(REACH + 2).and_then(|key| keys.keys.get(key));
            if last < never {
                least = least.min(last + u32::from(key.cost_of_more(key_before)));
            }
            if before < never && key.letter == at.last && key_before.is_some_and(|key| key.letter == meant.letter) {
                least = least.min(before + u32::from(SWAPPED));
            }
        }
        last = if least > u32::from(keys.max_cost) { never } else { least };
        *cost = last as Cost;
    }
    new
}

impl Key {
    /// What it costs that this key was pressed and no letter meant.
    fn cost_of_more(&self, before: Option<&Self>) -> Cost {
        let is_doubled = |before: &Self| before.letter == self.letter || self.near & class(before.letter) != 0;
        if before.is_some_and(is_doubled) { DOUBLED } else { FAR }
    }
}

/// A letter of a text.
struct Meant {
    /// Without its accent.
    letter: u16,
    folded: u16,
}

impl Meant {
    fn new(c: char) -> Self {
        let (letter, has_accent) = code(c);
        Self { letter, folded: if has_accent { u32::from(fold(c)) as u16 } else { letter } }
    }

    /// Whether it is an apostrophe or a hyphen.
    fn is_sign(&self) -> bool {
        matches!(self.letter, 0x27 | 0x2D)
    }

    /// What it costs that this letter was meant by a key.
    #[inline(always)]
    fn cost(&self, keys: &TypedLetters, key: &Key, is_first: bool) -> Cost {
        let accent = if self.letter == self.folded { 0 } else { NO_ACCENT };
        let more = if is_first && keys.near_cost > 0 { AT_FIRST } else { 0 };
        if key.letter == self.letter {
            accent
        } else if key.letter == self.folded {
            0
        } else if !has_class(self.letter) || !has_class(key.letter) && key.near == 0 {
            NEVER
        } else if key.near & class(self.letter) != 0 {
            keys.near_cost + accent + more
        } else {
            FAR + more
        }
    }
}

#[cfg(test)]
#[path = "align_tests.rs"]
mod tests;
