//! The caret within a text: what stands behind it is respected.

use embedded_gpt::{
    Aligned, Config, Keys, Model, Session, SuggestOptions, Suggester, Suggestion, Workspace, include_model,
};

static BLOB: &Aligned<[u8]> = include_model!("../models/keyboard.egpt");
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = 64;

/// Runs a check with a suggester of the shipped model.
fn with_suggester(check: impl FnOnce(&mut Suggester<'_, Keys<'static>>)) {
    let model = Model::parse(&BLOB.0).unwrap();
    let mut ram = Workspace::<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>::new();
    let session = Session::new(&model, CONTEXT, ram.buffers()).unwrap();
    check(&mut Suggester::with_keyboard(session, SuggestOptions::DEFAULT, Keys::QWERTY));
}

/// Three words for a text with the caret at `|`.
fn three(suggester: &mut Suggester<'_, Keys<'static>>, text: &str) -> Vec<Suggestion> {
    let (before, after) = text.split_once('|').unwrap();
    suggester.set_text_after(after);
    let mut slots = [Suggestion::EMPTY; 3];
    suggester.suggest(before, &mut slots).to_vec()
}

#[test]
fn nothing_is_offered_within_a_word_unless_asked_for() {
    with_suggester(|suggester| {
        for text in ["see you tom|row", "i do|n't know", "that is int|resting to me", "see you tomo|\u{2019}s"] {
            assert!(three(suggester, text).is_empty(), "{text}");
            assert!(suggester.correction().is_none(), "{text}");
        }
        for text in ["see you tom| row", "see you |tomorrow", "see you tom|, tom", "see you tom|-", "|see you"] {
            assert!(!three(suggester, text).is_empty(), "{text}");
        }
        suggester.set_options(SuggestOptions { within_words: true, ..SuggestOptions::DEFAULT });
        let words = three(suggester, "see you tom|row");
        assert!(words.iter().any(|word| word.as_str() == "tomorrow"), "{words:?}");
    });
}

#[test]
fn the_word_that_follows_is_not_offered_before_itself() {
    with_suggester(|suggester| {
        let offers = |words: &[Suggestion]| words.iter().any(|word| word.as_str() == "tomorrow");
        assert!(offers(&three(suggester, "see you tom|")));
        assert!(offers(&three(suggester, "see you tom| at ten")));
        assert!(!offers(&three(suggester, "see you tom| tomorrow")));
        assert!(!offers(&three(suggester, "see you |Tomorrow at ten")));
        assert!(offers(&three(suggester, "see you tom|\ntomorrow")), "it is in another line");
    });
}

#[test]
fn a_space_is_put_where_none_is() {
    with_suggester(|suggester| {
        for (text, takes_space) in [
            ("see you tom|", true),
            ("see you tom| at ten", false),
            ("see you tom|, at ten", false),
            ("see you tom|\nbye", false),
            ("see you tom|(at ten)", true),
            ("see you |at ten", true),
        ] {
            let words = three(suggester, text);
            assert!(!words.is_empty() && words.iter().all(|word| word.takes_space() == takes_space), "{text}");
        }
        three(suggester, "i agree with teh| idea");
        assert!(!suggester.correction().unwrap().takes_space());
    });
}
