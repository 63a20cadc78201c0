//! Keys in, text and counters out; what is saved is compared with the simulated typist of `egpt eval`.

use egpt_core::eval::ksr::{MAX_SLOTS, Tally};
use egpt_core::eval::typed_text::TypedText;

use super::*;

const WORDS: [&str; 7] = ["world", "work", "hello", "help", "I'm", "tomorrow", "Tom"];

/// Words that begin with the letters, in whatever case.
fn words(letters: &str) -> Vec<String> {
    let fits = |word: &&&str| word.to_lowercase().starts_with(&letters.to_lowercase()) && **word != letters;
    WORDS.iter().filter(fits).map(|word| (*word).to_owned()).take(MAX_SLOTS).collect()
}

/// Offers words as a model does before each key.
fn offer(keyboard: &mut Keyboard) {
    let letters = &keyboard.text()[Suggester::word_start(keyboard.text())..];
    let offers = words(letters).into_iter().map(|word| Offer { word, ..Offer::default() }).collect();
    keyboard.offer(offers);
}

/// Types a script: `⇥` accepts the first suggestion, `⇪` the second, `⌫` and `⌦` delete a character or a word.
fn typed(script: &str) -> Keyboard {
    let mut keyboard = Keyboard::default();
    for c in script.chars() {
        offer(&mut keyboard);
        keyboard.press(match c {
            '⇥' => Key::Accept(0),
            '⇪' => Key::Accept(1),
            '⌫' => Key::Backspace,
            '⌦' => Key::DeleteWord,
            '\n' => Key::Enter,
            c => Key::Char(c),
        });
    }
    keyboard
}

#[track_caller]
fn check(script: &str, text: &str, saved: isize) {
    let keyboard = typed(script);
    assert_eq!((keyboard.text(), keyboard.draft().n_saved()), (text, saved), "{script:?}");
}

#[test]
fn typing_alone_saves_nothing() {
    check("hello wor", "hello wor", 0);
    check("helo⌫⌫llo ", "hello ", 0);
}

#[test]
fn an_accepted_word_takes_the_place_of_its_letters() {
    check("hello wor⇥", "hello world ", 2);
    check("hello w⇪", "hello work ", 3);
    check("i'⇥", "I'm ", 1);
    check("⇪", "work ", 4);
}

#[test]
fn there_is_nothing_to_accept_for_an_earlier_text() {
    let mut keyboard = typed("hello wor");
    assert!(!keyboard.has_current_offers());
    assert_eq!(keyboard.press(Key::Accept(0)), Effect::Nothing);
    offer(&mut keyboard);
    assert_eq!(keyboard.press(Key::Accept(1)), Effect::Edited);
    assert_eq!(keyboard.text(), "hello work ");
    keyboard.offer(vec![]);
    assert_eq!(keyboard.press(Key::Accept(0)), Effect::Nothing);
    assert_eq!(keyboard.draft().n_pressed(), 10, "a key without effect is none");
}

#[test]
fn a_phrase_is_taken_with_one_key() {
    let mut keyboard = typed("see you tom");
    assert_eq!(keyboard.press(Key::AcceptPhrase), Effect::Nothing);
    offer(&mut keyboard);
    keyboard.offer_phrase("tomorrow at noon".to_owned());
    assert_eq!(keyboard.press(Key::AcceptPhrase), Effect::Edited);
    keyboard.press(Key::Char('!'));
    assert_eq!((keyboard.text(), keyboard.phrase()), ("see you tomorrow at noon!", ""));
    assert_eq!(keyboard.draft().n_saved(), "orrow at noon".len() as isize - 1);
}

#[test]
fn signs_close_up_to_the_accepted_word() {
    check("hel⇥,", "hello,", 1);
    check("hel⇥, wor⇥!", "hello, world!", 2);
    check("\"hel⇥\" ", "\"hello\" ", 1);
    check("hel⇥\"", "hello \"", 2);
    check("hel⇥(", "hello (", 2);
    check("hel⇥- ", "hello - ", 2);
    check("to⇪'s ", "Tom's ", 0);
    check("tom⇥\n", "tomorrow\n", 4);
    check("hel⇥x⌫⌫,", "hello,", 0);
}

#[test]
fn faces_keep_their_space() {
    check("tom⇥:)", "tomorrow :)", 5);
    check("tom⇥;-)", "tomorrow ;-)", 5);
    check("tom⇥: x", "tomorrow: x", 4);
    check("x:)", "x:)", 0);
}

#[test]
fn a_space_typed_after_an_accepted_word_is_that_space() {
    check("hel⇥ wor", "hello wor", 1);
    check("hel⇥  ", "hello  ", 1);
}

#[test]
fn what_is_deleted_was_not_saved() {
    check("tom⇥⌫", "tom", -2);
    check("see ⇥⌫", "see ", -2);
    check("tom⇥x⌫⌫⌫⌫⌫⌫⌫", "tom", -7);
    check("tom⇥⌦", "", -1);
    check("⇥⌦", "", -2);
}

