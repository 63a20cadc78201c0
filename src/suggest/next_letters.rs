//! Which letter comes next, for a person who picks letters from a ring, a row or a list.

use super::log_prob::{LN_2, LogProb, NAT, ONE, Prob, exp, ln, ln_of, log_probs};
use super::mark::Mark;
use super::matcher::Keyboard;
use super::search::{MAX_PATH, Path};
use super::suggester::Suggester;
use crate::part::tail;
use crate::text::{BytesIn, Reads, Text, decode, is_word_char};
use crate::{Logits, Progress, TokenId, Vocab};

/// Different letters that are counted, the word's end among them.
const MAX_LETTERS: usize = 40;
/// Paths within what was typed that are kept.
const MAX_PATHS: usize = 16;
/// A path that is less likely than this share of all that agrees with what was typed is not looked at.
const MIN_SHARE: LogProb = -6 * NAT;
/// What a key that a path spells counts for when one is chosen: those that go far in what was typed find out soonest
/// what comes next.
const PER_KEY: LogProb = 4 * NAT;
/// Probabilities are counted in units of 2⁻³⁰ and as many binary digits below.
const EXTRA_BITS: u32 = 18;
/// The share of all that is kept for letters that nothing was found for is one part in 2 to this power.
const FLOOR_BITS: u32 = 9;
/// Letters that share it.
const N_FLOOR: Prob = 64;

/// A letter that may come next, or the end of the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextLetter {
    letter: Option<char>,
    log_prob: LogProb,
}

impl NextLetter {
    /// A placeholder, to make arrays of.
    pub const EMPTY: Self = Self { letter: None, log_prob: i32::MIN };

    /// The letter, a small one; a digit, an apostrophe or a hyphen counts, too. `None` is the end of the word, or
    /// whatever else is no part of one.
    pub const fn letter(&self) -> Option<char> {
        self.letter
    }

    /// Natural logarithm of its probability, in units of 1/65536.
    pub const fn log_prob(&self) -> i32 {
        self.log_prob
    }

    /// How probable it is, 0 to 100.
    pub fn percent(&self) -> u8 {
        ((u64::from(exp(self.log_prob)) * 100) >> 30) as u8
    }
}

/// The probability of each letter that may come next, and of the word's end.
///
/// For devices on which letters are picked, not typed: with a knob, in a row that is scanned, with one button. They
/// put the likeliest letters first.
///
/// What counts is what the model says, over all ways to part the text into tokens: neither the word list nor the user
/// dictionary. The work is done in slices of one decode step, and the suggester keeps its words meanwhile. A suggester
/// with a [budget](crate::SuggestOptions::budget) of 0 has the least work for words that nobody looks at.
///
/// ```
/// use embedded_gpt::{NextLetter, NextLetters, Progress};
/// # use embedded_gpt::{Aligned, Config, Model, Session, SuggestOptions, Suggester, Workspace};
/// # static BLOB: &Aligned<[u8]> = embedded_gpt::include_model!("../../models/demo.egpt");
/// # const CONFIG: Config = Config::of(&BLOB.0);
/// # let mut ram = Workspace::<{ CONFIG.kv_words(64) }, { CONFIG.scratch_words(64) }>::new();
/// # let model = Model::parse(&BLOB.0)?;
/// # let mut suggester = Suggester::new(Session::new(&model, 64, ram.buffers())?, SuggestOptions::DEFAULT);
/// while suggester.poll("how are y") == Progress::Working {}
/// let mut letters = NextLetters::new(6);
/// while letters.poll(&mut suggester) == Progress::Working {}
/// let mut slots = [NextLetter::EMPTY; 5];
/// let best = letters.best(&mut slots);
/// assert_eq!(best[0].letter(), Some('o'));
/// assert!(letters.log_prob(Some('o')) > letters.log_prob(Some('x')));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct NextLetters {
    /// Letters and their probabilities together with what was typed, in units of 2⁻⁴⁸.
    letters: heapless::Vec<(Option<char>, u64), MAX_LETTERS, u8>,
    /// Probability of all that agrees with what was typed and goes beyond, in the same units.
    total: u64,
    paths: heapless::Vec<PathWithin, MAX_PATHS, u8>,
    /// The path that is being taken.
    at: u8,
    budget: u16,
    steps_left: u16,
    is_done: bool,
    /// What was typed, as the model reads it.
    keys: Text,
    /// The text that it is for.
    mark: Option<Mark>,
}

