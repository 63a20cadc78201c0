//! Keys of an ANSI terminal, out of the bytes that it sends.

const ESCAPE: u8 = 0x1B;

/// A key that the editor knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Printable ASCII.
    Char(char),
    /// Tab, F1 to F3 and Alt-1 to Alt-3: the suggestion of a number, from 0.
    Accept(usize),
    /// The start of a new line.
    Enter,
    /// The last character goes.
    Backspace,
}

/// Reads keys byte by byte. Of several bytes for one key, as arrows send them, none is taken for text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keys {
    state: State,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Ground,
    Escape,
    /// After `ESC O`: F1 is `P`.
    Function,
    /// After `ESC [` and a number: F1 is `11~`.
    Sequence(u8),
    /// After `ESC [ [`: F1 is `A` on Linux's console.
    Console,
}

impl Keys {
    /// The key that a byte completes.
    pub fn take(&mut self, byte: u8) -> Option<Key> {
        let (state, key) = match (self.state, byte) {
            (State::Ground | State::Escape, ESCAPE) => (State::Escape, None),
            (State::Ground, _) => (State::Ground, plain(byte)),
            (State::Escape, b'O') => (State::Function, None),
            (State::Escape, b'[') => (State::Sequence(0), None),
            (State::Escape, _) => (State::Ground, accept(byte, b'1')),
            (State::Function, _) => (State::Ground, accept(byte, b'P')),
            (State::Console, _) => (State::Ground, accept(byte, b'A')),
            (State::Sequence(0), b'[') => (State::Console, None),
            (State::Sequence(number), b'0'..=b'9') => {
                (State::Sequence(number.saturating_mul(10).saturating_add(byte - b'0')), None)
            }
            (State::Sequence(number), b'~') => (State::Ground, accept(number, 11)),
            (State::Sequence(_), b'@'..=b'}') => (State::Ground, None),
            (State::Sequence(_), _) => (State::Sequence(u8::MAX), None),
        };
        self.state = state;
        key
    }
}

fn plain(byte: u8) -> Option<Key> {
    match byte {
        b'\r' => Some(Key::Enter),
        b'\t' => Some(Key::Accept(0)),
        0x08 | 0x7F => Some(Key::Backspace),
        b' '..=b'~' => Some(Key::Char(char::from(byte))),
        _ => None,
    }
}

/// The suggestion that a code stands for, where the first has `first`.
fn accept(code: u8, first: u8) -> Option<Key> {
    code.checked_sub(first).filter(|&number| number < 3).map(|number| Key::Accept(number.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut keys = Keys::default();
        bytes.iter().filter_map(|&byte| keys.take(byte)).collect()
    }

    #[test]
    fn text_is_text_digits_too() {
        assert_eq!(keys(b"a 2~"), [Key::Char('a'), Key::Char(' '), Key::Char('2'), Key::Char('~')]);
        assert_eq!(keys(b"\r\x7f\x08"), [Key::Enter, Key::Backspace, Key::Backspace]);
        assert_eq!(keys("é\0".as_bytes()), []);
    }

    #[test]
    fn function_keys_of_all_terminals_accept() {
        for (first, third) in [("\t", "\x1b3"), ("\x1b1", "\x1bOR"), ("\x1bOP", "\x1b[13~"), ("\x1b[11~", "\x1b[[C")] {
            assert_eq!(keys(first.as_bytes()), [Key::Accept(0)], "{first:?}");
            assert_eq!(keys(third.as_bytes()), [Key::Accept(2)], "{third:?}");
        }
    }

    #[test]
    fn other_keys_are_no_text() {
        for other in [
            "\x1b[A",
            "\x1b[D",
            "\x1b[3~",
            "\x1b[1;5C",
            "\x1bOH",
            "\x1bx",
            "\x1b[24~",
            "\x1b[[E",
            "\x1b\x1b[B",
            "\x1b[999999~",
        ] {
            assert_eq!(keys((String::from(other) + "a").as_bytes()), [Key::Char('a')], "{other:?}");
        }
    }
}
