//! Drawings as text, at sizes from too small to large.

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::super::keys::Key;
use super::*;

fn keyboard(text: &str) -> Keyboard {
    let mut keyboard = Keyboard::default();
    text.chars().for_each(|c| drop(keyboard.press(if c == '\n' { Key::Enter } else { Key::Char(c) })));
    let offer = |word: &str, percent, tokens: &[&str]| Offer {
        word: word.into(),
        percent,
        tokens: tokens.iter().map(|&token| token.to_owned()).collect(),
    };
    keyboard.offer(vec![
        offer("world", 61, &[" wor", "ld"]),
        offer("work", 20, &[" work"]),
        offer("worried", 5, &[" wor", "ried"]),
    ]);
    keyboard.offer_phrase("world of mine".to_owned());
    keyboard
}

fn drawn(keyboard: &Keyboard, width: u16, height: u16) -> (Vec<String>, Position) {
    let work = Work { time: Duration::from_micros(3100), n_step: 4, is_done: true };
    let view = View { keyboard, model: "m.egpt", n_slots: 3, work, uses_dictionary: false };
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, &view)).unwrap();
    let cursor = terminal.get_cursor_position().unwrap();
    let cells = terminal.backend().buffer().content();
    let row = |cells: &[ratatui::buffer::Cell]| cells.iter().map(ratatui::buffer::Cell::symbol).collect::<String>();
    (cells.chunks(width.max(1).into()).map(|cells| row(cells).trim_end().to_owned()).collect(), cursor)
}

#[test]
fn the_whole_screen() {
    let (rows, cursor) = drawn(&keyboard("hi\nhello wor"), 80, 13);
    let expected = [
        "── egpt type · m.egpt ────────────────────────────────── user dictionary: off ──",
        "hi",
        "hello wor",
        "",
        "",
        "── suggestions ─────────────────────────────────────────────────────────────────",
        " Tab F1 Alt-1  world         61 %   ·wor|ld",
        "     F2 Alt-2  work          20 %   ·work",
        "     F3 Alt-3  worried        5 %   ·wor|ried",
        " Shift-Tab  →  world of mine",
        "────────────────────────────────────────────────────────────────────────────────",
        " 12 keys instead of 12: 0.0 % saved            last key: 3.1 ms, 4 decode steps",
        " Tab, F1–F3 or Alt-1–3 accept · ^W word · ^L clear · ^P dictionary · Esc quit",
    ];
    assert_eq!(rows, expected);
    assert_eq!(cursor, Position::new(9, 2));
}

#[test]
fn a_small_screen_has_text_suggestions_and_counters() {
    let (rows, cursor) = drawn(&keyboard("one two three hello wor"), 20, 5);
    let expected = ["one two three hello", "wor", "", "1 world  2 work  3 w", "23 keys, 0.0 % saved"];
    assert_eq!(rows, expected);
    assert_eq!(cursor, Position::new(3, 1));
}

#[test]
fn the_end_of_a_long_text_is_shown() {
    let (rows, _) = drawn(&keyboard(&"line\n".repeat(50)), 40, 13);
    assert_eq!(rows[1..5], ["line", "line", "line", ""]);
}

#[test]
fn the_cursor_is_on_the_screen_behind_a_full_row() {
    let (rows, cursor) = drawn(&keyboard("0123456789"), 10, 5);
    assert_eq!((rows[0].as_str(), cursor), ("0123456789", Position::new(0, 1)));
    let (_, cursor) = drawn(&keyboard("01234567     "), 10, 5);
    assert!(cursor.x < 10, "{cursor:?}");
}

#[test]
fn what_suggestions_brought_has_a_colour_of_its_own() {
    let mut keyboard = keyboard("wor");
    keyboard.press(Key::Accept(0));
    let view = View { keyboard: &keyboard, model: "", n_slots: 3, work: Work::default(), uses_dictionary: true };
    let mut terminal = Terminal::new(TestBackend::new(40, 13)).unwrap();
    terminal.draw(|frame| draw(frame, &view)).unwrap();
    let buffer = terminal.backend().buffer();
    let colours: Vec<_> = (0..5).map(|x| buffer[(x, 1)].fg).collect();
    assert!(colours[0] == colours[2] && colours[3] == colours[4] && colours[2] != colours[3], "{colours:?}");
}

#[test]
fn no_size_is_too_small() {
    let keyboard = keyboard("日本語 hello 👩‍🚀 a_very_long_word_that_does_not_fit cafe\u{301}\n\n wor");
    for height in 1..16 {
        for width in 1..60 {
            drawn(&keyboard, width, height);
        }
    }
}
