//! A typist whose finger slips, with a space bar that corrects, or one that does not.
//!
//! They look at the words shown before each letter, and take the one that they mean as soon as it is there, which takes
//! one keystroke and brings the space. Else they type on, slips included, and do not look back. Where a space follows
//! the word, the space bar corrects. If what it writes is not what they mean, a backspace brings back what they typed,
//! the word is kept, and the space is pressed again. What is wrong then stays wrong, and is what the next words are
//! offered for. What is in no word is typed without a slip. Letter case does not count.

use std::ops::Range;

use anyhow::{Context as _, Result};
use embedded_gpt::{Keys, Model, SuggestOptions, Suggester, Suggestion};

use super::folding::folded;
use super::percent::percent;
use super::slips::Slips;
use super::suggestions::StableStart;
use super::typed_text::{TypedText, Word, last_context};
use super::typing::{self, N_PARTS};
use crate::progress::Progress;
use crate::session_memory::SessionMemory;

/// Words shown.
pub const N_SHOWN: usize = 3;

/// Who types on what.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Context in tokens; what the model was trained for if `None`.
    pub context: Option<usize>,
    /// How suggestions are asked for, and how sure a correction has to be.
    pub options: SuggestOptions<'static>,
    /// What the keys stand for.
    pub keys: Keys<'static>,
    /// What goes wrong.
    pub slips: Slips,
    /// Whether the typist looks at the words shown; else they take none of them.
    pub looks: bool,
    /// Whether the space bar corrects.
    pub corrects: bool,
}

/// What typing came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Words typed.
    pub words: usize,
    /// Keys pressed for the words and the spaces straight behind them.
    pub keys: usize,
    /// Characters of these.
    pub characters: usize,
    /// Words in which the finger slipped, whatever became of them.
    pub with_slip: usize,
    /// Words that are not what was meant in the end.
    pub left_wrong: usize,
    /// Words that the space bar set right.
    pub corrected: usize,
    /// Words in the place of which the space bar wrote another one than was meant.
    pub falsely_corrected: usize,
}

impl Outcome {
    fn add(mut self, other: Self) -> Self {
        self.words += other.words;
        self.keys += other.keys;
        self.characters += other.characters;
        self.with_slip += other.with_slip;
        self.left_wrong += other.left_wrong;
        self.corrected += other.corrected;
        self.falsely_corrected += other.falsely_corrected;
        self
    }

    /// Keystrokes for a text that takes `n_keys` without help and without slips.
    pub fn keystrokes(&self, n_keys: usize) -> usize {
        n_keys - self.characters + self.keys
    }

    /// Keystrokes saved, in percent of `n_keys`; less than nothing if slips cost more than suggestions save.
    pub fn ksr(&self, n_keys: usize) -> f64 {
        100.0 - percent(self.keystrokes(n_keys), n_keys)
    }

    /// A number of words in percent of all.
    pub fn percent_of_words(&self, n: usize) -> f64 {
        percent(n, self.words)
    }
}

/// Types a text. Threads type parts of it; each part begins with the text before it as it should be.
///
/// # Errors
/// If a session with this context cannot be had.
pub fn type_text(model: &Model<'_>, text: &TypedText, settings: Settings) -> Result<Outcome> {
    let Settings { context, options, keys, .. } = settings;
    let parts = typing::parts(text, N_PARTS, |words, progress| {
        let mut memory = SessionMemory::new(model.config(), context);
        let session = memory.session(model).context("no session of this context")?;
        let device = Suggester::with_keyboard(session, options, keys);
        Ok(Typist::new(device, settings).type_words(text, words, progress))
    })?;
    Ok(parts.into_iter().fold(Outcome::default(), Outcome::add))
}

/// What a typist sees of a keyboard.
trait Device {
    /// The words shown for a text.
    fn shown(&mut self, text: &str) -> Vec<String>;

    /// What the space bar writes in the place of the text's last word.
    fn correction(&mut self, text: &str) -> Option<String>;

    /// Takes a word out of correction.
    fn keep(&mut self, word: &str);
}

impl Device for Suggester<'_, Keys<'static>> {
    fn shown(&mut self, text: &str) -> Vec<String> {
        let mut slots = [Suggestion::EMPTY; N_SHOWN];
        self.suggest(text, &mut slots).iter().map(|word| word.as_str().to_owned()).collect()
    }

    fn correction(&mut self, text: &str) -> Option<String> {
        self.suggest(text, &mut [Suggestion::EMPTY; N_SHOWN]);
        Suggester::correction(self).map(|word| word.as_str().to_owned())
    }

    fn keep(&mut self, word: &str) {
        Suggester::keep(self, word);
    }
}

struct Typist<D> {
    device: D,
    settings: Settings,
    /// What stands there.
    written: String,
    start: StableStart,
}

impl<D: Device> Typist<D> {
    fn new(device: D, settings: Settings) -> Self {
        Self { device, settings, written: String::new(), start: StableStart::default() }
    }

    fn type_words(&mut self, text: &TypedText, words: Range<usize>, progress: &Progress) -> Outcome {
        let mut outcome = Outcome::default();
        for (number, word) in words.clone().zip(text.words(words.clone())) {
            self.written.push_str(if number == words.start { word.context } else { word.gap });
            let (one, stands) = self.type_word(word, number);
            self.written.push_str(&stands);
            outcome = outcome.add(one);
            progress.advance(1);
        }
        outcome
    }

    /// Types a word behind what stands there; says what stands in its place then.
    fn type_word(&mut self, word: Word<'_>, number: usize) -> (Outcome, String) {
        let mut text = self.start.cut(last_context(&self.written)).to_owned();
        let before = text.len();
        let wanted = folded(word.core);
        // A word that is written takes the place of the last one, which a quote or a dash may be typed before.
        let is_meant = |text: &str, written: &str| {
            let kept = before..Suggester::word_start(text).max(before);
            folded(&format!("{}{written}", &text[kept])) == wanted
        };
        let space = usize::from(!word.ends_line && !word.has_trail);
        let characters = word.core.chars().count() + space;
        let mut outcome = Outcome { words: 1, characters, ..Outcome::default() };
        for press in self.settings.slips.presses(word.core, number) {
            // A device works on words whether they are looked at or not.
            let shown = self.device.shown(&text);
            if self.settings.looks && shown.iter().any(|shown| is_meant(&text, shown)) {
                outcome.keys += 1;
                return (outcome, word.core.to_owned());
            }
            text.push_str(&press.keys);
            outcome.keys += press.keys.chars().count();
            outcome.with_slip |= usize::from(press.is_slip);
        }
        outcome.keys += space;
        let may_correct = self.settings.corrects && space > 0 && text.len() > before;
        if let Some(correction) = may_correct.then(|| self.device.correction(&text)).flatten() {
            if is_meant(&text, &correction) {
                outcome.corrected = 1;
                return (outcome, word.core.to_owned());
            }
            outcome.falsely_corrected = 1;
            outcome.keys += 2; // backspace, and the space that it took away
            self.device.keep(&text[Suggester::word_start(&text)..]);
        }
        let stands = text.split_off(before);
        outcome.left_wrong = usize::from(folded(&stands) != wanted);
        (outcome, stands)
    }
}

#[cfg(test)]
#[path = "noisy_tests.rs"]
mod tests;
