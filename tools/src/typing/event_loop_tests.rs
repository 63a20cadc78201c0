//! Whole sessions with a model, without a terminal.

use egpt_core::blob_file::BlobFile;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::*;

const BLOB: &[u8] = include_bytes!("../../../models/demo.egpt");

/// `⇥` is Tab, `⌫` Backspace, `\u{10}` Ctrl-P, `…` waits until the search is done.
fn event(c: char) -> Event {
    Event::Key(match c {
        '⇥' => KeyEvent::new(KeyCode::Tab, KeyModifiers::NONE),
        '⌫' => KeyEvent::new(KeyCode::Backspace, KeyModifiers::NONE),
        '→' => KeyEvent::new(KeyCode::Right, KeyModifiers::NONE),
        '\n' => KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE),
        '\u{10}' => KeyEvent::new(KeyCode::Char('p'), KeyModifiers::CONTROL),
        c => KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE),
    })
}

fn typed_at(script: &str, uses_dictionary: bool) -> (Desk<'static>, String) {
    let file = BlobFile::new(BLOB);
    let model = file.model().unwrap();
    let settings = Settings {
        name: "demo",
        n_slots: 3,
        budget: 6,
        context: None,
        is_new_only: false,
        keys: Keys::QWERTY,
        corrects: true,
    };
    let memory = DictionaryFile::open(None, 1024).unwrap();
    let mut desk = Desk { keyboard: Keyboard::default(), memory, uses_dictionary, settings };
    let mut terminal = Terminal::new(TestBackend::new(76, 14)).unwrap();
    let mut script: Vec<char> = script.chars().rev().collect();
    let mut next = |wait: Duration| match script.last() {
        Some('…') if wait.is_zero() => Ok(None),
        Some('…') => {
            script.pop();
            Ok(None)
        }
        Some(_) => Ok(script.pop().map(event)),
        None if wait.is_zero() => Ok(None),
        None => Ok(Some(Event::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE)))),
    };
    desk.run(&model, &mut terminal, &mut next).unwrap();
    let screen = terminal.backend().to_string();
    (desk, screen)
}

#[test]
fn the_screen_shows_text_suggestions_and_savings() {
    let (desk, screen) = typed_at("see you tom…", false);
    assert_eq!(desk.keyboard.text(), "see you tom");
    for expected in
        ["see you tom", "tomorrow", "Tab F1 Alt-1", "11 keys instead of 11", "decode step", "user dictionary: off"]
    {
        assert!(screen.contains(expected), "{expected} is not in {screen}");
    }
}

#[test]
fn keys_that_come_faster_than_words_accept_words_for_the_whole_text() {
    for script in ["see you tom⇥", "see you tom…⇥", "see you tomx⌫⇥"] {
        let (desk, _) = typed_at(script, false);
        assert_eq!(desk.keyboard.text(), "see you tomorrow ", "{script}");
        assert!(desk.keyboard.draft().n_pressed() <= 14);
    }
}

#[test]
fn a_phrase_is_shown_and_taken() {
    let (_, screen) = typed_at("how a…", false);
    assert!(screen.contains("Shift-Tab  →  are you"), "{screen}");
    let (desk, _) = typed_at("how a→", false);
    assert!(desk.keyboard.text().starts_with("how are you"), "{}", desk.keyboard.text());
}

#[test]
fn words_are_learned_line_by_line_and_can_be_switched_off() {
    let (mut desk, screen) = typed_at("meet Zdenka\nmeet Zdenka\nsee Zd…", true);
    assert!(screen.contains("Alt-1  Zdenka"), "{screen}");
    let words: Vec<_> = desk.memory.dictionary().unwrap().words().map(str::to_owned).collect();
    assert_eq!(words, ["Zdenka"], "words of the list are not learned, nor is half a word");

    // Words of the text are offered again anyway, but not of what was long before.
    let learned = format!("meet Zdenka\nmeet Zdenka\n{}", "how are you doing today?\n".repeat(20));
    let (desk, screen) = typed_at(&format!("{learned}\u{10}see Zd…"), true);
    assert!(!screen.contains("Alt-1  Zdenka") && !desk.uses_dictionary, "{screen}");
    let (_, screen) = typed_at(&format!("{learned}\u{10}see \u{10}Zd…"), true);
    assert!(screen.contains("Alt-1  Zdenka"), "what was learned is kept: {screen}");
}

#[test]
fn long_texts_are_read() {
    let text = "how are you doing today my friend? i am fine and you\n".repeat(30);
    let (desk, screen) = typed_at(&format!("{text}see you tom⇥"), false);
    assert!(desk.keyboard.text().ends_with("see you tomorrow "), "{screen}");
}

#[test]
fn a_slip_is_corrected_by_the_space_bar_once() {
    let (desk, _) = typed_at("thank yiu ", false);
    assert_eq!(desk.keyboard.text(), "thank you ");
    let (desk, _) = typed_at("thank yiu ⌫ now", false);
    assert_eq!(desk.keyboard.text(), "thank yiu now");
    let (desk, screen) = typed_at("thank yiu…", false);
    assert!(screen.contains("Space"), "{screen}");
    assert_eq!(desk.keyboard.correction(), Some("you"));
}
