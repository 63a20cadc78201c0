//! A telephone with nine keys for letters.

use core::fmt::{self, Write};

use embedded_gpt::{Keys, NextLetter, NextLetters, Progress, Suggester};

use crate::message::Message;
use crate::reading::{GROUPS, Readings, Word, group_of, letter_after, start_of};
use crate::screen;

/// The keyboard that the suggester of a [`KeypadPhone`] needs: that of `Keys::KEYPAD`.
pub const KEYS: Keys<'static> = Keys::groups(&GROUPS);

/// What `#` puts behind a word, one after another, and whether a space follows.
const MARKS: [(&str, bool); 12] = [
    (".", true),
    (",", true),
    ("?", true),
    ("!", true),
    ("'", false),
    ("-", false),
    ("/", false),
    ("@", false),
    (":", true),
    (" (", false),
    (")", true),
    (";", true),
];
/// And within a number.
const NUMBER_MARKS: [(&str, bool); 7] =
    [(":", false), (".", false), ("-", false), ("/", false), ("+", false), ("%", false), (",", false)];
/// Decode steps to guess a letter that nothing else is known of.
const LETTER_STEPS: u16 = 4;

/// A phone on which the keys 2 to 9 have three or four letters each.
///
/// | key | what it does |
/// |---|---|
/// | `2` to `9` | the next letter of a word; which one is meant, the word tells |
/// | `0`, space | takes the word that is shown, with a space |
/// | `*` | shows the next word for the keys: other readings, and words that go on from there |
/// | `#` | takes the word, and puts a full stop; again: the next sign |
/// | `1` | spells: holds on to one letter more of the word; or begins a number, which `*` ends |
/// | Backspace | takes the last key back, or what the last `0` did |
/// | Enter | the line is finished, and learned from |
///
/// After `1`, `*` is the next letter of that key; capitals follow. A number begins where no word has begun.
///
/// A key that follows `*` begins the next word. Words that were spelled are in the suggester's user dictionary from
/// then on, if it has one.
#[derive(Debug)]
pub struct KeypadPhone<'s, 'b> {
    suggester: &'s mut Suggester<'b, Keys<'static>>,
    letters: NextLetters,
    /// What was written, and the letters and keys of the word being typed.
    message: Message,
    /// Where that word begins.
    start: usize,
    /// Bytes of it that are letters; keys follow.
    n_spelled: usize,
    mode: Mode,
    is_searched: bool,
    readings: Readings,
    /// The reading that is shown.
    chosen: usize,
    taken: Option<Taken>,
}

/// What `*` and `#` do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Words,
    /// The last letter that was held on to may be changed.
    Letter,
    Number,
    /// `MARKS[number]` stands at the end of the text, from a byte on; or `NUMBER_MARKS[number]`.
    Mark {
        number: usize,
        start: usize,
        is_in_number: bool,
    },
}

/// The keys in whose place a word stands now.
#[derive(Clone, Debug)]
struct Taken {
    keys: Word,
    start: usize,
    n_spelled: usize,
}

impl<'s, 'b> KeypadPhone<'s, 'b> {
    /// An empty message. The suggester has to have the keyboard [`KEYS`].
    pub fn new(suggester: &'s mut Suggester<'b, Keys<'static>>) -> Self {
        Self {
            suggester,
            letters: NextLetters::new(LETTER_STEPS),
            message: Message::default(),
            start: 0,
            n_spelled: 0,
            mode: Mode::Words,
            is_searched: false,
            readings: Readings::default(),
            chosen: 0,
            taken: None,
        }
    }

    /// The line as it is shown, with the word for the keys so far.
    pub fn line(&self) -> impl Iterator<Item = char> {
        self.before_word().chars().chain(self.word().chars())
    }

    /// The words for the keys, of which the one that is shown has a number.
    pub fn readings(&self) -> (impl Iterator<Item = &str>, usize) {
        (self.readings.iter(), self.chosen)
    }

    /// Does a slice of the search for words. Keys that come before its end finish it.
    pub fn poll(&mut self) -> Progress {
        if self.is_searched || matches!(self.mode, Mode::Number) {
            return Progress::Done;
        }
        if self.suggester.poll(self.message.text()) == Progress::Working {
            return Progress::Working;
        }
        self.is_searched = true;
        self.readings = Readings::of(self.suggester, self.message.text().get(self.start..).unwrap_or_default());
        // Nothing is known of such a word: each key is a letter at once, which `*` changes.
        if !self.readings.is_known() && self.keys().len() == 1 && self.mode == Mode::Words {
            self.hold_on();
            return Progress::Working;
        }
        Progress::Done
    }

