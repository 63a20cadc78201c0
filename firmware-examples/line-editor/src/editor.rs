//! A line of text with suggestions below it: what each key does, and how it is drawn.

use core::fmt::{self, Write};

use embedded_gpt::text::MAX_WORD_BYTES;
use embedded_gpt::{Keyboard, Progress, Shell, Suggester, Suggestion};
use heapless::String;

use crate::keys::{Key, Keys};
use crate::search;

/// Longest line in bytes.
const MAX_LINE: usize = 120;
/// The line and those before it, which the model goes by, in bytes.
const MAX_TEXT: usize = 2 * MAX_LINE;
/// Columns of the terminal.
const WIDTH: usize = 80;
const PROMPT: &str = "> ";
const N_SUGGESTIONS: usize = 3;
/// The keys that accept them.
const KEYS: [&str; N_SUGGESTIONS] = ["Tab", "F2", "F3"];

/// What follows a word without a space.
const CLOSING: &str = ".,!?:;)]}%'";

/// An editor of one line of ASCII for an ANSI terminal.
///
/// Tab accepts the first suggestion, F2 and F3 (or Alt-2 and Alt-3) the others, Enter starts a new line. The
/// space behind an accepted word makes way for a full stop and the like. A space bar corrects a word that is surely a
/// slip. Backspace right behind one of them brings back what was typed. Lines are learned where the suggester has a
/// user dictionary.
///
/// A key changes the line at once. Words for the line are looked for in slices after that, with [`poll`](Self::poll)
/// or [`suggest`](Self::suggest).
#[derive(Debug)]
pub struct LineEditor<'s, 'b, K: Keyboard> {
    /// Lent, because it is large: whoever makes one knows where.
    suggester: &'s mut Suggester<'b, K>,
    /// Where the last word of a text begins.
    word_start: fn(&str) -> usize,
    /// What the keys stand for at the end of a line, where that depends on it.
    keys_for: Option<fn(&str) -> K>,
    keys: Keys,
    text: String<MAX_TEXT>,
    /// Where the line begins in the text.
    line_start: usize,
    search: Search,
    slots: [Suggestion; N_SUGGESTIONS],
    n_found: usize,
    /// Whether the line ends with the space that came with a suggestion.
    has_given_space: bool,
    /// What the last key put a word in the place of.
    replaced: Option<Replaced>,
}

/// Letters in whose place there is a suggestion or a correction now.
#[derive(Clone, Debug)]
struct Replaced {
    letters: String<MAX_WORD_BYTES>,
    /// Where they began in the line.
    start: usize,
    is_correction: bool,
}

/// How far the search for the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Search {
    /// The text has changed: no word is on offer.
    New,
    /// The words on offer are the best so far.
    Working,
    Done,
}

impl<'s, 'b, K: Keyboard> LineEditor<'s, 'b, K> {
    /// An empty line of text; for a `Shell` there is [`for_commands`](LineEditor::for_commands).
    pub fn new(suggester: &'s mut Suggester<'b, K>) -> Self {
        Self::of(suggester, Suggester::word_start, None)
    }
}

impl<'s, 'b> LineEditor<'s, 'b, Shell<'static>> {
    /// An empty line for a command. A function says which words may end a line.
    pub fn for_commands(
        suggester: &'s mut Suggester<'b, Shell<'static>>,
        words_for: fn(&str) -> Shell<'static>,
    ) -> Self {
        Self::of(suggester, Shell::word_start, Some(words_for))
    }
}

impl<'s, 'b, K: Keyboard> LineEditor<'s, 'b, K> {
    fn of(suggester: &'s mut Suggester<'b, K>, word_start: fn(&str) -> usize, keys_for: Option<fn(&str) -> K>) -> Self {
        Self {
            suggester,
            word_start,
            keys_for,
            keys: Keys::default(),
            text: String::new(),
            line_start: 0,
            search: Search::New,
            slots: [Suggestion::EMPTY; N_SUGGESTIONS],
            n_found: 0,
            has_given_space: false,
            replaced: None,
        }
    }

    /// The line so far.
    pub fn line(&self) -> &str {
        self.text.get(self.line_start..).unwrap_or_default()
    }

    /// The words on offer for the line: none after a key that changed it, until the next slice.
    pub fn suggestions(&self) -> &[Suggestion] {
        self.slots.get(..self.n_found).unwrap_or_default()
    }

    /// Whether the byte ends a key that accepts a word although none has been found yet: it was sent right behind
    /// another one. [`suggest`](Self::suggest) first, then the key does what it would have done a moment later.
    pub fn waits_for_words(&self, byte: u8) -> bool {
        let is_early = self.search != Search::Done && self.n_found == 0;
        is_early && matches!(self.keys.clone().take(byte), Some(Key::Accept(_)))
    }

    /// Does a slice of the search, and offers what has been found so far.
    pub fn poll(&mut self) -> Progress {
        self.begin();
        let progress = self.suggester.poll(&self.text);
        self.search = if progress == Progress::Done { Search::Done } else { Search::Working };
        self.n_found = self.suggester.best(&mut self.slots).len();
        progress
    }

