//! Words that a blob or the caller lists as blocked: not offered before they are typed out, whoever finds them.

use egpt_core::blob_file::BlobFile;
use egpt_core::words::BlockedWords;
use embedded_gpt::{
    Config, Keyboard, Keys, Letters, Phrase, PhraseOptions, Progress, Session, SuggestOptions, Suggester, Suggestion,
    UserDictionary, Workspace,
};

const KEYBOARD: &[u8] = include_bytes!("../models/keyboard.egpt");
const CONFIG: Config = Config::of(KEYBOARD);
const CONTEXT: usize = 64;
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;

/// The lists of a product.
#[derive(Clone, Copy, Default)]
struct Lists<'l> {
    /// Lines of the blob's list, and whether it is switched off.
    listed: &'l str,
    is_off: bool,
    /// The caller's own.
    own: &'l [&'l str],
}

/// Runs a check with a suggester of the shipped model that has some lists.
fn with_suggester<K: Keyboard>(keyboard: K, lists: Lists<'_>, check: impl FnOnce(&mut Suggester<'_, K>)) {
    let list = BlockedWords::of(lists.listed).unwrap();
    let file = BlobFile::new(&list.put_into(KEYBOARD).unwrap());
    let model = file.model().unwrap();
    assert_eq!(model.blocked().len(), list.len());
    let mut ram = Box::new(Ram::new());
    let session = Session::new(&model, CONTEXT, ram.buffers()).unwrap();
    let options = SuggestOptions {
        blocked: lists.own,
        block_listed: !lists.is_off,
        auto_capitals: true,
        ..SuggestOptions::DEFAULT
    };
    check(&mut Suggester::with_keyboard(session, options, keyboard));
}

/// All words for a text, in small letters.
fn words<K: Keyboard>(suggester: &mut Suggester<'_, K>, text: &str) -> Vec<String> {
    let mut slots = [Suggestion::EMPTY; 16];
    suggester.suggest(text, &mut slots).iter().map(|word| word.as_str().to_lowercase()).collect()
}

/// Whether a word is offered for each text.
fn offers<const N: usize>(lists: Lists<'_>, word: &str, texts: [&str; N]) -> [bool; N] {
    let mut offered = [false; N];
    with_suggester(Letters, lists, |suggester| {
        offered = texts.map(|text| words(suggester, text).contains(&word.into()));
    });
    offered
}

/// A list that is the blob's, and then the caller's.
fn both<'l>(listed: &'l str, own: &'l [&'l str]) -> [Lists<'l>; 2] {
    assert!(listed.lines().eq(own.iter().copied()));
    [Lists { listed, ..Lists::default() }, Lists { own, ..Lists::default() }]
}

#[test]
fn a_word_is_not_offered_in_any_case() {
    let texts = ["see you tom", "see you t", "See you Tomo", "Tom", "SEE YOU TOMO"];
    assert_eq!(offers(Lists::default(), "tomorrow", texts), [true; 5]);
    for lists in both("Tomorrow\ndarn", &["Tomorrow", "darn"]) {
        assert_eq!(offers(lists, "tomorrow", texts), [false; 5]);
    }
    // Matched as a whole.
    for lists in both("tom\ntomorro\nrow", &["tom", "tomorro", "row"]) {
        assert_eq!(offers(lists, "tomorrow", texts), [true; 5]);
    }
}

#[test]
fn a_product_can_switch_the_list_of_the_blob_off() {
    let texts = ["see you tom", "how are y"];
    let off = Lists { listed: "tomorrow\nare you", is_off: true, own: &[] };
    assert_eq!(offers(off, "tomorrow", texts), [true, false]);
    assert_eq!(offers(off, "you", texts), [false, true]);
    let own = Lists { own: &["tomorrow"], ..off };
    assert_eq!(offers(own, "tomorrow", texts), [false, false]);
}

#[test]
fn the_last_word_of_a_phrase_is_not_offered_after_the_others() {
    let texts = ["how are y", "HOW ARE ", "Well, how, \"are y", "what are y", "how about y", "are\nhow y", "y"];
    assert_eq!(offers(Lists::default(), "you", texts), [true; 7]);
    for lists in both("are you", &["are you"]) {
        assert_eq!(offers(lists, "you", texts), [false, false, false, false, true, true, true]);
    }
    for lists in both("how are you", &["how are you"]) {
        assert_eq!(offers(lists, "you", texts), [false, false, false, true, true, true, true]);
    }
}

#[test]
fn what_a_person_has_learned_is_not_offered_either() {
    for (lists, is_offered) in [(Lists::default(), true), (Lists { listed: "zdenka", ..Lists::default() }, false)] {
        let memory = Box::leak(Box::new([0; 1024]));
        with_suggester(Letters, lists, |suggester| {
            let mut dictionary = UserDictionary::new(memory).unwrap();
            dictionary.add("Zdenka");
            suggester.set_user_dictionary(dictionary);
            assert_eq!(words(suggester, "i met Zde").contains(&"zdenka".into()), is_offered);
        });
    }
}