#[test]
fn keystrokes_are_counted_as_in_the_evaluation() {
    let text = TypedText::new("Hello world, tomorrow help!\n:) help (I'm) tomorrow\nwork work x", None);
    let mut tally = Tally::default();
    let mut keyboard = Keyboard::default();
    for word in text.words(0..text.n_words()) {
        tally.type_word(word, MAX_SLOTS, &mut |_: &str, letters: &str, _| Ok(words(letters))).unwrap();
    }
    // The same typist: takes a word as soon as it is there.
    for line in ["Hello world, tomorrow help!", ":) help (I'm) tomorrow", "work work x"] {
        for (i, token) in line.split(' ').enumerate() {
            let before = keyboard.text().chars().next_back();
            if i > 0 && before != Some(' ') {
                keyboard.press(Key::Char(' '));
            }
            type_token(&mut keyboard, token);
        }
        keyboard.press(Key::Enter);
    }
    assert_eq!(keyboard.draft().n_saved(), tally.saved()[1] as isize, "three suggestions are shown");
    assert_eq!(keyboard.draft().n_without(), text.n_keys());
    assert_eq!(keyboard.text().to_lowercase(), "hello world, tomorrow help!\n:) help (i'm) tomorrow\nwork work x\n");
}

/// Types signs and words; accepts a word when it is offered.
fn type_token(keyboard: &mut Keyboard, token: &str) {
    let (lead, core, trail) = egpt_core::eval::typed_text::split_token(token);
    lead.chars().for_each(|c| drop(keyboard.press(Key::Char(c))));
    for c in core.chars() {
        offer(keyboard);
        let place = keyboard.offers().iter().position(|offer| offer.word.eq_ignore_ascii_case(core));
        if let Some(place) = place {
            keyboard.press(Key::Accept(place));
            break;
        }
        keyboard.press(Key::Char(c));
    }
    trail.chars().for_each(|c| drop(keyboard.press(Key::Char(c))));
}

#[test]
fn finished_lines_are_told_once() {
    let mut keyboard = typed("hello wor");
    assert_eq!(keyboard.press(Key::Enter), Effect::Finished("hello wor\n".to_owned()));
    "see you".chars().for_each(|c| drop(keyboard.press(Key::Char(c))));
    assert_eq!(keyboard.unfinished(), "see ", "the word may go on");
    assert_eq!(keyboard.press(Key::Clear), Effect::Finished("see you".to_owned()));
    assert_eq!((keyboard.text(), keyboard.unfinished()), ("", ""));
    assert_eq!(keyboard.press(Key::Enter), Effect::Finished("\n".to_owned()));
    keyboard.press(Key::Backspace);
    keyboard.press(Key::Char('a'));
    assert_eq!(keyboard.press(Key::Enter), Effect::Finished("a\n".to_owned()));
}

#[test]
fn pasted_text_counts_as_no_keystrokes() {
    let mut keyboard = Keyboard::default();
    keyboard.press(Key::Paste("a\tb\r\nc\u{7}\u{1b}".to_owned()));
    assert_eq!(keyboard.text(), "a b\nc");
    assert_eq!((keyboard.draft().n_pressed(), keyboard.draft().n_without()), (0, 0));
    assert!(keyboard.draft().percent_saved().abs() < 1e-9);
}

#[test]
fn any_keys_in_any_order_leave_a_sound_text() {
    let keys = ["a", " ", ":", ")", "⇥", "⇪", "⌫", "⌦", "\n", "é", "👩‍🚀", "-", "'"];
    let mut state = 1u32;
    for _ in 0..200 {
        let script: String = (0..40)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                keys[(state >> 16) as usize % keys.len()]
            })
            .collect();
        let keyboard = typed(&script);
        assert!(keyboard.draft().n_pressed() <= script.chars().count(), "{script:?}");
        assert!(keyboard.unfinished().len() <= keyboard.text().len());
    }
}

#[test]
fn backspace_takes_two_words_back_that_stand_for_one() {
    let mut keyboard = typed("i have alot");
    keyboard.set_correction(Some("a lot".into()));
    keyboard.press(Key::Char(' '));
    assert_eq!(keyboard.text(), "i have a lot ");
    assert_eq!(keyboard.press(Key::Backspace), Effect::TakenBack("alot".into()));
    assert_eq!(keyboard.text(), "i have alot");
}

#[test]
fn the_space_bar_corrects_and_backspace_takes_that_back() {
    let mut keyboard = typed("say hwllo");
    keyboard.set_correction(Some("hello".into()));
    assert_eq!(keyboard.press(Key::Char(' ')), Effect::Edited);
    assert_eq!(keyboard.text(), "say hello ");
    assert_eq!(keyboard.press(Key::Backspace), Effect::TakenBack("hwllo".into()));
    assert_eq!(keyboard.text(), "say hwllo");
    assert_eq!(keyboard.press(Key::Backspace), Effect::Edited);
    assert_eq!(keyboard.text(), "say hwll");
    // Once another key was pressed, backspace deletes.
    keyboard.set_correction(Some("hell".into()));
    keyboard.press(Key::Char(' '));
    keyboard.press(Key::Char('a'));
    assert_eq!(keyboard.press(Key::Backspace), Effect::Edited);
    assert_eq!(keyboard.text(), "say hell ");
    // What was for another text is not put in.
    keyboard.set_correction(Some("help".into()));
    keyboard.press(Key::Char('x'));
    keyboard.press(Key::Char(' '));
    assert_eq!(keyboard.text(), "say hell x ");
}