    /// Searches until all words are found; other tasks run between the slices.
    pub async fn suggest(&mut self) {
        self.begin();
        self.n_found = search::suggest(self.suggester, &self.text, &mut self.slots).await.len();
        self.search = Search::Done;
    }

    /// Before the first slice for a text.
    fn begin(&mut self) {
        if self.search == Search::New
            && let Some(keys_for) = self.keys_for
        {
            self.suggester.set_keyboard(keys_for(self.line()));
        }
        self.search = Search::Working;
    }

    /// Takes a typed byte. What belongs to no key that is known, or has no room in the line, changes nothing.
    pub fn type_byte(&mut self, byte: u8) {
        let Some(key) = self.keys.take(byte) else { return };
        let had_given_space = core::mem::take(&mut self.has_given_space);
        let replaced = self.replaced.take();
        match key {
            Key::Enter => {
                self.push("\n");
                self.suggester.learn(self.text.get(self.line_start..).unwrap_or_default());
                self.line_start = self.text.len();
            }
            Key::Accept(number) => self.accept(number),
            Key::Backspace if self.line().is_empty() => {}
            Key::Backspace => match &replaced {
                Some(replaced) => self.take_back(replaced),
                None => drop(self.text.pop()),
            },
            Key::Char(' ') if had_given_space => {}
            Key::Char(char) => {
                if char == ' ' {
                    self.correct();
                }
                if had_given_space && CLOSING.contains(char) {
                    let _ = self.text.pop();
                }
                if self.line().len() < MAX_LINE {
                    self.push(char.encode_utf8(&mut [0; 4]));
                }
            }
        }
        self.search = Search::New;
        self.n_found = 0;
    }

    /// Puts a suggestion and a space in the place of the letters typed of it.
    fn accept(&mut self, number: usize) {
        let Some(&word) = self.suggestions().get(number) else { return };
        if self.replace_letters(&word, false) && word.takes_space() {
            self.push(" ");
            self.has_given_space = true;
        }
    }

    /// Puts what was surely meant in the place of the last word; nothing as long as the search for it goes on.
    fn correct(&mut self) {
        if self.search != Search::Done {
            return;
        }
        if let Some(word) = self.suggester.correction() {
            self.replace_letters(&word, true);
        }
    }

    /// Puts a word in the place of the letters of the last one; `false` if there is no room for it.
    fn replace_letters(&mut self, word: &Suggestion, is_correction: bool) -> bool {
        let start = (self.word_start)(&self.text);
        let Ok(letters) = String::try_from(self.text.get(start..).unwrap_or_default()) else { return false };
        let has_room = start + word.as_str().len() < self.line_start + MAX_LINE;
        if has_room {
            self.replaced = Some(Replaced { letters, start: start - self.line_start, is_correction });
            self.text.truncate(start);
            self.push(word.as_str());
        }
        has_room
    }

    /// Puts back the letters in whose place a word and a space stand now.
    fn take_back(&mut self, replaced: &Replaced) {
        self.text.truncate(self.line_start + replaced.start);
        self.push(&replaced.letters);
        if replaced.is_correction {
            self.suggester.keep(&replaced.letters);
        }
    }

    /// Adds to the text, whose oldest half makes room at once, so that the model reads anew but seldom.
    fn push(&mut self, more: &str) {
        if self.text.len() + more.len() > MAX_TEXT {
            let cut = self.text.len().saturating_sub(MAX_TEXT / 2);
            let cut = (cut..self.line_start).find(|&at| self.text.is_char_boundary(at)).unwrap_or(self.line_start);
            let kept = String::try_from(self.text.get(cut..).unwrap_or_default());
            self.text = kept.unwrap_or_default();
            self.line_start -= cut;
        }
        let _ = self.text.push_str(more);
    }

    /// Draws the line and the suggestions over what was drawn before; leaves the cursor at the end of the line. Of
    /// a line that is wider than the terminal its end is seen.
    ///
    /// # Errors
    /// If `out` fails.
    pub fn draw(&self, out: &mut impl Write) -> fmt::Result {
        let line = self.line();
        let hidden = line.chars().count().saturating_sub(WIDTH - PROMPT.len() - 1);
        write!(out, "\r\x1b[J{PROMPT}")?;
        line.chars().skip(hidden).try_for_each(|char| out.write_char(char))?;
        write!(out, "\r\n  ")?;
        let mut column = PROMPT.len();
        for (key, suggestion) in KEYS.iter().zip(self.suggestions()) {
            column += key.len() + suggestion.as_str().chars().count() + 4;
            if column < WIDTH {
                write!(out, "\x1b[7m {key} {} \x1b[0m ", suggestion.as_str())?;
            }
        }
        write!(out, "\x1b[A\r\x1b[{}C", PROMPT.len() + line.chars().skip(hidden).count())
    }
}

#[cfg(test)]
#[path = "editor_tests.rs"]
mod tests;