/// A path of tokens that spells no more than what was typed.
#[derive(Clone, Debug)]
struct PathWithin {
    path: Path,
    log_prob: LogProb,
    n_keys: u8,
    is_seen: bool,
}

impl PathWithin {
    /// How soon it is looked at.
    fn worth(&self) -> LogProb {
        self.log_prob + PER_KEY * LogProb::from(self.n_keys)
    }
}

impl NextLetters {
    /// For one text after another, with at most so many decode steps for each. The first step reads what follows the
    /// text before the word; each further one looks at another way to part the typed letters into tokens.
    pub const fn new(budget: u16) -> Self {
        Self {
            letters: heapless::Vec::new(),
            total: 0,
            paths: heapless::Vec::new(),
            at: 0,
            budget,
            steps_left: 0,
            is_done: true,
            keys: Text::new(),
            mark: None,
        }
    }

    /// Does a slice of the work, with a suggester that has finished its own for the text.
    ///
    /// There is nothing to do while the suggester works, and nothing more once another text was given to it. Where no
    /// word can stand no letter is found.
    pub fn poll(&mut self, suggester: &mut Suggester<'_, impl Keyboard>) -> Progress {
        let mark = suggester.text_at_rest();
        if mark.is_some() && mark != self.mark {
            self.begin(suggester, mark);
        } else if mark.is_some() || self.is_done || suggester.text_aside() != self.mark {
            return Progress::Done;
        }
        if let Some(path) = self.paths.get(usize::from(self.at)).map(|path| path.path.clone()) {
            self.steps_left = self.steps_left.saturating_sub(1);
            let is_last = suggester.go_on_aside(&path);
            if !is_last && !path.is_empty() {
                return Progress::Working;
            }
            if is_last {
                self.count(suggester.model().vocab_ref(), suggester.reader().logits(), suggester.max_path());
            }
            if is_last && self.choose(suggester) {
                return Progress::Working;
            }
        }
        self.is_done = true;
        suggester.end_aside();
        Progress::Done
    }

    /// Fills `slots` with the likeliest letters, likeliest first, and returns the filled part.
    pub fn best<'s>(&self, slots: &'s mut [NextLetter]) -> &'s [NextLetter] {
        let mut n = 0;
        let mut last = (u64::MAX, 0);
        for slot in slots.iter_mut() {
            let order = |(i, &(letter, prob)): (usize, &(Option<char>, u64))| (prob, MAX_LETTERS - i, letter);
            let rest = self.letters.iter().enumerate().map(order).filter(|&(prob, i, _)| (prob, i) < last);
            let Some((prob, i, letter)) = rest.max() else { break };
            *slot = NextLetter { letter, log_prob: self.log_prob_of(prob) };
            (last, n) = ((prob, i), n + 1);
        }
        crate::part::head(slots, n)
    }

    /// Natural logarithm of the probability of a small letter, or of the word's end, in units of 1/65536. Letters that
    /// nothing was found for share a 512th of all; they have -681,391 here, e⁻¹⁰·⁴.
    pub fn log_prob(&self, letter: Option<char>) -> i32 {
        let found = self.letters.iter().find(|(other, _)| *other == letter);
        self.log_prob_of(found.map_or(0, |&(_, prob)| prob))
    }

    fn log_prob_of(&self, prob: u64) -> LogProb {
        // 34 binary digits of both are left at most.
        let shift = self.total.max(1).ilog2().saturating_sub(33);
        let share = ((prob >> shift) << 30) / (self.total >> shift).max(1);
        let share = share.min(ONE.into()) as Prob;
        ln(share - (share >> FLOOR_BITS) + (ONE >> FLOOR_BITS) / N_FLOOR)
    }

    fn begin(&mut self, suggester: &mut Suggester<'_, impl Keyboard>, mark: Option<Mark>) {
        self.letters.clear();
        self.paths.clear();
        self.keys = Text::new();
        for byte in BytesIn::new(suggester.keys(), suggester.reader().reads()) {
            // Letters may get longer. There are no words of so many bytes.
            self.keys.push(byte);
        }
        let context = PathWithin { path: Path::new(), log_prob: 0, n_keys: 0, is_seen: false };
        let _ = self.paths.push(context);
        (self.total, self.mark, self.steps_left) = (0, mark, self.budget);
        self.is_done = !self.choose(suggester);
        if self.is_done {
            self.paths.clear();
        }
    }

    /// Begins to take the likeliest path that was not looked at; false if there is none that is worth it.
    fn choose(&mut self, suggester: &mut Suggester<'_, impl Keyboard>) -> bool {
        let unseen = self.paths.iter_mut().enumerate().filter(|(_, path)| !path.is_seen);
        let Some((at, path)) = unseen.max_by_key(|(_, path)| path.worth()) else { return false };
        path.is_seen = true;
        self.at = at as u8;
        let is_likely = self.total == 0 || path.log_prob > ln_wide(self.total) + MIN_SHARE;
        is_likely && suggester.start_aside(&path.path, self.steps_left.into())
    }

    /// Counts all tokens after the path that was taken.
    fn count(&mut self, vocab: &Vocab<'_>, logits: Logits<'_>, max_path: usize) {
        let Some(within) = self.paths.get(usize::from(self.at)).cloned() else { return };
        let keys = self.keys;
        let rest = tail(&keys, within.n_keys.into());
        let may_go_on = within.path.len() < max_path.min(MAX_PATH);
        for (token, log_prob) in log_probs(logits) {
            // Nearly every token fails here, before all its bytes are looked at.
            let start = vocab.first_two_bytes(token);
            if !start.iter().zip(rest).all(|(byte, key)| *byte == 0 || byte.eq_ignore_ascii_case(key)) {
                continue;
            }
            let log_prob = within.log_prob + log_prob;
            match after(vocab, token, rest) {
                Some(After::Letter(letter)) => self.add(letter, wide(log_prob)),
                Some(After::Unknown) => self.total += wide(log_prob),
                Some(After::Keys(n)) if may_go_on => self.keep(&within, token, n, log_prob),
                _ => {}
            }
        }
    }

    /// Keeps a path that goes on by a token within what was typed; of too many the one that would be last goes.
    fn keep(&mut self, before: &PathWithin, token: TokenId, n_keys: usize, log_prob: LogProb) {
        let mut path = before.path.clone();
        let n_keys = before.n_keys + n_keys as u8;
        if path.push(token).is_err() {
            return;
        }
        let new = PathWithin { path, log_prob, n_keys, is_seen: false };
        if let Err(new) = self.paths.push(new) {
            let unseen = self.paths.iter_mut().filter(|path| !path.is_seen);
            if let Some(least) = unseen.min_by_key(|path| path.worth())
                && least.worth() < new.worth()
            {
                *least = new;
            }
        }
    }

    fn add(&mut self, letter: Option<char>, prob: u64) {
        self.total += prob;
        match self.letters.iter_mut().find(|(other, _)| *other == letter) {
            Some((_, sum)) => *sum += prob,
            None => _ = self.letters.push((letter, prob)),
        }
    }
}

