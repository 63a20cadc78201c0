extern crate std;
use super::*;
use std::vec::Vec;

#[test]
fn learns_words_and_pairs_and_forgets_in_one_call() {
    let mut memory = [7; 1024];
    let mut personal = UserDictionary::new(&mut memory).unwrap();
    let text = "Meet Zdenka at Kirchplatz\nzdenka's late, Zdenka says at Kirchplatz.\nZdenka ";
    personal.learn(text, |word| ["Meet", "at", "late", "says"].contains(&word));
    let words: Vec<_> = personal.entries().collect();
    assert_eq!(words, [("Zdenka", 3), ("Kirchplatz", 2), ("zdenka's", 1)]);
    let hash = |word: &str| word_hash(word.as_bytes());
    assert!(personal.weighted_pair(hash("at"), hash("kirchplatz")).is_some());
    assert!(personal.weighted_pair(hash("at"), hash("zdenka")).is_none());
    let learned = personal.learned(hash("at"), [].into_iter());
    let weighted = |at| personal.weighted_word(&learned, at);
    let weight = |word: &str| Some((0..).map_while(weighted).find(|(text, _)| *text == word.as_bytes())?.1);
    assert!(weight("Zdenka") > weight("Kirchplatz"));
    assert!(weight("Kirchplatz").is_some() && weight("zdenka's").is_none(), "one use is not enough");
    personal.forget();
    assert_eq!(personal.words().count(), 0);
    assert!(personal.weighted_pair(hash("at"), hash("kirchplatz")).is_none());
}

/// A number in letters.
fn letters(n: usize) -> std::string::String {
    [n / 26, n % 26].map(|digit| char::from(b'a' + digit as u8)).iter().collect()
}

fn learned(text: &str, known: &[&str]) -> Vec<(std::string::String, u8)> {
    let mut memory = [0; 1024];
    let mut personal = UserDictionary::new(&mut memory).unwrap();
    personal.learn(text, |word| known.contains(&word));
    personal.entries().map(|(word, uses)| (word.into(), uses)).collect()
}

#[test]
fn words_have_the_capitals_that_they_have_within_sentences() {
    assert_eq!(learned("Zdenka is late.\n", &["is", "late"]), [("zdenka".into(), 1)]);
    assert_eq!(learned("Zdenka. I saw Zdenka. Zdenka\n", &["I", "saw"]), [("Zdenka".into(), 3)]);
    assert_eq!(learned("NASA! iPad\n", &[]), [("NASA".into(), 1), ("iPad".into(), 1)]);
    assert_eq!(learned("\u{C9}cole\n", &[]), [("\u{E9}cole".into(), 1)]);
}

#[test]
fn neither_digits_nor_long_words_nor_unfinished_ones_are_learned() {
    assert_eq!(learned("hunter2 a1b 12 \u{665}x zdenk", &[]), []);
    assert_eq!(learned("zdenk,", &[]), [("zdenk".into(), 1)]);
    let [longest, too_long] = [31, 32].map(|n| "x".repeat(n));
    assert_eq!(learned(&std::format!("{longest} {too_long} "), &[]), [(longest, 1)]);
}

#[test]
fn what_may_be_a_slip_takes_four_uses() {
    let offered = |word: &str, uses: usize| {
        let mut memory = [0; 1024];
        let mut personal = UserDictionary::new(&mut memory).unwrap();
        personal.learn(&std::format!("say {word}\n").repeat(uses), |known| ["say", "receive"].contains(&known));
        let learned = personal.learned(0, [].into_iter());
        (0..).map_while(|at| personal.weighted_word(&learned, at)).any(|(text, _)| text == word.as_bytes())
    };
    for slip in ["recieve", "receve", "receivee", "recejve", "eceive", "Receivr"] {
        assert_eq!([2, 3, 4].map(|uses| offered(slip, uses)), [false, false, true], "{slip}");
    }
    assert_eq!([1, 2].map(|uses| offered("Zdenka", uses)), [false, true]);
    assert!(offered("sai", 2), "too short to tell");
}

