//! Costs computed by hand, and the typist without slips beside the one of `ksr`.

use super::*;
use crate::blob_file::BlobFile;
use crate::eval::suggestions;

/// Shows words for what was typed of one, corrects some, and remembers what it was asked.
#[derive(Default)]
struct Fake {
    shows: Vec<(&'static str, &'static str)>,
    corrects: Vec<(&'static str, &'static str)>,
    kept: Vec<String>,
    texts: Vec<String>,
}

impl Device for Fake {
    fn shown(&mut self, text: &str) -> Vec<String> {
        self.texts.push(text.to_owned());
        let shown = self.shows.iter().filter(|(letters, _)| text[Suggester::word_start(text)..] == **letters);
        shown.map(|&(_, word)| word.to_owned()).collect()
    }

    fn correction(&mut self, text: &str) -> Option<String> {
        let found = self.corrects.iter().find(|(typed, _)| text[Suggester::word_start(text)..] == **typed);
        found.map(|&(_, word)| word.to_owned())
    }

    fn keep(&mut self, word: &str) {
        self.kept.push(word.to_owned());
    }
}

/// On a keyboard without keys, so that letters that go wrong are left out, swapped or doubled.
fn settings(rate: f64, corrects: bool) -> Settings {
    let slips = Slips { rows: &[], rate };
    Settings { context: None, options: SuggestOptions::DEFAULT, keys: Keys::LETTERS, slips, looks: true, corrects }
}

/// What typing a text comes to, and what stands there then.
fn typed(device: Fake, text: &str, rate: f64, corrects: bool) -> (Outcome, String, Fake) {
    let mut typist = Typist::new(device, settings(rate, corrects));
    let text = TypedText::new(text, None);
    let outcome = typist.type_words(&text, 0..text.n_words(), &Progress::new("typing", 0));
    (outcome, typist.written, typist.device)
}

#[test]
fn a_word_that_is_shown_takes_a_keystroke_and_brings_its_space() {
    let device = Fake { shows: vec![("h", "Hello"), ("", "you")], ..Fake::default() };
    let (outcome, written, _) = typed(device, "hello you", 0.0, true);
    assert_eq!(outcome, Outcome { words: 2, keys: 2 + 1, characters: 6 + 3, ..Outcome::default() });
    assert_eq!(written, "hello you");
    // The end of the line is the tenth keystroke.
    assert_eq!((outcome.keystrokes(10), outcome.ksr(10)), (4, 60.0));
}

#[test]
fn who_does_not_look_takes_no_words() {
    let device = Fake { shows: vec![("", "hello")], corrects: vec![("hello", "help")], ..Fake::default() };
    let mut typist = Typist::new(device, Settings { looks: false, ..settings(0.0, true) });
    let text = TypedText::new("hello you", None);
    let outcome = typist.type_words(&text, 0..2, &Progress::new("typing", 0));
    assert_eq!((outcome.keys, outcome.falsely_corrected, outcome.left_wrong), (6 + 2 + 3, 1, 0));
    assert_eq!(outcome.ksr(10), -20.0);
}

#[test]
fn a_false_correction_takes_two_keystrokes_and_is_not_made_again() {
    let device = Fake { corrects: vec![("teh", "the"), ("ok", "of")], ..Fake::default() };
    let (outcome, written, device) = typed(device, "teh, so ok now", 0.0, true);
    // Behind "teh" there is no space.
    let expected = Outcome { words: 4, keys: 3 + 3 + (3 + 2) + 3, characters: 12, falsely_corrected: 1, ..outcome };
    assert_eq!((outcome, outcome.left_wrong), (expected, 0));
    assert_eq!((&device.kept[..], &written[..]), (&["ok".to_owned()][..], "teh, so ok now"));
    let (outcome, _, device) = typed(device, "ok now", 0.0, false);
    assert_eq!((outcome.falsely_corrected, outcome.keys, device.kept.len()), (0, 6, 1));
}

/// What the first word of a text comes to if each of its letters goes wrong.
fn wrong(word: &str) -> String {
    Slips { rows: &[], rate: 1.0 }.presses(word, 0).into_iter().map(|press| press.keys).collect()
}

#[test]
fn a_slip_is_corrected_or_stays_for_the_words_behind_it() {
    let slip = wrong("hello");
    let n_key = slip.chars().count() + 1;
    let corrects = || Fake { corrects: vec![(slip.clone().leak(), "hello")], ..Fake::default() };
    let (outcome, written, _) = typed(corrects(), "hello 7", 1.0, true);
    assert_eq!((outcome.with_slip, outcome.corrected, outcome.falsely_corrected), (2, 1, 0));
    assert!(written.starts_with("hello "), "{written}");
    let (outcome, written, device) = typed(corrects(), "hello hello", 1.0, false);
    assert_eq!((outcome.left_wrong, outcome.corrected), (2, 0));
    assert!(written.starts_with(&format!("{slip} ")) && outcome.keys > n_key, "{written} {outcome:?}");
    assert!(device.texts.contains(&format!("{slip} ")), "{:?}", device.texts);
}

#[test]
fn a_word_that_is_shown_behind_a_slip_is_taken() {
    let first = Slips { rows: &[], rate: 1.0 }.presses("hello", 0).swap_remove(0).keys;
    let device = Fake { shows: vec![(first.clone().leak(), "hello")], ..Fake::default() };
    let (outcome, written, _) = typed(device, "hello", 1.0, true);
    let keys = first.chars().count() + 1;
    assert_eq!(outcome, Outcome { words: 1, keys, characters: 5, with_slip: keys.min(2) - 1, ..Outcome::default() });
    assert_eq!(written, "hello");
}

#[test]
fn without_slips_it_is_the_typist_of_the_evaluation() {
    let file = BlobFile::new(include_bytes!("../../../../models/demo.egpt"));
    let model = file.model().unwrap();
    let text = TypedText::new("Hi, how are you doing today?\nI'm fine, thanks!\n\nSee you (all) tomorrow.\n", None);
    for keys in [Keys::LETTERS, Keys::QWERTY] {
        let noisy = type_text(&model, &text, Settings { keys, ..settings(0.0, false) }).unwrap();
        let exact = suggestions::Settings {
            context: None,
            budget: SuggestOptions::DEFAULT.budget,
            is_new_only: false,
            user_dictionary: 0,
            keys,
        };
        let exact = suggestions::type_text(&model, &text, exact).unwrap().total();
        assert_eq!(noisy.characters - noisy.keys, exact.saved()[1]);
        assert_eq!((noisy.words, noisy.left_wrong, noisy.with_slip), (exact.words(), 0, 0));
    }
}

#[test]
fn the_device_corrects_what_was_not_kept() {
    let file = BlobFile::new(include_bytes!("../../../../models/demo.egpt"));
    let model = file.model().unwrap();
    let mut memory = SessionMemory::new(model.config(), None);
    let session = memory.session(&model).unwrap();
    let mut device = Suggester::with_keyboard(session, SuggestOptions::DEFAULT, Keys::QWERTY);
    assert_eq!(Device::correction(&mut device, "thank yiu"), Some("you".into()));
    assert!(device.shown("thank yo").contains(&"you".into()));
    Device::keep(&mut device, "yiu");
    assert_eq!(Device::correction(&mut device, "thank yiu"), None);
}
