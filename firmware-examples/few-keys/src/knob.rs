//! A knob that is turned and pressed, or two buttons.

use core::fmt::{self, Write};

use embedded_gpt::{Keyboard, NextLetters, Progress, Suggester};

use crate::message::Message;
use crate::ring::{DIGITS, Item, MARKS, Ring};
use crate::screen;

/// Decode steps for the letters that may come next.
const LETTER_STEPS: u16 = 6;
/// Items that are drawn: more than the display has room for.
const MAX_DRAWN: usize = 24;

/// A writer with a ring of words and letters, the likeliest first, and keys to go round and to select.
///
/// | key | what it does |
/// |---|---|
/// | `n`, space | the next item of the ring: a click of the knob |
/// | `b` | one item back: a click the other way |
/// | `s`, Enter | selects the item: a press of the knob |
///
/// On the ring are words, letters, a space `_`, a full stop, `<-` that deletes, `,?` with other signs, `12` with
/// digits, `Aa` for a capital letter, and `ret` that ends the line, which is learned from. A person with one button
/// needs a clock that turns the ring.
#[derive(Debug)]
pub struct KnobWriter<'s, 'b, K: Keyboard> {
    suggester: &'s mut Suggester<'b, K>,
    letters: NextLetters,
    message: Message,
    /// Nothing until all is known that may come next.
    ring: Option<Ring>,
    /// Where the ring is.
    at: usize,
    is_capital: bool,
    /// Whether a number is being written: signs of it stay on the ring.
    is_number: bool,
}

impl<'s, 'b, K: Keyboard> KnobWriter<'s, 'b, K> {
    /// An empty message.
    pub fn new(suggester: &'s mut Suggester<'b, K>) -> Self {
        let letters = NextLetters::new(LETTER_STEPS);
        let message = Message::default();
        Self { suggester, letters, message, ring: None, at: 0, is_capital: false, is_number: false }
    }

    /// The line.
    pub fn line(&self) -> &str {
        self.message.line()
    }

    /// What a press selects; nothing while the search goes on.
    pub fn selected(&self) -> &str {
        self.ring.as_ref().map_or("", |ring| name(ring, self.at))
    }

    /// Does a slice of the search for words and letters. Keys that come before its end finish it.
    pub fn poll(&mut self) -> Progress {
        if self.ring.is_some() {
            return Progress::Done;
        }
        let text = self.message.text();
        if self.suggester.poll(text) == Progress::Working || self.letters.poll(self.suggester) == Progress::Working {
            return Progress::Working;
        }
        self.ring = Some(Ring::after(text, self.suggester, &self.letters));
        self.at = 0;
        Progress::Done
    }

    /// Takes a byte from the serial port. Others than the keys' change nothing.
    pub fn press(&mut self, byte: u8) {
        while self.poll() == Progress::Working {}
        let n = self.ring.as_ref().map_or(1, Ring::len);
        match byte {
            b'n' | b' ' => self.at = (self.at + 1) % n,
            b'b' => self.at = (self.at + n - 1) % n,
            b's' | b'\r' => self.select(),
            _ => {}
        }
    }

    /// Draws the line and the ring, from the selected item on, over what was drawn before.
    ///
    /// # Errors
    /// If `out` fails.
    pub fn draw(&self, out: &mut impl Write) -> fmt::Result {
        let n = self.ring.as_ref().map_or(0, Ring::len);
        let items = self.ring.iter().flat_map(|ring| (0..n.min(MAX_DRAWN)).map(|i| name(ring, (self.at + i) % n)));
        screen::draw(out, [self.line(), ""], items, 0)
    }