#[test]
fn a_word_that_stands_in_the_text_does_not_count_for_being_recent() {
    let mut memory = [0; 1024];
    let mut personal = UserDictionary::new(&mut memory).unwrap();
    personal.learn("meet Zdenka late\n", |_| true);
    let hash = |word: &str| word_hash(word.as_bytes());
    let weight = |text: &[&str], word: &str| {
        let learned = personal.learned(0, text.iter().map(|word| hash(word)));
        personal.weighted_recent(&learned, hash(word))
    };
    assert_eq!(weight(&[], "zdenka"), Some(RECENT_WORD));
    assert_eq!(weight(&["late", "x"], "zdenka"), Some(RECENT_WORD));
    assert_eq!(weight(&["late", "zdenka"], "zdenka"), None);
    assert_eq!(weight(&[], "x"), None);
}

#[test]
fn words_can_be_added_and_forgotten() {
    let mut memory = [0; 1024];
    let mut personal = UserDictionary::new(&mut memory).unwrap();
    assert!(personal.add("Zdenka") && !personal.add("a b") && !personal.add("x1") && !personal.add(""));
    let learned = personal.learned(0, [].into_iter());
    assert!((0..).map_while(|at| personal.weighted_word(&learned, at)).any(|(text, _)| text == b"Zdenka"));
    assert!(personal.forget_word("ZDENKA") && !personal.forget_word("zdenka"));
    assert_eq!(personal.words().count(), 0);
}

#[test]
fn what_is_rare_and_old_makes_room() {
    let mut memory = [0; UserDictionary::MIN_BYTES];
    let mut personal = UserDictionary::new(&mut memory).unwrap();
    for i in 0..100 {
        personal.learn(&std::format!("Kirchplatz word{}.", letters(i)), |_| false);
    }
    let words: Vec<_> = personal.words().collect();
    assert!(words.contains(&"kirchplatz") && words.contains(&&*std::format!("word{}", letters(99))), "{words:?}");
}

#[test]
fn what_was_learned_can_be_restored() {
    let mut memory = [0; 512];
    let mut dictionary = UserDictionary::new(&mut memory).unwrap();
    for n in 250..290 {
        dictionary.learn(&std::format!("x{} y{}\n", "-".repeat(n), "'".repeat(n)), |_| false);
    }
    dictionary.save();
    UserDictionary::restore(&mut memory).unwrap();
}

#[test]
fn bytes_that_are_no_words_are_refused() {
    let mut memory = [0; 512];
    UserDictionary::new(&mut memory).unwrap().learn("Kirchplatz\n", |_| false);
    for forged in [&b"\x01\x02"[..], b"  ", b"-", b"\xFF", b"a b", "a\u{85}b".as_bytes()] {
        let word = &mut memory[HEADER_LEN..];
        word[0] = forged.len() as u8;
        word[4..4 + forged.len()].copy_from_slice(forged);
        UserDictionary { bytes: &mut memory }.save();
        assert_eq!(UserDictionary::restore(&mut memory).unwrap_err(), DictionaryError::Damaged, "{forged:?}");
    }
}

#[test]
fn damaged_bytes_are_refused() {
    let mut memory = [0; 512];
    let mut personal = UserDictionary::new(&mut memory).unwrap();
    personal.learn("Kirchplatz\n", |_| false);
    let saved = personal.save().to_vec();
    assert_eq!(UserDictionary::restore(&mut saved.clone()).unwrap().words().next(), Some("kirchplatz"));
    assert_eq!(UserDictionary::restore(&mut saved[..511].to_vec()).unwrap_err(), DictionaryError::Damaged);
    let missing = CapacityError { needed: 256, given: 255 };
    assert_eq!(UserDictionary::restore(&mut saved[..255].to_vec()).unwrap_err(), DictionaryError::Capacity(missing));
    for at in [0, 4, 7, 9, 20, 511] {
        let mut damaged = saved.clone();
        damaged[at] ^= 1;
        assert!(UserDictionary::restore(&mut damaged).is_err(), "byte {at}");
    }
    assert!(UserDictionary::restore(&mut [0; 600]).is_err());
    assert!(UserDictionary::new(&mut [0; 255]).is_err());
}
