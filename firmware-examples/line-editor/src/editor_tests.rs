//! Keys in, the line and its suggestions out.

use embedded_gpt::{Aligned, Config, Keys, Model, Session, SuggestOptions, Workspace, include_model};

use super::{LineEditor, MAX_LINE, Progress, Suggester, WIDTH};

static BLOB: &Aligned<[u8]> = include_model!("../../../models/demo.egpt");
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = 64;
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;

fn with_editor(test: impl FnOnce(&mut LineEditor<'_, '_, Keys<'static>>)) {
    let model = Model::parse(&BLOB.0).unwrap();
    let mut ram = Ram::new();
    let session = Session::new(&model, CONTEXT, ram.buffers()).unwrap();
    let mut suggester = Suggester::with_keyboard(session, SuggestOptions::DEFAULT, Keys::QWERTY);
    test(&mut LineEditor::new(&mut suggester));
}

/// Types slowly.
fn type_text(editor: &mut LineEditor<'_, '_, Keys<'static>>, text: &str) {
    for byte in text.bytes() {
        editor.type_byte(byte);
        while editor.poll() == Progress::Working {}
    }
}

#[test]
fn suggestions_begin_with_the_typed_letters_and_can_be_accepted() {
    with_editor(|editor| {
        type_text(editor, "i am g");
        let words = editor.suggestions().to_vec();
        assert!(words.len() > 1 && words.iter().all(|word| word.as_str().starts_with('g')));
        type_text(editor, "\x1bOQ");
        assert_eq!(editor.line().strip_prefix("i am "), Some(format!("{} ", words[1].as_str()).as_str()));
    });
}

#[test]
fn the_space_of_a_suggestion_makes_way() {
    with_editor(|editor| {
        type_text(editor, "see you tom\t");
        let line = String::from(editor.line());
        assert!(line.starts_with("see you tom") && line.ends_with(' '), "{line:?}");
        type_text(editor, "\0.");
        assert_eq!(editor.line(), format!("{}.", line.trim_end()));
        type_text(editor, " ,");
        assert_eq!(editor.line(), format!("{}. ,", line.trim_end()), "a space that was typed stays");
        type_text(editor, "\rsee you tom\t y");
        assert_eq!(editor.line(), format!("{line}y"), "one space is enough");
    });
}

#[test]
fn backspace_behind_a_suggestion_brings_back_what_was_typed() {
    with_editor(|editor| {
        type_text(editor, "see you tom\t\x7f");
        assert_eq!(editor.line(), "see you tom");
        type_text(editor, "\x7f");
        assert_eq!(editor.line(), "see you to", "the next one is an ordinary one");
        type_text(editor, "m\tx\x7f\x7f");
        assert!(editor.line().starts_with("see you tom") && !editor.line().ends_with(' '), "another key between");
        assert!(editor.line().len() > "see you tom".len());
        type_text(editor, "\rsee you \t\x7f");
        assert_eq!(editor.line(), "see you ");
        type_text(editor, "\ri live inthe \x7f");
        assert_eq!(editor.line(), "i live inthe", "both words of a correction");
    });
}

#[test]
fn backspace_leaves_suggestions_for_the_letters_that_are_left() {
    with_editor(|editor| {
        type_text(editor, "see you tomx\x7f\x7f\x08");
        assert_eq!(editor.line(), "see you t");
        assert!(!editor.suggestions().is_empty());
        assert!(editor.suggestions().iter().all(|word| word.as_str().starts_with('t')));
        type_text(editor, "\x7f\x7f");
        assert_eq!(editor.line(), "see you");
        assert!(editor.suggestions().iter().all(|word| word.as_str().starts_with("you")));
    });
}

#[test]
fn a_slip_is_corrected_by_the_space_bar_once() {
    with_editor(|editor| {
        type_text(editor, "thank yiu ");
        assert_eq!(editor.line(), "thank you ");
        type_text(editor, "\x7f");
        assert_eq!(editor.line(), "thank yiu");
        type_text(editor, " \x7f");
        assert_eq!(editor.line(), "thank yiu", "what was taken back stays");
    });
}

#[test]
fn strange_and_too_many_bytes_change_nothing() {
    with_editor(|editor| {
        editor.type_byte(b'\t');
        type_text(editor, "\x1b[A\x00é\x7f");
        assert_eq!(editor.line(), "");
        type_text(editor, &"ab ".repeat(MAX_LINE));
        type_text(editor, "\t");
        assert!(editor.line().len() <= MAX_LINE && editor.line().starts_with("ab ab "));
        type_text(editor, "\r");
        assert_eq!(editor.line(), "");
    });
}

#[test]
fn the_drawing_ends_where_typing_goes_on() {
    with_editor(|editor| {
        type_text(editor, "how are y");
        let mut screen = String::new();
        editor.draw(&mut screen).unwrap();
        assert!(screen.contains("> how are y\r\n") && screen.ends_with("\r\x1b[11C"), "{screen:?}");
    });
}

#[test]
fn digits_are_text() {
    with_editor(|editor| {
        type_text(editor, "at 12 or 3");
        assert_eq!(editor.line(), "at 12 or 3");
    });
}

#[test]
fn the_lines_before_are_remembered_as_far_as_there_is_room() {
    with_editor(|editor| {
        while editor.poll() == Progress::Working {}
        let first_words = editor.suggestions().to_vec();
        type_text(editor, "what is your name?\r");
        assert_eq!(editor.line(), "");
        assert_ne!(editor.suggestions(), &first_words[..], "an answer");
        type_text(editor, "\x7f");
        assert_eq!(editor.text, "what is your name?\n", "a line that was sent stays");
        for i in 0..40 {
            type_text(editor, &format!("line {i}\r"));
            assert!(editor.text.ends_with(&format!("line {i}\n")));
        }
    });
}

#[test]
fn long_lines_are_drawn_on_one_row() {
    with_editor(|editor| {
        type_text(editor, &"0123456789".repeat(12));
        let mut screen = String::new();
        editor.draw(&mut screen).unwrap();
        let (row, _) = screen.split_once("\r\n").unwrap();
        assert!(row.len() - "\r\x1b[J".len() < WIDTH && row.ends_with("789"), "{row:?}");
    });
}

#[test]
fn words_of_an_older_text_are_not_accepted() {
    with_editor(|editor| {
        type_text(editor, "see you tom");
        assert!(!editor.suggestions().is_empty() && !editor.waits_for_words(b'\t'));
        editor.type_byte(b'x');
        assert!(editor.waits_for_words(b'\t') && !editor.waits_for_words(b'y') && !editor.waits_for_words(0x1B));
        editor.type_byte(b'\t');
        assert_eq!(editor.line(), "see you tomx");
    });
}

#[test]
fn a_space_corrects_nothing_before_the_search_is_done() {
    with_editor(|editor| {
        type_text(editor, "thank yi");
        editor.type_byte(b'u');
        editor.type_byte(b' ');
        assert_eq!(editor.line(), "thank yiu ");
    });
}