    fn select(&mut self) {
        let Some(ring) = self.ring.take() else { return };
        match ring.get(self.at) {
            Item::Word(number) => {
                let start = Suggester::word_start(self.message.text());
                if self.message.replace_from(start, ring.word(number)) {
                    self.message.give_space();
                }
            }
            Item::Char(char) => {
                let signs = if self.is_number { DIGITS } else { MARKS };
                self.add(char);
                if self.is_number {
                    return self.show(Ring::of(signs));
                }
            }
            Item::Space => {
                self.end_word(&ring);
                self.message.push_space();
            }
            Item::Stop => {
                self.end_word(&ring);
                self.add('.');
            }
            Item::Delete => self.message.pop(),
            Item::Capital => {
                self.is_capital = true;
                return self.show(ring);
            }
            Item::Marks => return self.show(Ring::of(MARKS)),
            Item::Digits => {
                self.is_number = true;
                return self.show(Ring::of(DIGITS));
            }
            Item::Back => {}
            Item::Line => {
                self.end_word(&ring);
                self.suggester.learn(self.message.end_line());
            }
        }
        self.is_number = false;
    }

    fn show(&mut self, ring: Ring) {
        (self.ring, self.at) = (Some(ring), 0);
    }

    /// A letter or a sign. Signs that close something take the place of a given space, and give one.
    fn add(&mut self, char: char) {
        let closes = !self.is_number && ".,?!:;)".contains(char);
        if closes {
            self.message.take_given_space();
        }
        let char = if core::mem::take(&mut self.is_capital) { char.to_ascii_uppercase() } else { char };
        if self.message.push(char.encode_utf8(&mut [0; 4])) && closes {
            self.message.give_space();
        }
    }

    /// The word is spelled as a suggested one of the same letters, with capitals where it has some.
    fn end_word(&mut self, ring: &Ring) {
        let start = Suggester::word_start(self.message.text());
        let letters = self.message.text().get(start..).unwrap_or_default();
        if !letters.contains(|char: char| char.is_ascii_uppercase())
            && let Some(word) = ring.spelling_of(letters)
        {
            self.message.replace_from(start, word);
        }
    }
}

/// An item as it is drawn.
fn name(ring: &Ring, at: usize) -> &str {
    const ASCII: &str = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz";
    match ring.get(at) {
        Item::Word(number) => ring.word(number),
        Item::Char(char) => ASCII.find(char).and_then(|at| ASCII.get(at..=at)).unwrap_or("?"),
        Item::Space => "_",
        Item::Stop => ".",
        Item::Delete => "<-",
        Item::Marks => ",?",
        Item::Digits => "12",
        Item::Capital => "Aa",
        Item::Back => "abc",
        Item::Line => "ret",
    }
}

#[cfg(test)]
mod tests {
    use embedded_gpt::{Aligned, Config, Model, Session, SuggestOptions, Workspace, include_model};

    use super::*;

    static BLOB: &Aligned<[u8]> = include_model!("../../../models/demo.egpt");
    const CONFIG: Config = Config::of(&BLOB.0);
    const CONTEXT: usize = 64;
    type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;

    fn pick<K: Keyboard>(knob: &mut KnobWriter<'_, '_, K>, items: &[&str]) -> usize {
        let mut n_turns = 0;
        for item in items {
            while knob.poll() == Progress::Working {}
            let start = n_turns;
            while knob.selected() != *item {
                assert!(n_turns - start < 60, "no {item:?} behind {:?}", knob.line());
                knob.press(b'n');
                n_turns += 1;
            }
            knob.press(b's');
        }
        n_turns
    }

    #[test]
    fn all_can_be_reached_and_a_likely_word_is_near() {
        let model = Model::parse(&BLOB.0).unwrap();
        let mut ram = Ram::new();
        let session = Session::new(&model, CONTEXT, ram.buffers()).unwrap();
        let mut suggester = Suggester::new(session, SuggestOptions::DEFAULT);
        let mut knob = KnobWriter::new(&mut suggester);
        pick(&mut knob, &["t", "h", "a", "n", "k", "_", "y", "o", "u"]);
        pick(&mut knob, &["_", "<-", ".", "Aa", "z", "x", ",?", "?", "12", "1", "0", "abc"]);
        assert!(knob.line().to_lowercase().ends_with(". zx? 10"), "{:?}", knob.line());
        pick(&mut knob, &["ret"]);
        pick(&mut knob, &["t", "h", "a", "n", "k", "_"]);
        assert!(pick(&mut knob, &["you"]) <= 3 && knob.line().ends_with("you "));
    }
}
