//! Keys in, text and readings out.

use embedded_gpt::{Aligned, Config, Model, Session, SuggestOptions, UserDictionary, Workspace, include_model};

use super::*;

static BLOB: &Aligned<[u8]> = include_model!("../../../models/demo.egpt");
const CONFIG: Config = Config::of(&BLOB.0);
const CONTEXT: usize = 64;
type Ram = Workspace<{ CONFIG.kv_words(CONTEXT) }, { CONFIG.scratch_words(CONTEXT) }>;

fn with_phone(test: impl FnOnce(&mut KeypadPhone<'_, '_>)) {
    let model = Model::parse(&BLOB.0).unwrap();
    let (mut ram, mut words) = (Ram::new(), [0; 1024]);
    let session = Session::new(&model, CONTEXT, ram.buffers()).unwrap();
    let mut suggester = Suggester::with_keyboard(session, SuggestOptions::DEFAULT, KEYS);
    suggester.set_user_dictionary(UserDictionary::new(&mut words).unwrap());
    test(&mut KeypadPhone::new(&mut suggester));
}

fn press(phone: &mut KeypadPhone<'_, '_>, keys: &str) -> String {
    keys.bytes().for_each(|key| phone.press(key));
    while phone.poll() == Progress::Working {}
    phone.line().collect()
}

#[test]
fn keys_are_those_of_a_telephone() {
    assert_eq!(KEYS, Keys::KEYPAD);
}

#[test]
fn keys_are_read_as_words_and_a_space_takes_them() {
    with_phone(|phone| {
        assert_eq!(press(phone, "84265 968"), "Thank you");
        assert_eq!(press(phone, "0"), "Thank you ");
        assert_eq!(press(phone, "\x7f"), "Thank you", "the keys are back");
        assert_eq!(press(phone, "\x7f\x7f").len(), "Thank y".len());
        assert_eq!(press(phone, "68#"), "Thank you. ");
        assert_eq!(press(phone, "#"), "Thank you, ", "the next sign");
    });
}

#[test]
fn a_star_shows_every_word_and_comes_round() {
    with_phone(|phone| {
        press(phone, "46");
        let words: Vec<String> = phone.readings().0.map(String::from).collect();
        assert!(words.len() > 2);
        for word in words.iter().skip(1).chain([&words[0]]) {
            assert_eq!(&press(phone, "*"), word);
        }
        assert_eq!(press(phone, "*9").split(' ').next(), Some(words[1].as_str()), "a letter takes it");
    });
}

#[test]
fn a_word_that_nobody_lists_is_spelled_once() {
    with_phone(|phone| {
        press(phone, "2933652");
        press(phone, "\x7f\x7f\x7f\x7f\x7f\x7f\x7f");
        assert_eq!(press(phone, ""), "");
        for (number, (key, letter)) in "933652".chars().zip("Zdenka".chars()).enumerate() {
            press(phone, key.encode_utf8(&mut [0; 4]));
            press(phone, "1");
            let is_right = |line: &str| line.chars().nth(number) == Some(letter);
            assert!((0..8).any(|_| is_right(&phone.line().collect::<String>()) || is_right(&press(phone, "*"))));
        }
        assert_eq!(press(phone, "0"), "Zdenka ");
        press(phone, "933652");
        assert!(phone.readings().0.any(|word| word == "Zdenka"));
    });
}

#[test]
fn numbers_have_all_digits_and_signs_within() {
    with_phone(|phone| {
        assert_eq!(press(phone, "110#30*"), "10:30 ");
        assert_eq!(press(phone, "12*"), "10:30 2 ");
    });
}

#[test]
fn other_bytes_and_full_lines_do_no_harm() {
    with_phone(|phone| {
        assert_eq!(press(phone, "x\0\x7f*\r\x7f"), "");
        press(phone, &"2#3*4 1*#0".repeat(20));
        assert!(phone.line().count() <= 200);
        assert_eq!(press(phone, "\r"), "");
    });
}