/// What the space bar makes of the last word of a text.
fn corrected<K: Keyboard>(keyboard: K, lists: Lists<'_>, text: &str) -> Option<String> {
    let mut correction = None;
    with_suggester(keyboard, lists, |suggester| {
        let start = text.rfind(' ').map_or(0, |space| space + 1);
        for end in start + 1..=text.len() {
            words(suggester, &text[..end]);
        }
        correction = suggester.correction().map(|word| word.as_str().to_owned());
    });
    correction
}

#[test]
fn no_text_is_corrected_into_a_blocked_word() {
    let heard = |lists| corrected(Keys::QWERTY, lists, "i have never hearf");
    assert_eq!(heard(Lists::default()).as_deref(), Some("heard"));
    for lists in both("heard", &["heard"]).into_iter().chain(both("have never heard", &["have never heard"])) {
        assert_eq!(heard(lists), None);
        with_suggester(Keys::QWERTY, lists, |suggester| {
            assert!(!words(suggester, "i have never hearf").contains(&"heard".into()));
        });
    }
    let elsewhere = Lists { listed: "have heard", ..Lists::default() };
    assert_eq!(heard(elsewhere).as_deref(), Some("heard"));
    let off = Lists { listed: "heard", is_off: true, own: &[] };
    assert_eq!(heard(off).as_deref(), Some("heard"));
}

/// It would be taken for a slip of another word if nobody knew it: all others that it may be are likely here.
#[test]
fn a_blocked_word_that_was_typed_is_not_corrected() {
    for (text, word) in [("i agree with the", "the"), ("i have never heard", "heard"), ("see you tomorrow", "tomorrow")]
    {
        for lists in [Lists { listed: word, ..Lists::default() }, Lists { own: &[word], ..Lists::default() }] {
            assert_eq!(corrected(Keys::QWERTY, lists, text), None, "{text}");
        }
    }
}

#[test]
fn keys_for_several_letters_spell_the_likeliest_word_that_is_not_blocked() {
    let text = "i want to go 4663";
    let first = corrected(Keys::KEYPAD, Lists::default(), text).unwrap();
    let second = corrected(Keys::KEYPAD, Lists { listed: &first, ..Lists::default() }, text).unwrap();
    assert!(first != second && second.len() == 4, "{first}, {second}");
    let third = corrected(Keys::KEYPAD, Lists { listed: &first, own: &[&second], is_off: false }, text);
    assert!(third.is_none_or(|third| third != first && third != second));
}

/// The phrase after the best word for a text.
fn phrase(lists: Lists<'_>, text: &str) -> String {
    let mut whole = String::new();
    with_suggester(Letters, lists, |suggester| {
        let mut slots = [Suggestion::EMPTY; 3];
        let first = suggester.suggest(text, &mut slots)[0];
        let mut phrase = Phrase::after(&first, PhraseOptions { min_percent: 0, max_words: 4 });
        while phrase.poll(suggester) == Progress::Working {}
        whole = phrase.as_str().to_lowercase();
    });
    whole
}

/// A text, the last word before the one that is typed, and what the phrase is if nothing is blocked: several words.
fn text_with_phrase() -> (&'static str, &'static str, Vec<String>) {
    let texts = [("i don't k", "don't"), ("what do you w", "you"), ("how a", "how"), ("nice to m", "to")];
    let with_phrase = texts.map(|(text, last)| {
        (text, last, phrase(Lists::default(), text).split(' ').map(str::to_owned).collect::<Vec<_>>())
    });
    let are_different = |words: &[String]| words.len() > 2 && words[0] != words[2] && words[1] != words[2];
    with_phrase.into_iter().find(|(.., words)| are_different(words)).unwrap()
}

#[test]
fn a_phrase_stops_before_a_blocked_word() {
    let (text, last, free) = text_with_phrase();
    let [a, b, c] = [0, 1, 2].map(|n| free[n].as_str());
    // Alone, after a word of the phrase, after two.
    for listed in [c.to_owned(), format!("{b} {c}"), format!("{a} {b} {c}")] {
        for lists in both(&listed, &[&listed]) {
            assert_eq!(phrase(lists, text), format!("{a} {b}"), "{listed}");
        }
    }
    // After a word of the phrase and one of the text, too.
    for listed in [b.to_owned(), format!("{a} {b}"), format!("{last} {a} {b}")] {
        for lists in both(&listed, &[&listed]) {
            assert_eq!(phrase(lists, text), "", "{listed}");
        }
    }
    let elsewhere = format!("why {a} {b}\n{c} {b}");
    let off = Lists { listed: c, is_off: true, own: &[] };
    for lists in [Lists { listed: &elsewhere, ..Lists::default() }, off] {
        assert_eq!(phrase(lists, text), free.join(" "));
    }
}
