//! A line of text with suggestions below it, redrawn after every keystroke.

use core::fmt::{self, Write};

use embedded_gpt::{StepError, Suggester, Suggestion};
use heapless::String;

/// Longest line in bytes.
const MAX_LINE: usize = 120;
const N_SUGGESTIONS: usize = 3;

const ENTER: u8 = b'\r';
const TAB: u8 = b'\t';
const BACKSPACE: [u8; 2] = [0x08, 0x7F];
/// What follows a word without a space.
const CLOSING: &[u8] = b".,!?:;)]}%'";

/// An editor of one line of ASCII for an ANSI terminal.
///
/// Tab accepts the first suggestion, the digits 1 to 3 accept the suggestion of that number, Enter starts a new line. The
/// space behind an accepted word makes way for a full stop and the like.
#[derive(Debug)]
pub struct Keyboard<'b> {
    suggester: Suggester<'b>,
    line: String<MAX_LINE>,
    slots: [Suggestion; N_SUGGESTIONS],
    n_found: usize,
    /// Whether the line ends with the space that came with a suggestion.
    has_given_space: bool,
}

impl<'b> Keyboard<'b> {
    /// An empty line.
    pub fn new(suggester: Suggester<'b>) -> Self {
        Self {
            suggester,
            line: String::new(),
            slots: [Suggestion::EMPTY; N_SUGGESTIONS],
            n_found: 0,
            has_given_space: false,
        }
    }

    /// The line so far.
    pub fn line(&self) -> &str {
        &self.line
    }

    /// The suggestions for the line.
    pub fn suggestions(&self) -> &[Suggestion] {
        self.slots.get(..self.n_found).unwrap_or_default()
    }

    /// Takes a typed byte and looks for suggestions. A byte that is neither printable ASCII nor one of the
    /// keys, or has no room in the line, changes nothing.
    ///
    /// # Errors
    /// As [`Suggester::suggest`].
    pub fn type_byte(&mut self, byte: u8) -> Result<(), StepError> {
        let had_given_space = core::mem::take(&mut self.has_given_space);
        match byte {
            ENTER => self.line.clear(),
            TAB => self.accept(0),
            b'1'..=b'3' => self.accept(usize::from(byte - b'1')),
            byte if BACKSPACE.contains(&byte) => drop(self.line.pop()),
            b' ' if had_given_space => {}
            b' '..=b'~' => {
                if had_given_space && CLOSING.contains(&byte) {
                    let _ = self.line.pop();
                }
                let _ = self.line.push(char::from(byte));
            }
            _ => {
                self.has_given_space = had_given_space;
                return Ok(());
            }
        }
        self.n_found = self.suggester.suggest(&self.line, &mut self.slots)?.len();
        Ok(())
    }

    /// Puts a suggestion and a space in the place of the letters typed of it.
    fn accept(&mut self, number: usize) {
        let Some(&word) = self.suggestions().get(number) else { return };
        let start = Suggester::word_start(&self.line);
        if start + word.as_str().len() < MAX_LINE {
            self.line.truncate(start);
            let _ = self.line.push_str(word.as_str());
            let _ = self.line.push(' ');
            self.has_given_space = true;
        }
    }

    /// Draws the line and the suggestions over what was drawn before; leaves the cursor at the end of the line.
    ///
    /// # Errors
    /// If `out` fails.
    pub fn draw(&self, out: &mut impl Write) -> fmt::Result {
        write!(out, "\r\x1b[J> {}\n  ", self.line)?;
        for (i, suggestion) in self.suggestions().iter().enumerate() {
            write!(out, "\x1b[7m {} {} \x1b[0m ", i + 1, suggestion.as_str())?;
        }
        write!(out, "\x1b[A\r\x1b[{}C", self.line.len() + 2)
    }
}

#[cfg(test)]
mod tests {
    use embedded_gpt::{Aligned, Config, Model, Session, Workspace, include_model};

    use super::*;

    static BLOB: &Aligned<[u8]> = include_model!("../../../models/demo.egpt");
    const CONFIG: Config = Config::of(&BLOB.0);
    const CONTEXT: usize = crate::context(&CONFIG);
    type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;

    fn with_keyboard(test: impl FnOnce(&mut Keyboard<'_>)) {
        let model = Model::parse(&BLOB.0).unwrap();
        let mut ram = Ram::new();
        let session = Session::new(&model, CONTEXT, ram.buffers()).unwrap();
        test(&mut Keyboard::new(Suggester::new(session)));
    }

    fn type_text(keyboard: &mut Keyboard<'_>, text: &str) {
        for byte in text.bytes() {
            keyboard.type_byte(byte).unwrap();
        }
    }

    #[test]
    fn suggestions_begin_with_the_typed_letters_and_can_be_accepted() {
        with_keyboard(|keyboard| {
            type_text(keyboard, "i am g");
            let words = keyboard.suggestions().to_vec();
            assert!(words.len() > 1 && words.iter().all(|word| word.as_str().starts_with('g')));
            type_text(keyboard, "2");
            assert_eq!(keyboard.line().strip_prefix("i am "), Some(std::format!("{} ", words[1].as_str()).as_str()));
        });
    }

    #[test]
    fn the_space_of_a_suggestion_makes_way() {
        with_keyboard(|keyboard| {
            type_text(keyboard, "see you tom\t");
            let line = std::string::String::from(keyboard.line());
            assert!(line.starts_with("see you tom") && line.ends_with(' '), "{line:?}");
            type_text(keyboard, "\x1b.");
            assert_eq!(keyboard.line(), std::format!("{}.", line.trim_end()));
            type_text(keyboard, " ,");
            assert_eq!(keyboard.line(), std::format!("{}. ,", line.trim_end()), "a space that was typed stays");
            type_text(keyboard, "\rsee you tom\t y");
            assert_eq!(keyboard.line(), std::format!("{line}y"), "one space is enough");
            type_text(keyboard, "\rsee you tom\t\x7f.");
            assert_eq!(keyboard.line(), std::format!("{}.", line.trim_end()), "it can be taken back");
        });
    }

    #[test]
    fn backspace_leaves_suggestions_for_the_letters_that_are_left() {
        with_keyboard(|keyboard| {
            type_text(keyboard, "see you tomx\x7f\x7f\x08");
            assert_eq!(keyboard.line(), "see you t");
            assert!(!keyboard.suggestions().is_empty());
            assert!(keyboard.suggestions().iter().all(|word| word.as_str().starts_with('t')));
            type_text(keyboard, "\x7f\x7f");
            assert_eq!(keyboard.line(), "see you");
            assert!(keyboard.suggestions().iter().all(|word| word.as_str().starts_with("you")));
        });
    }

    #[test]
    fn strange_and_too_many_bytes_change_nothing() {
        with_keyboard(|keyboard| {
            keyboard.type_byte(b'\t').unwrap();
            type_text(keyboard, "\x1b\x00é\x7f");
            assert_eq!(keyboard.line(), "");
            type_text(keyboard, &"ab ".repeat(MAX_LINE));
            type_text(keyboard, "1");
            assert!(keyboard.line().len() <= MAX_LINE && keyboard.line().starts_with("ab ab "));
            type_text(keyboard, "\r");
            assert_eq!(keyboard.line(), "");
        });
    }

    #[test]
    fn the_drawing_ends_where_typing_goes_on() {
        with_keyboard(|keyboard| {
            type_text(keyboard, "how are y");
            let mut screen = std::string::String::new();
            keyboard.draw(&mut screen).unwrap();
            assert!(screen.contains("> how are y\n") && screen.ends_with("\r\x1b[11C"), "{screen:?}");
        });
    }
}
