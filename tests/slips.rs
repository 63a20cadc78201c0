//! Slips of a finger: what was meant is offered, and what was typed right stays.

use embedded_gpt::{
    Aligned, Config, Keyboard, Keys, Letters, Model, Progress, Session, SuggestOptions, Suggester, Suggestion,
    UserDictionary, Workspace, include_model,
};

static KEYBOARD: &Aligned<[u8]> = include_model!("../models/keyboard.egpt");
const CONFIG: Config = Config::of(&KEYBOARD.0);
const CONTEXT: usize = 64;
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;

/// Runs a check with a suggester of the shipped model.
fn with_suggester<K: Keyboard>(keyboard: K, check: impl FnOnce(&mut Suggester<'_, K>)) {
    let model = Model::parse(&KEYBOARD.0).unwrap();
    let mut ram = Box::new(Ram::new());
    let session = Session::new(&model, CONTEXT, ram.buffers()).unwrap();
    check(&mut Suggester::with_keyboard(session, SuggestOptions::DEFAULT, keyboard));
}

/// Types the last word of a text letter by letter; gives three words.
fn typed<K: Keyboard>(suggester: &mut Suggester<'_, K>, text: &str) -> Vec<Suggestion> {
    let mut slots = [Suggestion::EMPTY; 3];
    let mut n = 0;
    for (at, c) in text.char_indices().filter(|(at, _)| *at >= text.rfind(' ').map_or(0, |space| space + 1)) {
        n = suggester.suggest(&text[..at + c.len_utf8()], &mut slots).len();
    }
    slots[..n].to_vec()
}

fn words<K: Keyboard>(suggester: &mut Suggester<'_, K>, text: &str) -> Vec<String> {
    typed(suggester, text).iter().map(ToString::to_string).collect()
}

/// A neighbour, a letter left out, a key too many, two letters swapped, a slip at the start, a slip on the way, two.
const SLIPS: [(&str, &str); 12] = [
    ("how are yoi", "you"),
    ("i really liek", "like"),
    ("what is your favrite", "favorite"),
    ("that is so intresting", "interesting"),
    ("i agree with tje", "the"),
    ("i agree with teh", "the"),
    ("have you eber", "ever"),
    ("my favorite moviie", "movie"),
    ("yeah i definately", "definitely"),
    ("see you romorrow", "tomorrow"),
    ("see you tomorow", "tomorrow"),
    ("let us go tohrther", "together"),
];

#[test]
fn what_was_meant_is_offered_after_a_slip() {
    with_suggester(Letters, |suggester| {
        for (text, meant) in SLIPS {
            assert!(!words(suggester, text).contains(&meant.into()), "{text}");
        }
    });
    with_suggester(Keys::QWERTY, |suggester| {
        for (text, meant) in SLIPS {
            let found = typed(suggester, text);
            let word = found.iter().find(|word| word.as_str() == meant);
            assert!(word.is_some_and(Suggestion::corrects), "{text}: {found:?}");
        }
    });
}

#[test]
fn the_space_that_is_missing_between_two_words_is_offered() {
    with_suggester(Keys::QWERTY, |suggester| {
        for (text, meant) in [
            ("i have alot", "a lot"),
            ("Alot", "A lot"),
            ("i like it aswell", "as well"),
            ("yes, ofcourse", "of course"),
            ("iam", "I am"),
            ("ALOT", "A LOT"),
        ] {
            let found = typed(suggester, text);
            assert!(found.first().is_some_and(|word| word.as_str() == meant && word.corrects()), "{text}: {found:?}");
        }
        typed(suggester, "i live inthe");
        assert_eq!(suggester.correction().unwrap().as_str(), "in the");
        // One of the words is not listed, a letter apart is none, and a word may be a name.
        for text in ["i like the inzdenka", "my xq", "i met Zdenkathe"] {
            assert!(!words(suggester, text).iter().any(|word| word.contains(' ')), "{text}");
            assert!(suggester.correction().is_none(), "{text}");
        }
    });
    with_suggester(Letters, |suggester| assert!(words(suggester, "i have alot").is_empty()));
}

#[test]
fn two_words_are_blocked_as_if_the_space_had_been_typed() {
    with_suggester(Keys::QWERTY, |suggester| {
        suggester.set_options(SuggestOptions { blocked: &["of course", "well"], ..SuggestOptions::DEFAULT });
        for (text, meant) in [("yes, ofcourse", "of course"), ("i like it aswell", "as well")] {
            assert!(!words(suggester, text).contains(&meant.into()), "{text}");
        }
        assert!(words(suggester, "i have alot").contains(&"a lot".into()));
    });
}

#[test]
fn a_word_is_completed_from_a_slip_on() {
    with_suggester(Keys::QWERTY, |suggester| {
        for (text, meant) in [("i will tell you tomirr", "tomorrow"), ("that is so intrest", "interesting")] {
            assert!(words(suggester, text).contains(&meant.into()), "{text}: {:?}", words(suggester, text));
        }
    });
}

#[test]
fn words_that_are_typed_right_are_offered_as_without_slips() {
    let texts =
        ["how are yo", "i really lik", "what do you thin", "the weather is nic", "I don't kn", "see you tom", "ha"];
    let mut expected = Vec::new();
    with_suggester(Letters, |suggester| expected = texts.map(|text| words(suggester, text)).to_vec());
    with_suggester(Keys::QWERTY, |suggester| {
        assert_eq!(texts.map(|text| words(suggester, text)).to_vec(), expected);
        assert!(texts.iter().all(|text| typed(suggester, text).iter().all(|word| !word.corrects())));
    });
}

#[test]
fn backspace_goes_back_to_what_was_there_before_the_slip() {
    with_suggester(Keys::QWERTY, |suggester| {
        let before = words(suggester, "i really li");
        assert!(words(suggester, "i really lixk").contains(&"like".into()));
        let mut slots = [Suggestion::EMPTY; 3];
        let again: Vec<_> = suggester.suggest("i really li", &mut slots).iter().map(ToString::to_string).collect();
        assert_eq!(again, before);
    });
}

#[test]
fn the_space_bar_corrects_what_is_surely_a_slip() {
    with_suggester(Keys::QWERTY, |suggester| {
        for (text, meant) in
            [("i agree with teh", "the"), ("i have never hearf", "heard"), ("Intresting", "Interesting")]
        {
            typed(suggester, text);
            let word = suggester.correction().unwrap_or_else(|| panic!("{text}"));
            assert!(word.as_str() == meant && word.corrects() && word.percent() >= 90, "{text} {word:?}");
        }
        // Right, names, not sure, digits, capitals within, nothing typed.
        for text in ["i agree with the", "I met Zdenka", "i met zdenka", "i like ghe", "at 10 tge3", "my iPhine", "i "]
        {
            typed(suggester, text);
            let word = suggester.correction();
            assert!(word.is_none() || text == "i like ghe" && word.unwrap().percent() >= 90, "{text} {word:?}");
        }
    });
}

#[test]
fn what_the_person_means_is_not_corrected() {
    let memory = Box::leak(Box::new([0; 1024]));
    with_suggester(Keys::QWERTY, |suggester| {
        typed(suggester, "i agree with teh");
        assert!(suggester.correction().is_some());
        suggester.keep("teh");
        assert!(suggester.correction().is_none());
        typed(suggester, "you can have Teh");
        assert!(suggester.correction().is_none(), "in another place and case, too");
        suggester.set_user_dictionary(UserDictionary::new(memory).unwrap());
        typed(suggester, "i have never hearf");
        assert!(suggester.correction().is_some());
        suggester.learn("hearf\n");
        typed(suggester, "i had never hearf");
        assert!(suggester.correction().is_some(), "one use may have been a slip");
        suggester.learn("hearf\n");
        typed(suggester, "i have never hearf");
        assert!(suggester.correction().is_none());
    });
}

#[test]
fn words_stay_on_offer_while_slips_are_looked_for() {
    with_suggester(Keys::QWERTY, |suggester| {
        let text = "i agree with tje";
        let mut slots = [Suggestion::EMPTY; 3];
        suggester.suggest(&text[..text.len() - 1], &mut slots);
        let mut n_slice = 0;
        while suggester.poll(text) == Progress::Working {
            n_slice += 1;
            assert!(suggester.best(&mut slots).iter().all(|word| word.log_prob() < 0));
        }
        assert!(n_slice > 2 && suggester.best(&mut slots).iter().any(|word| word.as_str() == "the"));
    });
}

#[test]
fn keys_of_several_letters_are_read_by_the_words_they_may_be() {
    with_suggester(Keys::KEYPAD, |suggester| {
        for (keys, meant) in [
            ("how are 968", "you"),
            ("what is your 32867483", "favorite"),
            ("that is so 2665", "cool"),
            ("i 3668", "don't"),
        ] {
            typed(suggester, keys);
            let word = suggester.correction().unwrap_or_else(|| panic!("{keys}"));
            assert_eq!(word.as_str(), meant, "{keys}");
            assert!(!word.corrects());
        }
        // What goes on behind the keys.
        assert!(words(suggester, "what is your 3286").contains(&"favorite".into()));
    });
}
