//! What a key means.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

/// What a person can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    Char(char),
    /// Text that was not typed.
    Paste(String),
    /// Take the suggestion of this number, from 0.
    Accept(usize),
    /// Take the phrase.
    AcceptPhrase,
    Backspace,
    DeleteWord,
    Enter,
    Clear,
    ToggleDictionary,
    Quit,
}

impl Key {
    /// The key of a terminal's event, if it is one.
    ///
    /// Function keys and Alt with a digit both accept: terminals differ in which of them they keep for themselves.
    pub fn of(event: Event) -> Option<Self> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => Self::of_key(key),
            Event::Paste(text) => Some(Self::Paste(text)),
            _ => None,
        }
    }

    fn of_key(key: KeyEvent) -> Option<Self> {
        let (is_ctrl, is_alt) =
            (key.modifiers.contains(KeyModifiers::CONTROL), key.modifiers.contains(KeyModifiers::ALT));
        Some(match key.code {
            // Both together are AltGr on some systems.
            KeyCode::Char(c) if is_ctrl == is_alt => Self::Char(c),
            KeyCode::Char(c) if is_ctrl => return Self::of_ctrl(c),
            KeyCode::Char(c @ '1'..='9') => Self::Accept(c as usize - '1' as usize),
            KeyCode::F(n @ 1..=9) => Self::Accept(usize::from(n) - 1),
            KeyCode::Tab => Self::Accept(0),
            KeyCode::BackTab | KeyCode::Right => Self::AcceptPhrase,
            KeyCode::Backspace if is_alt || is_ctrl => Self::DeleteWord,
            KeyCode::Backspace => Self::Backspace,
            KeyCode::Enter => Self::Enter,
            KeyCode::Esc => Self::Quit,
            _ => return None,
        })
    }

    fn of_ctrl(c: char) -> Option<Self> {
        Some(match c {
            'c' => Self::Quit,
            'w' => Self::DeleteWord,
            'l' => Self::Clear,
            'p' => Self::ToggleDictionary,
            // What some terminals send for Backspace and Enter.
            'h' => Self::Backspace,
            'j' | 'm' => Self::Enter,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode, modifiers: KeyModifiers) -> Option<Key> {
        Key::of(Event::Key(KeyEvent::new(code, modifiers)))
    }

    #[test]
    fn characters_are_typed_and_combinations_do_something() {
        let (none, ctrl, alt) = (KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT);
        assert_eq!(key(KeyCode::Char('é'), none), Some(Key::Char('é')));
        assert_eq!(key(KeyCode::Char('A'), KeyModifiers::SHIFT), Some(Key::Char('A')));
        assert_eq!(key(KeyCode::Char('2'), none), Some(Key::Char('2')));
        assert_eq!(key(KeyCode::Char('2'), alt), Some(Key::Accept(1)));
        assert_eq!(key(KeyCode::F(3), none), Some(Key::Accept(2)));
        assert_eq!(key(KeyCode::BackTab, KeyModifiers::SHIFT), Some(Key::AcceptPhrase));
        assert_eq!(key(KeyCode::Tab, none), Some(Key::Accept(0)));
        assert_eq!(key(KeyCode::Char('@'), ctrl | alt), Some(Key::Char('@')), "AltGr");
        assert_eq!(key(KeyCode::Char('w'), ctrl), Some(Key::DeleteWord));
        assert_eq!(key(KeyCode::Char('c'), ctrl), Some(Key::Quit));
        for (code, modifiers) in [(KeyCode::Char('x'), ctrl), (KeyCode::Char('x'), alt), (KeyCode::Left, none)] {
            assert_eq!(key(code, modifiers), None, "{code:?}");
        }
    }

    #[test]
    fn a_key_that_is_let_go_is_none() {
        let release = KeyEvent { kind: KeyEventKind::Release, ..KeyEvent::new(KeyCode::Char('a'), KeyModifiers::NONE) };
        assert_eq!(Key::of(Event::Key(release)), None);
    }
}
