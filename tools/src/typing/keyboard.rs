//! What keys do to a text. Knows nothing of terminals and models: whoever has a model tells what it suggests.

use embedded_gpt::Suggester;

use super::draft::Draft;
use super::keys::Key;
use super::spacing::{Space, closes_up, is_mouth};

/// A suggestion as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The whole word.
    pub word: String,
    /// How probable it is among all that were found, 0 to 100.
    pub percent: u8,
    /// The text of its tokens; the first one may begin with a space.
    pub tokens: Vec<String>,
}

/// What has to be done after a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing: the text is as it was.
    Nothing,
    /// The text has changed.
    Edited,
    /// A correction of this word has been taken back.
    TakenBack(String),
    /// The text has changed, and these lines are finished.
    Finished(String),
    ToggleDictionary,
    Quit,
}

/// Letters in whose place there is a suggestion or a correction now.
#[derive(Clone, Debug)]
struct Replaced {
    letters: String,
    /// Where they began in the text.
    start: usize,
    is_correction: bool,
}

/// A text being typed, and what is suggested for it.
#[derive(Clone, Debug, Default)]
pub struct Keyboard {
    draft: Draft,
    space: Space,
    offers: Vec<Offer>,
    /// The first offer with the words after it, for the present text; empty if there is none.
    phrase: String,
    /// Whether the offers are for the present text.
    are_current: bool,
    /// What the space bar puts in the place of the last word of the present text.
    correction: Option<String>,
    /// What the last key put a word in the place of.
    replaced: Option<Replaced>,
    /// Bytes of the text that have been told as finished lines.
    finished: usize,
}

impl Keyboard {
    /// The text and the keystrokes that it took.
    pub fn draft(&self) -> &Draft {
        &self.draft
    }

    /// The text.
    pub fn text(&self) -> &str {
        self.draft.text()
    }

    /// What is suggested, best first; for an earlier text until [`offer`](Self::offer) brings something new.
    pub fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// Whether the offers are for the present text.
    pub fn has_current_offers(&self) -> bool {
        self.are_current
    }

    /// Sets what is suggested for the present text.
    pub fn offer(&mut self, offers: Vec<Offer>) {
        self.offers = offers;
        self.are_current = true;
    }

    /// What the space bar puts in the place of the last word, if that is surely a slip.
    pub fn correction(&self) -> Option<&str> {
        self.correction.as_deref()
    }

    /// Sets what the space bar puts in the place of the last word of the present text.
    pub fn set_correction(&mut self, word: Option<String>) {
        self.correction = word;
    }

    /// The first word offered and those after it, if the model is sure of them; else empty.
    pub fn phrase(&self) -> &str {
        &self.phrase
    }

    /// Sets the phrase for the present text.
    pub fn offer_phrase(&mut self, phrase: String) {
        self.phrase = phrase;
    }

    /// Does what a key asks for. A suggestion that is not for the present text is not taken.
    pub fn press(&mut self, key: Key) -> Effect {
        let replaced = self.replaced.take();
        match key {
            Key::ToggleDictionary => return Effect::ToggleDictionary,
            Key::Quit => return Effect::Quit,
            Key::Clear => return self.clear(),
            Key::Enter => return self.enter(),
            Key::Char(c) => {
                if c == ' ' {
                    self.correct();
                }
                self.type_char(c);
            }
            Key::Paste(text) => self.paste(&text),
            Key::Accept(number) => {
                let offer = self.offers.get(number).filter(|_| self.are_current);
                let Some(word) = offer.map(|offer| offer.word.clone()) else { return Effect::Nothing };
                self.accept(&word);
            }
            Key::AcceptPhrase if self.phrase.is_empty() => return Effect::Nothing,
            Key::AcceptPhrase => self.accept(&self.phrase.clone()),
            Key::Backspace => match replaced {
                Some(replaced) => return self.take_back(replaced),
                None => self.shorten(Draft::backspace),
            },
            Key::DeleteWord => self.shorten(Draft::delete_word),
        }
        self.edited();
        Effect::Edited
    }

    /// What has been typed since the last finished line, without a word that may not be complete.
    pub fn unfinished(&self) -> &str {
        let rest = self.text().get(self.finished..).unwrap_or_default();
        &rest[..Suggester::word_start(rest)]
    }

    fn edited(&mut self) {
        self.are_current = false;
        self.correction = None;
        self.phrase.clear();
        self.finished = self.finished.min(self.text().len());
    }

    fn type_char(&mut self, c: char) {
        if c.is_control() {
            return;
        }
        let line = self.text().rsplit('\n').next().unwrap_or_default();
        let closes_up = closes_up(c, line);
        let space = std::mem::take(&mut self.space);
        self.draft.press(true);
        match space {
            // Whoever types it themselves has not been spared it.
            Space::Open if c == ' ' => return self.draft.own_last(),
            Space::Open if closes_up => {
                self.draft.truncate(self.text().len() - 1);
                self.space = if matches!(c, ':' | ';') { Space::Taken } else { Space::Settled };
            }
            Space::Taken if is_mouth(c) => {
                let eyes = self.text()[self.text().len() - 1..].to_owned();
                self.draft.truncate(self.text().len() - 1);
                self.draft.push(" ", true);
                self.draft.push(&eyes, false);
            }
            _ => {}
        }
        self.draft.push(c.encode_utf8(&mut [0; 4]), false);
    }

    /// What is pasted counts as no keystrokes, with suggestions or without.
    fn paste(&mut self, text: &str) {
        self.space = Space::Settled;
        let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\t', " ");
        self.draft.push(&text.replace(|c: char| c.is_control() && c != '\n', ""), false);
    }

    /// Writes a word, or several, in the place of the letters typed of it, and a space.
    fn accept(&mut self, words: &str) {
        self.draft.press(false);
        self.replace_letters(words, false);
        self.draft.push(" ", true);
        self.space = Space::Open;
    }

    /// Puts what was surely meant in the place of the last word.
    fn correct(&mut self) {
        let Some(word) = self.correction.take() else { return };
        self.replace_letters(&word, true);
    }

    /// Puts a word in the place of the letters of the last one.
    fn replace_letters(&mut self, word: &str, is_correction: bool) {
        let start = Suggester::word_start(self.draft.text());
        let letters = self.draft.text()[start..].to_owned();
        self.replaced = Some(Replaced { letters, start, is_correction });
        self.draft.replace_from(start, word);
    }

    /// Puts back the letters in whose place a word and a space stand now.
    fn take_back(&mut self, Replaced { letters, start, is_correction }: Replaced) -> Effect {
        self.space = Space::Settled;
        self.draft.press(false);
        self.draft.replace_from(start, &letters);
        self.edited();
        if is_correction { Effect::TakenBack(letters) } else { Effect::Edited }
    }

    fn shorten(&mut self, by: fn(&mut Draft)) {
        self.space = Space::Settled;
        by(&mut self.draft);
    }

    fn enter(&mut self) -> Effect {
        if std::mem::take(&mut self.space) == Space::Open {
            self.draft.truncate(self.text().len() - 1);
        }
        self.draft.press(true);
        self.draft.push("\n", false);
        self.edited();
        let lines = self.text()[self.finished..].to_owned();
        self.finished = self.text().len();
        Effect::Finished(lines)
    }

    /// A finished message, as if it had been sent.
    fn clear(&mut self) -> Effect {
        let lines = self.text()[self.finished.min(self.text().len())..].to_owned();
        self.draft.clear();
        self.space = Space::Settled;
        self.edited();
        Effect::Finished(lines)
    }
}

#[cfg(test)]
#[path = "keyboard_tests.rs"]
mod tests;