    /// Takes a byte from the keypad. Others than the keys' change nothing.
    pub fn press(&mut self, byte: u8) {
        while self.poll() == Progress::Working {}
        let taken = self.taken.take();
        // A number goes on behind a sign within.
        if matches!(self.mode, Mode::Mark { is_in_number: true, .. }) && matches!(byte, b'0'..=b'9' | b'*') {
            self.mode = Mode::Number;
        }
        match byte {
            b'0'..=b'9' if self.mode == Mode::Number => self.add(byte),
            b'2'..=b'9' => self.letter(byte),
            b'*' => self.next(),
            b'#' => self.mark(),
            b'1' => self.one(),
            b'0' | b' ' => self.space(),
            0x08 | 0x7F => self.backspace(taken),
            b'\r' => self.enter(),
            _ => self.taken = taken,
        }
    }

    /// Draws the line and the words below it over what was drawn before.
    ///
    /// # Errors
    /// If `out` fails.
    pub fn draw(&self, out: &mut impl Write) -> fmt::Result {
        let words = self.readings.iter().map(|word| if word.is_empty() { "_" } else { word });
        screen::draw(out, [self.before_word(), self.word()], words, self.chosen)
    }

    fn before_word(&self) -> &str {
        self.message.text().get(self.message.line_start()..self.start).unwrap_or_default()
    }

    /// The word that is shown: what `0` takes.
    fn word(&self) -> &str {
        if self.is_searched {
            self.readings.get(self.chosen)
        } else {
            self.message.text().get(self.start..).unwrap_or_default()
        }
    }

    /// The keys behind what was spelled.
    fn keys(&self) -> &str {
        self.message.text().get(self.start + self.n_spelled..).unwrap_or_default()
    }

    fn has_word(&self) -> bool {
        self.start < self.message.len()
    }

    fn add(&mut self, byte: u8) {
        self.message.push(char::from(byte).encode_utf8(&mut [0; 4]));
        self.has_changed();
    }

    /// The text has changed: there are no words for it yet.
    fn has_changed(&mut self) {
        (self.is_searched, self.chosen) = (false, 0);
        self.readings = Readings::default();
        if self.mode == Mode::Number {
            self.begin_word();
        }
    }

    /// A word begins at the end of the text.
    fn begin_word(&mut self) {
        (self.start, self.n_spelled) = (self.message.len(), 0);
    }

    fn letter(&mut self, byte: u8) {
        if self.chosen > 0 {
            self.space();
        }
        self.mode = Mode::Words;
        self.add(byte);
    }

    /// The next reading, or the next letter of a key.
    fn next(&mut self) {
        match self.mode {
            Mode::Letter => self.change_letter(),
            Mode::Number => {
                self.message.give_space();
                self.mode = Mode::Words;
                self.begin_word();
                self.has_changed();
            }
            Mode::Words | Mode::Mark { .. } => {
                self.mode = Mode::Words;
                self.chosen = (self.chosen + 1) % self.readings.len().max(1);
            }
        }
    }

    /// Takes the word that is shown; `false` if there is none.
    fn take(&mut self) -> bool {
        let word = Word::try_from(self.word()).unwrap_or_default();
        let keys = Word::try_from(self.message.text().get(self.start..).unwrap_or_default()).unwrap_or_default();
        self.mode = Mode::Words;
        if word.is_empty() || !self.message.replace_from(self.start, &word) {
            return false;
        }
        if keys.len() == self.n_spelled && !self.readings.is_known() {
            self.keep(&word);
        }
        self.taken = Some(Taken { keys, start: self.start, n_spelled: self.n_spelled });
        self.begin_word();
        true
    }

    /// A word that somebody took the trouble to spell is offered from now on. Parts of an address are no words.
    fn keep(&mut self, word: &str) {
        let before = self.before_word();
        let is_alone = before.is_empty() || before.ends_with([' ', '(']);
        if is_alone
            && word.len() > 1
            && let Some(dictionary) = self.suggester.user_dictionary()
        {
            dictionary.add(word);
        }
    }

    fn space(&mut self) {
        if self.take() {
            self.message.give_space()
        } else {
            self.message.push_space()
        }
        self.begin_word();
        self.has_changed();
    }