/// What a token brings after a part of what was typed.
enum After {
    /// Nothing but so many bytes of the rest.
    Keys(usize),
    /// All of the rest, and then a letter or the word's end.
    Letter(Option<char>),
    /// All of the rest, and a part of a letter.
    Unknown,
}

/// What a token brings where `rest` is still to come of what was typed; `None` if it does not agree with it.
fn after(vocab: &Vocab<'_>, token: TokenId, rest: &[u8]) -> Option<After> {
    let mut bytes = vocab.iter(token);
    let mut n = 0;
    for key in rest {
        match bytes.next() {
            Some(byte) if byte.eq_ignore_ascii_case(key) => n += 1,
            None if n > 0 => return Some(After::Keys(n)),
            _ => return None,
        }
    }
    let Some(first) = bytes.next() else {
        return Some(if n > 0 { After::Keys(n) } else { After::Letter(None) });
    };
    let mut letter = Text::new();
    core::iter::once(first).chain(bytes).take(4).all(|byte| letter.push(byte));
    Some(match decode(&letter).0 {
        Some(c) if is_word_char(c) => After::Letter(Some(small(c))),
        Some(_) => After::Letter(None),
        None => After::Unknown,
    })
}

/// A letter as it is shown.
fn small(c: char) -> char {
    Reads { apostrophe: Some('\''), small: Some(crate::text::Language::Any) }.letter(c)
}

/// `exp(log)` in units of 2⁻⁴⁸.
fn wide(log: LogProb) -> u64 {
    let extra = EXTRA_BITS as LogProb * LN_2;
    if log > -extra { u64::from(exp(log)) << EXTRA_BITS } else { exp(log + extra).into() }
}

/// `ln` of a probability in units of 2⁻⁴⁸.
fn ln_wide(prob: u64) -> LogProb {
    let shift = prob.max(1).ilog2().saturating_sub(29);
    ln_of((prob >> shift) as Prob) + (shift as LogProb - 48) * LN_2
}