    /// A sign behind the word, or the next one in its place.
    fn mark(&mut self) {
        let (number, start, is_in_number) = match self.mode {
            Mode::Mark { number, start, is_in_number } => (number + 1, start, is_in_number),
            mode => {
                self.take();
                self.message.take_given_space();
                (0, self.message.len(), mode == Mode::Number)
            }
        };
        let marks = if is_in_number { &NUMBER_MARKS[..] } else { &MARKS[..] };
        let number = number % marks.len();
        let (mark, has_space) = marks[number];
        if self.message.replace_from(start, mark) && has_space {
            self.message.give_space();
        }
        self.taken = None;
        self.mode = Mode::Mark { number, start, is_in_number };
        self.begin_word();
        if mark == "'" {
            self.open_word();
        }
        self.has_changed();
    }

    /// The word that the text ends with is being typed again.
    fn open_word(&mut self) {
        self.start = Suggester::word_start(self.message.text()).max(self.message.line_start());
        self.n_spelled = self.message.len() - self.start;
    }

    /// Holds on to a letter, or begins a number.
    fn one(&mut self) {
        if self.has_word() {
            self.hold_on();
        } else {
            self.mode = Mode::Number;
            self.has_changed();
        }
    }

    /// Holds on to one letter more of the reading that is shown; of one that nothing is known of, to a likely one.
    fn hold_on(&mut self) {
        if self.keys().is_empty() {
            return;
        }
        let n = self.message.text().get(self.start..).unwrap_or_default().chars().filter(|&char| char != '\'').count();
        let n = n - self.keys().len() + 1;
        let mut spelled = Word::try_from(start_of(self.word(), n)).unwrap_or_default();
        if !self.readings.is_known()
            && let Some(letter) = self.likely_letter()
        {
            spelled.pop();
            let _ = spelled.push(letter);
        }
        let rest = Word::try_from(self.keys().get(1..).unwrap_or_default()).unwrap_or_default();
        self.spell(&spelled, &rest);
        self.mode = Mode::Letter;
    }

    /// The likeliest letter of the first key that none is known of.
    fn likely_letter(&mut self) -> Option<char> {
        let key = self.keys().chars().next()?;
        let text = self.message.text().get(..self.start + self.n_spelled)?;
        while self.suggester.poll(text) == Progress::Working {}
        while self.letters.poll(self.suggester) == Progress::Working {}
        let mut slots = [NextLetter::EMPTY; 40];
        let mut likely = self.letters.best(&mut slots).iter().filter_map(NextLetter::letter);
        likely.find(|&letter| letter.is_ascii_lowercase() && group_of(letter) == group_of(key))
    }

    /// Changes the last letter that was held on to.
    fn change_letter(&mut self) {
        let spelled = self.message.text().get(self.start..self.start + self.n_spelled).unwrap_or_default();
        let mut spelled = Word::try_from(spelled).unwrap_or_default();
        let rest = Word::try_from(self.keys()).unwrap_or_default();
        if let Some(last) = spelled.pop() {
            let _ = spelled.push(letter_after(last));
            self.spell(&spelled, &rest);
        }
    }

    /// The word is made of letters and keys.
    fn spell(&mut self, letters: &str, keys: &str) {
        if self.message.replace_from(self.start, letters) && self.message.push(keys) {
            self.n_spelled = letters.len();
        }
        self.has_changed();
    }

    fn backspace(&mut self, taken: Option<Taken>) {
        if let Some(Taken { keys, start, n_spelled }) = taken {
            self.message.replace_from(start, &keys);
            (self.start, self.n_spelled) = (start, n_spelled);
        } else if self.chosen > 0 {
            self.chosen = 0;
            return;
        } else {
            self.message.pop();
            if self.message.len() <= self.start && self.mode != Mode::Number {
                self.open_word();
            }
            self.n_spelled = self.n_spelled.min(self.message.len() - self.start.min(self.message.len()));
        }
        if self.mode != Mode::Number {
            self.mode = Mode::Words;
        }
        self.has_changed();
    }

    fn enter(&mut self) {
        self.take();
        self.taken = None;
        self.suggester.learn(self.message.end_line());
        self.mode = Mode::Words;
        self.begin_word();
        self.has_changed();
    }
}

#[cfg(test)]
#[path = "keypad_tests.rs"]
mod tests;
